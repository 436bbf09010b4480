-- One line of JSON at the end of a run; with the argument `x-cache` it also counts the answers by that header,
-- which costs some of wrk's speed.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  if arguments[1] == "x-cache" then
    hit, miss, bypass = 0, 0, 0
    response = function(_, headers)
      local state = headers["X-Cache"] or headers["x-cache"]
      if state == "HIT" then hit = hit + 1
      elseif state == "MISS" then miss = miss + 1
      elseif state == "BYPASS" then bypass = bypass + 1 end
    end
  end
end

function done(summary, latency)
  local errors, count = summary.errors, { hit = 0, miss = 0, bypass = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(count) do count[name] = count[name] + (thread:get(name) or 0) end
  end
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "failures": %d, "hit": %d, "miss": %d, "bypass": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, count.hit, count.miss, count.bypass))
end
