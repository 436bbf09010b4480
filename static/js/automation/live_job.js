/** A job on a page: its panel, its targets and, where the page has one, its log, kept up to date by a stream. */
import { ApiError, askAll } from "./api.js";
import { showConnection } from "./connection.js";
import { Log } from "./log.js";
import { Panel } from "./panel.js";
import { Rows } from "./rows.js";
import { JobStream } from "./stream.js";

const RUNNING_MS = 15000;
const HIDDEN_MS = 10000;
const MOST_TARGETS = 1000;

export class LiveJob {
  /** `root` has data-job (the job's address in the API), data-events, and what panel.html, rows.html and log.html render. */
  constructor(root, { onEnd = () => {} } = {}) {
    this.url = root.dataset.job;
    this.root = root;
    this.onEnd = onEnd;
    this.panel = new Panel(root);
    this.rows = new Rows(root.querySelector("[data-rows]"));
    this.log = new Log(root.querySelector("[data-log]"));
    this.looked = () => this.#looked();
    const urls = { stream: `${this.url}/stream`, job: this.url, logs: `${this.url}/logs` };
    this.stream = new JobStream(urls, root.dataset.events.split(" "), {
      onJob: (job) => this.panel.show(job),
      onEntry: (entry) => this.#take(entry),
      onState: (state, words) => this.#connected(state, words),
    });
  }

  start() {
    this.#targets();
    this.stream.start();
    this.look = setInterval(() => this.#running(), RUNNING_MS);
    document.addEventListener("visibilitychange", this.looked);
  }

  stop() {
    this.stream.stop();
    this.panel.stop();
    this.rows.stop();
    clearInterval(this.look);
    document.removeEventListener("visibilitychange", this.looked);
  }

  /** A tab that nobody looks at for a while needs no stream. */
  #looked() {
    clearTimeout(this.hiding);
    if (document.hidden) this.hiding = setTimeout(() => this.stream.pause(), HIDDEN_MS);
    else this.stream.resume();
  }

  #take(entry) {
    this.log.add(entry);
    this.rows.note(entry);
  }

  async #targets() {
    await this.#list("limit=100", (items) => this.rows.replace(items));
  }

  /** A target that is given back, to be tried again later, has no line of its own that says so. */
  async #running() {
    if (document.hidden) return;
    const askedAt = Date.now();
    await this.#list("status=running&limit=100", (items) => this.rows.running(items, askedAt));
  }

  /** What cannot be had now is asked for again later; that the server is away the stream says. */
  async #list(query, use) {
    try {
      use(await askAll(`${this.url}/items?${query}`, MOST_TARGETS));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #connected(state, words) {
    showConnection(this.root.querySelector("[data-connection]"), state, words);
    if (state !== "ended") return;
    clearInterval(this.look);
    this.#targets();
    this.onEnd();
  }
}
