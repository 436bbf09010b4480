/** Buttons that ask the API for something and say what came of it. */
import { ApiError, ask } from "./api.js";

/**
 * Let every [data-post] inside `root` send what its form or data-body says; onDone(answer, button) follows a success.
 *
 * data-confirm asks first; data-method is POST unless it says otherwise; what went wrong goes to [data-said].
 */
export function listen(root, onDone) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-post]");
    if (!button || button.disabled || (button.dataset.confirm && !window.confirm(button.dataset.confirm))) return;
    event.preventDefault();
    button.disabled = true;
    try {
      const body = button.dataset.body && JSON.parse(button.dataset.body);
      const answer = await ask(button.dataset.post, { method: button.dataset.method ?? "POST", body });
      await onDone(answer, button);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(error.message, true);
    } finally {
      button.disabled = false;
    }
  });
}

/** Tell the operator what came of it. */
export function say(words, isBad = false) {
  const element = document.querySelector("[data-said]");
  element.textContent = words;
  element.className = isBad ? "said health-bad" : "said";
}
