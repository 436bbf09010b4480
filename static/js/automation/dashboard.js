/** The dashboard: the job that runs now, live, and everything else as the server renders it, looked at again and again. */
import { listen, say } from "./actions.js";
import { chooseChannel } from "./one_channel.js";
import { LiveJob } from "./live_job.js";

const REFRESH_MS = 10000;
const STANDS = "a, button, summary";
const content = document.querySelector("#content-main");
const now = content.querySelector("[data-now]");
let live = null;
let timer = null;

/** Show the job of `section`, if it has one, as it happens. */
function watch() {
  live?.stop();
  const root = now.querySelector("[data-job]");
  live = root && new LiveJob(root, { onEnd: () => refresh() });
  live?.start();
}

/** Take over what changed on the page; a part in which somebody works stays as it is. */
async function refresh() {
  clearTimeout(timer);
  timer = setTimeout(refresh, REFRESH_MS);
  if (document.hidden) return;
  const page = await fetched();
  if (!page) return;
  for (const part of content.querySelectorAll("[data-part]")) {
    renew(part, page.querySelector(`[data-part="${part.dataset.part}"]`));
  }
  follow(page.querySelector("[data-now]"));
}

/** Somebody who types, or reads a chart's figures, is left alone; whoever stands on a button or a link stays there. */
function renew(part, fresh) {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  if (part.innerHTML === fresh.innerHTML || focused?.matches("input") || part.querySelector("details[open]")) return;
  const place = [...part.querySelectorAll(STANDS)].indexOf(focused);
  part.replaceChildren(...fresh.childNodes);
  if (focused) part.querySelectorAll(STANDS)[place]?.focus();
}

/** A job that has ended stays in sight until another one runs. */
function follow(fresh) {
  const next = fresh.querySelector("[data-job]")?.dataset.job;
  const current = now.querySelector("[data-job]")?.dataset.job;
  const mayLeave = !live || live.stream.ended;
  if (!next || next === current || !mayLeave) return;
  now.replaceChildren(...fresh.childNodes);
  watch();
}

async function fetched() {
  try {
    const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null; // the server is away: the next look may find it
  }
}

listen(content, (answer, button) => {
  if (button.dataset.then === "go") window.location.href = button.dataset.go.replace(button.dataset.id, answer.id);
  else say(answer?.message ?? button.dataset.done, answer?.jobId);
  return refresh();
});
chooseChannel(content.querySelector("[data-one-channel]"), refresh);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
timer = setTimeout(refresh, REFRESH_MS);
watch();
content.dataset.ready = "";
