/** Choosing one channel by a part of its name, and reading it. */
import { say, sayError } from "./actions.js";
import { ApiError, ask } from "./api.js";

const TYPING_MS = 250;

/** `form` is the one of templates/admin/automation/start.html; onStarted() follows a job that was started. */
export function chooseChannel(form, onStarted) {
  const input = form.querySelector("[data-channel-search]");
  const found = new Map();
  let timer = null;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (!found.has(input.value)) timer = setTimeout(() => offer(form, input.value, found), TYPING_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      if (!found.has(input.value)) await offer(form, input.value, found);
      const { message, jobId } = await read(form, input.value, found);
      say(message, jobId);
      await onStarted();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      sayError(error);
    }
  });
}

/** Put what a search finds into `found`, in the place of what one before it did. */
async function offer(form, typed, found) {
  found.clear();
  if (!typed.trim()) return;
  const channels = await ask(`/api/channels?limit=20&search=${encodeURIComponent(typed)}`);
  const labels = channels.map((channel) => label(channel));
  channels.forEach((channel, place) => found.set(labels[place], channel.id));
  form.querySelector("[data-channel-list]").replaceChildren(...labels.map((text) => new Option(text, text)));
}

/** Names are not unique; with the slug they are. */
function label({ name, slug }) {
  return `${name} (${slug})`;
}

async function read(form, typed, found) {
  const [only] = found.size === 1 ? found.values() : [];
  const id = found.get(typed) ?? only;
  if (!id) throw new ApiError(typed ? "Choose one of the channels that are offered." : "Type a part of the channel's name.", 400);
  const incremental = !form.querySelector("[data-channel-full]").checked;
  return ask("/api/automation/jobs/start", { method: "POST", body: { type: "channel_scan", targetId: id, incremental } });
}
