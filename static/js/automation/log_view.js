/** A window on the lines of a log: only those in sight are elements, however many there are. */
import { clock } from "./words.js";

const BEYOND_SIGHT = 10;

export class LogView {
  /** `root` has [data-log-view] with [data-log-rows], and the button [data-log-newest]. onChoose(entry or null). */
  constructor(root, lines, { onChoose }) {
    this.lines = lines;
    this.onChoose = onChoose;
    this.view = root.querySelector("[data-log-view]");
    this.rows = root.querySelector("[data-log-rows]");
    this.newest = root.querySelector("[data-log-newest]");
    this.height = parseFloat(getComputedStyle(this.view).getPropertyValue("--line-height"));
    this.follows = true;
    this.top = 0;
    this.chosen = -1;
    this.unseen = 0;
    this.view.addEventListener("scroll", () => this.#scrolled());
    this.view.addEventListener("keydown", (event) => this.#key(event));
    this.rows.addEventListener("click", (event) => this.#clicked(event));
    this.newest.addEventListener("click", () => this.follow());
    new ResizeObserver(() => this.draw()).observe(this.view);
  }

  /** Lines came: draw once with the next frame, however many. */
  added(count) {
    if (!this.follows) this.unseen += count;
    this.draw();
  }

  /** Other lines are shown now, from the newest on. */
  changed() {
    this.#choose(-1);
    this.follow();
  }

  /** Stay with the newest line. */
  follow() {
    this.follows = true;
    this.unseen = 0;
    this.draw();
  }

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#draw();
    });
  }

  #draw() {
    const total = this.lines.shown.length;
    this.rows.style.height = `${total * this.height}px`;
    if (this.follows) this.view.scrollTop = this.top = Math.max(total * this.height - this.view.clientHeight, 0);
    const first = Math.max(Math.floor(this.view.scrollTop / this.height) - BEYOND_SIGHT, 0);
    const inSight = Math.ceil(this.view.clientHeight / this.height) + 2 * BEYOND_SIGHT;
    const last = Math.min(first + inSight, total);
    while (this.rows.children.length < last - first) this.rows.append(row());
    while (this.rows.children.length > last - first) this.rows.lastChild.remove();
    for (let index = first; index < last; index += 1) this.#fill(this.rows.children[index - first], index);
    this.newest.hidden = this.follows || total * this.height <= this.view.clientHeight;
    this.newest.textContent = this.unseen ? `Jump to the newest (${this.unseen.toLocaleString("en")} new)` : "Jump to the newest";
  }

  #fill(element, index) {
    const entry = this.lines.shown[index];
    element.style.transform = `translateY(${index * this.height}px)`;
    element.setAttribute("aria-selected", String(index === this.chosen));
    if (element.dataset.index === String(index) && element.entry === entry) return;
    element.entry = entry;
    element.dataset.index = index;
    element.id = `line-${entry.sequence}`;
    element.setAttribute("aria-posinset", index + 1);
    element.setAttribute("aria-setsize", this.lines.shown.length);
    element.className = `line line-${entry.level}`;
    const [time, level, event, message] = element.children;
    time.textContent = clock(entry.time);
    level.textContent = entry.level;
    event.textContent = entry.event;
    mark(message, entry.message || entry.event, this.lines.filter.text);
  }

  /** Scrolling up stops the following, coming to the end takes it up again. */
  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.view;
    if (scrollTop < this.top - 1) this.follows = false;
    if (scrollTop + clientHeight >= scrollHeight - 2) {
      this.follows = true;
      this.unseen = 0;
    }
    this.top = scrollTop;
    this.draw();
  }

  #key(event) {
    const total = this.lines.shown.length;
    const page = Math.max(Math.floor(this.view.clientHeight / this.height) - 1, 1);
    const from = this.chosen < 0 ? total : this.chosen;
    const to = { ArrowUp: from - 1, ArrowDown: from + 1, PageUp: from - page, PageDown: from + page, Home: 0, End: total - 1 };
    if (event.key === "Escape") this.#choose(-1);
    if (!(event.key in to) || !total) return;
    event.preventDefault();
    this.#choose(Math.min(Math.max(to[event.key], 0), total - 1));
    this.#reveal();
  }

  #clicked(event) {
    const line = event.target.closest("[data-index]");
    const index = line ? Number(line.dataset.index) : -1;
    this.#choose(index === this.chosen ? -1 : index);
  }

  #choose(index) {
    this.chosen = index;
    const entry = this.lines.shown[index] ?? null;
    if (entry) this.view.setAttribute("aria-activedescendant", `line-${entry.sequence}`);
    else this.view.removeAttribute("aria-activedescendant");
    this.onChoose(entry);
    this.draw();
  }

  #reveal() {
    const top = this.chosen * this.height;
    const isNewest = this.chosen === this.lines.shown.length - 1;
    this.follows = isNewest;
    if (isNewest) this.unseen = 0;
    if (top < this.view.scrollTop) this.view.scrollTop = top;
    const bottom = top + this.height - this.view.clientHeight;
    if (bottom > this.view.scrollTop) this.view.scrollTop = bottom;
    this.draw();
  }
}

function row() {
  const element = document.createElement("div");
  element.setAttribute("role", "option");
  for (const name of ["time", "level", "event", "message"]) {
    const cell = document.createElement("span");
    cell.className = `line-${name}`;
    element.append(cell);
  }
  return element;
}

/** Write `text`, with what was searched for marked. */
function mark(element, text, searched) {
  const at = searched ? text.toLowerCase().indexOf(searched) : -1;
  if (at < 0) {
    element.textContent = text;
    return;
  }
  const found = document.createElement("mark");
  found.textContent = text.slice(at, at + searched.length);
  element.replaceChildren(text.slice(0, at), found, text.slice(at + searched.length));
}
