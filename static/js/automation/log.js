/** The log of a job: its lines, what narrows them, and taking them away. */
import { LogLines, asText } from "./log_lines.js";
import { LogView } from "./log_view.js";
import { copy } from "./clipboard.js";
import { saveAsJson } from "./export.js";
import { count, plural } from "./words.js";

export class Log {
  /** `root` is what templates/admin/automation/log.html renders. */
  constructor(root) {
    this.root = root;
    this.lines = new LogLines();
    this.waiting = [];
    this.view = new LogView(root, this.lines, { onChoose: (entry) => this.#tell(entry) });
    this.channel = root.querySelector("[data-log-channel]");
    this.#on("[data-log-level]", "change", (select) => this.#narrow({ level: select.value }));
    this.#on("[data-log-channel]", "change", (select) => this.#narrow({ channelId: select.value }));
    this.#on("[data-log-search]", "input", (input) => this.#narrow({ text: input.value }));
    this.#on("[data-log-copy]", "click", () => this.#copy());
    this.#on("[data-log-json]", "click", (button) => this.#save(button));
    this.#link();
  }

  /** Take a line in; drawn with the next frame. */
  add(entry) {
    this.waiting.push(entry);
    this.frame ??= requestAnimationFrame(() => this.#takeIn());
  }

  #takeIn() {
    this.frame = null;
    const before = this.lines.shown.length;
    if (this.lines.add(this.waiting)) this.#offerChannels();
    this.waiting = [];
    this.view.added(this.lines.shown.length - before);
    this.#count();
  }

  #narrow(changes) {
    this.lines.narrow(changes);
    this.view.changed();
    this.#count();
    this.#link();
  }

  #count() {
    const { all, shown } = this.lines;
    const words = shown.length === all.length ? plural(all.length, "line") : `${count(shown.length)} of ${plural(all.length, "line")}`;
    this.root.querySelector("[data-log-count]").textContent = words;
    this.root.querySelector("[data-log-empty]").hidden = shown.length > 0;
  }

  #offerChannels() {
    const names = [...this.lines.channels].sort(([, one], [, other]) => one.localeCompare(other));
    const options = names.map(([id, name]) => new Option(name, id, false, id === this.lines.filter.channelId));
    this.channel.replaceChildren(this.channel.options[0], ...options);
  }

  /** What is exported is what the levels and the channel let through. */
  #link() {
    const { level, channelId } = this.lines.filter;
    for (const link of this.root.querySelectorAll("[data-log-export]")) {
      const url = new URL(link.href);
      for (const [name, value] of [["level", level === "debug" ? "" : level], ["channelId", channelId]]) {
        if (value) url.searchParams.set(name, value);
        else url.searchParams.delete(name);
      }
      link.href = url.href;
    }
  }

  async #save(button) {
    const url = this.root.querySelector("[data-log-export=ndjson]").href;
    try {
      await saveAsJson(url, button.dataset.logJson);
    } catch (error) {
      this.#say(`Not saved: ${error.message}`);
    }
  }

  async #copy() {
    const { shown } = this.lines;
    const isCopied = await copy(shown.map(asText).join("\n"));
    this.#say(isCopied ? `Copied ${plural(shown.length, "line")}.` : "The browser did not let us copy.");
  }

  #say(words) {
    this.root.querySelector("[data-log-said]").textContent = words;
  }

  #tell(entry) {
    const details = this.root.querySelector("[data-log-details]");
    details.hidden = !entry;
    if (!entry) return;
    const facts = { time: `${entry.time}`, level: entry.level, event: entry.event, channel: entry.channelName, ...entry.data };
    details.querySelector("[data-log-message]").textContent = entry.message || entry.event;
    const list = details.querySelector("dl");
    list.replaceChildren(...Object.entries(facts).filter(([, value]) => value !== null && value !== "").flatMap(fact));
  }

  #on(selector, event, what) {
    this.root.querySelector(selector).addEventListener(event, ({ currentTarget }) => what(currentTarget));
  }
}

function fact([name, value]) {
  const term = document.createElement("dt");
  const told = document.createElement("dd");
  term.textContent = name;
  told.textContent = typeof value === "object" ? JSON.stringify(value) : String(value);
  return [term, told];
}
