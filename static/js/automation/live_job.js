/** A job on a page: its panel, its targets and, where the page has one, its log, kept up to date by a stream. */
import { ApiError, ask } from "./api.js";
import { showConnection } from "./connection.js";
import { Log } from "./log.js";
import { Panel } from "./panel.js";
import { Rows } from "./rows.js";
import { JobStream } from "./stream.js";

const NUMBERS_MS = 1000;

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
      onJob: (job) => this.#show(job),
      onEntry: (entry) => this.#take(entry),
      onState: (state, words) => this.#connected(state, words),
    });
  }

  start() {
    this.#targets();
    this.stream.start();
  }

  stop() {
    this.stream.stop();
    clearTimeout(this.timer);
  }

  #show(job) {
    this.panel.show(job);
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
    await this.#ask(this.url, (job) => this.panel.show(job));
  }

  async #targets() {
    await this.#ask(`${this.url}/items`, (items) => this.rows.replace(items));
  }

  /** What cannot be had now comes with the next line: the stream says that the server is away. */
  async #ask(url, use) {
    try {
      use(await ask(url));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #connected(state, words) {
    showConnection(this.root.querySelector("[data-connection]"), state, words);
    if (state !== "ended") return;
    this.#targets();
    this.onEnd();
  }
}
