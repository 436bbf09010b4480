/** Buttons and forms that ask the API for something and say what came of it. */
import { ApiError, ask } from "./api.js";

/**
 * Let every [data-post] inside `root` send its data-body, every form[data-patch] its fields; onDone(answer, element)
 * follows a success. data-confirm asks first. What went wrong is said.
 */
export function listen(root, onDone) {
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-post]");
    if (!button || (button.dataset.confirm && !window.confirm(button.dataset.confirm))) return;
    const body = button.dataset.body && JSON.parse(button.dataset.body);
    send(button, button, () => ask(button.dataset.post, { method: "POST", body }), onDone);
  });
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-patch]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    send(form, button, () => ask(form.dataset.patch, { method: "PATCH", body: hours(form) }), onDone);
  });
}

/** While it is under way the button does nothing more; it keeps the focus, which a disabled one would lose. */
async function send(element, button, request, onDone) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  try {
    await onDone(await request(), element);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sayError(error);
  } finally {
    button.ariaDisabled = "false";
  }
}

/** The API takes hours, people think in minutes. */
function hours(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, minutes]) => [name, Number(minutes) / 60]));
}

/** Tell the operator what came of it; `jobId` is that of a job that can be watched. */
export function say(words, jobId = "") {
  tell("said", words, jobId);
}

/** Tell what went wrong, with the job that is in the way, if one is. */
export function sayError(error) {
  tell("said health-bad", error.message, error.details.jobId);
}

function tell(className, words, jobId) {
  const element = document.querySelector("[data-said]");
  element.className = className;
  element.textContent = words;
  if (!jobId) return;
  const link = document.createElement("a");
  link.href = `${element.dataset.said}${jobId}/`;
  link.textContent = "Watch the job";
  element.append(" ", link);
}
