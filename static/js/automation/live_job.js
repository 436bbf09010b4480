/** A job on a page: its panel, its targets and, where the page has one, its log, kept up to date by a stream. */
import { ApiError, ask, askAll } from "./api.js";
import { showConnection } from "./connection.js";
import { Log } from "./log.js";
import { Panel } from "./panel.js";
import { Rows } from "./rows.js";
import { JobStream } from "./stream.js";

const NUMBERS_MS = 1000;
const RUNNING_MS = 15000;
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
  }

  stop() {
    this.stream.stop();
    clearTimeout(this.timer);
    clearInterval(this.look);
  }

  /** Every line of the log is shown; the numbers that it changed are asked for once a second. */
  #take(entry) {
    this.log.add(entry);
    this.rows.note(entry);
    this.timer ??= setTimeout(() => this.#numbers(), NUMBERS_MS);
  }

  async #numbers() {
    this.timer = null;
    if (this.stream.ended) return;
    const job = await this.#had(() => ask(this.url));
    if (job) this.panel.show(job);
  }

  async #targets() {
    const items = await this.#had(() => askAll(`${this.url}/items?limit=100`, MOST_TARGETS));
    if (items) this.rows.replace(items);
  }

  /** A target that is given back, to be tried again later, has no line of its own that says so. */
  async #running() {
    if (this.stream.ended) return;
    const askedAt = Date.now();
    const items = await this.#had(() => askAll(`${this.url}/items?status=running&limit=100`, MOST_TARGETS));
    if (items) this.rows.running(items, askedAt);
  }

  /** What cannot be had now comes with the next line: the stream says that the server is away. */
  async #had(question) {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return null;
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
