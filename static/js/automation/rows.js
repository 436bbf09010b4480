/** The table of a job's targets, drawn at most twice a second. */
import { Targets } from "./targets.js";
import { count, duration, plural } from "./words.js";

const MOST = 100;
const DRAW_MS = 500;
const COUNTED = ["videosFound", "videosAdded", "videosUpdated", "videosSkipped"];

export class Rows {
  /** `root` is what templates/admin/automation/rows.html renders. */
  constructor(root) {
    this.root = root;
    this.targets = new Targets();
    this.body = root.querySelector("tbody");
    this.filter = root.querySelector("[data-rows-status]");
    this.filter.addEventListener("change", () => this.#draw());
    this.ticking = setInterval(() => this.#tick(), 1000);
  }

  stop() {
    clearInterval(this.ticking);
  }

  replace(items) {
    this.targets.replace(items);
    this.#later();
  }

  running(items, askedAt) {
    this.targets.running(items, askedAt);
    this.#later();
  }

  note(entry) {
    this.targets.note(entry);
    this.#later();
  }

  #later() {
    this.timer ??= setTimeout(() => this.#draw(), DRAW_MS);
  }

  #draw() {
    clearTimeout(this.timer);
    this.timer = null;
    const rows = this.targets.listed(this.filter.value);
    while (this.body.children.length < Math.min(rows.length, MOST)) this.body.append(line());
    while (this.body.children.length > Math.min(rows.length, MOST)) this.body.lastChild.remove();
    rows.slice(0, MOST).forEach((row, index) => fill(this.body.children[index], row));
    this.root.querySelector("[data-rows-none]").hidden = rows.length > 0;
    const more = this.root.querySelector("[data-rows-more]");
    more.hidden = rows.length <= MOST;
    more.textContent = `and ${plural(rows.length - MOST, "more target")}`;
    this.#tick();
  }

  /** What runs shows for how long it has. */
  #tick() {
    for (const element of this.body.children) {
      const { startedAt, endedAt, status } = element.row;
      element.lastElementChild.textContent = startedAt && status !== "pending" ? duration((endedAt ?? Date.now()) - startedAt) : "–";
    }
  }
}

function line() {
  const element = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.append(document.createElement("bdi"), document.createElement("small"));
  const chip = document.createElement("span");
  chip.className = "chip";
  element.append(head, cell("status", chip), ...COUNTED.map((name) => cell(name.slice(6).toLowerCase())), cell("took"));
  return element;
}

function cell(label, ...children) {
  const element = document.createElement("td");
  element.dataset.label = label;
  element.append(...children);
  return element;
}

function fill(element, row) {
  element.row = row;
  const [head, status, ...rest] = element.children;
  head.firstChild.textContent = row.targetName;
  head.lastChild.textContent = row.errorMessage || "";
  status.firstChild.textContent = status.firstChild.dataset.status = row.status;
  COUNTED.forEach((name, index) => {
    rest[index].textContent = row[name] === undefined ? "–" : count(row[name]);
  });
}
