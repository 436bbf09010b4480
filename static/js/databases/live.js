/** Keeps the parts of a page up to date while something on it runs; without JavaScript the page reloads itself. */
const LOOK_MS = 1500;
const STANDS = "a, button, input, select, summary";

let timer = setTimeout(look, LOOK_MS);

/** Take over what changed, and go on while there is something to follow. */
async function look() {
  clearTimeout(timer);
  timer = setTimeout(look, LOOK_MS);
  if (document.hidden) return;
  const page = await fetched();
  if (!page) return;
  for (const part of document.querySelectorAll("[data-part]")) {
    renew(part, page.querySelector(`[data-part="${part.dataset.part}"]`));
  }
  if (!page.querySelector("[data-live]")) clearTimeout(timer);
}

/** Whoever stands on a link or a button stays there. */
function renew(part, fresh) {
  if (!fresh || part.innerHTML === fresh.innerHTML) return;
  part.toggleAttribute("data-live", fresh.hasAttribute("data-live"));
  const place = [...part.querySelectorAll(STANDS)].indexOf(document.activeElement);
  part.replaceChildren(...fresh.childNodes);
  if (place >= 0) part.querySelectorAll(STANDS)[place]?.focus();
}

/** The page as it is now, or null while the server is away: the next look may find it. */
async function fetched() {
  try {
    const response = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}
