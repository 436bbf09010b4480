/**
 * A job as it happens, whatever the network does: a stream while it works, polling while it does not.
 *
 * Every line of the log is given on exactly once and in order, because each has a number and no number is missing.
 */
import { ApiError, ask } from "./api.js";
import { Source } from "./source.js";

const FAILURES_TO_POLL = 2;
const POLL_MS = 2000;
const STREAM_AGAIN_MS = 20000;
const SILENCE_MS = 20000;
const LONGEST_WAIT_MS = 10000;
const LINES_AT_ONCE = 1000;

export class JobStream {
  /**
   * urls: {stream, job, logs}; names: of the events to listen for.
   * onJob(job), onEntry(entry), onState("connecting" | "live" | "polling" | "away" | "ended" | "refused", words).
   */
  constructor(urls, names, { onJob, onEntry, onState }) {
    Object.assign(this, { urls, onJob, onEntry, onState });
    this.last = 0;
    this.failures = 0;
    this.ended = false;
    this.source = new Source(names, {
      onOpen: () => this.#opened(),
      onEvent: (name, data) => this.#received(name, data),
      onFailure: () => this.#failed(),
    });
  }

  start() {
    this.onState("connecting", "");
    this.#stream();
  }

  stop() {
    this.ended = true;
    this.#hush();
  }

  /** Nobody looks: a browser has only six connections to a server for all of its tabs. */
  pause() {
    this.isPaused = true;
    this.#hush();
  }

  /** Go on after the last line that was seen. */
  resume() {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.ended) this.start();
  }

  #hush() {
    this.source.close();
    clearTimeout(this.timer);
    clearTimeout(this.silence);
  }

  #stream() {
    this.source.open(this.urls.stream, this.last);
  }

  #opened() {
    this.failures = 0;
    clearTimeout(this.timer);
    this.#heard();
    this.onState("live", "");
  }

  #failed() {
    if (this.ended || this.isPaused) return;
    this.failures += 1;
    clearTimeout(this.silence);
    if (this.failures < FAILURES_TO_POLL) {
      if (this.failures === 1) this.onState("connecting", "");
      this.#later(() => this.#stream(), 500 * 2 ** this.failures);
    } else {
      this.streamAgainAt = Date.now() + STREAM_AGAIN_MS;
      this.#poll();
    }
  }

  #received(name, data) {
    this.#heard();
    if (name === "job_snapshot") this.#show(data);
    else this.#take(data);
    this.#finishIfDone();
  }

  #take(entry) {
    if (entry.sequence <= this.last) return;
    this.last = entry.sequence;
    this.onEntry(entry);
  }

  #show(job) {
    this.job = job;
    this.onJob(job);
  }

  /** A stream may be open and dead, behind a proxy that keeps everything for itself: after a silence, look. */
  #heard() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.#lookBehind(), SILENCE_MS);
  }

  async #lookBehind() {
    const before = this.last;
    try {
      await this.#catchUp();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.#failed();
    }
    if (this.ended || this.isPaused) return;
    if (this.last > before) {
      this.source.close();
      this.#failed();
    } else {
      this.#heard();
    }
  }

  async #poll() {
    try {
      await this.#catchUp();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.#away(error);
    }
    if (this.ended || this.isPaused) return;
    const isBack = this.isAway;
    this.isAway = false;
    if (isBack || Date.now() > this.streamAgainAt) {
      this.failures = isBack ? 0 : FAILURES_TO_POLL - 1;
      return this.#stream();
    }
    this.onState("polling", "");
    this.#later(() => this.#poll(), POLL_MS);
  }

  #away(error) {
    if (this.isPaused) return;
    if ([401, 403, 404].includes(error.status)) {
      this.stop();
      this.onState("refused", error.message);
      return;
    }
    this.isAway = true;
    this.failures += 1;
    this.onState("away", error.message);
    this.#later(() => this.#poll(), Math.min(500 * this.failures, LONGEST_WAIT_MS));
  }

  /** The numbers first, the lines after: a job that has ended has no lines after those that follow. */
  async #catchUp() {
    const job = await ask(this.urls.job);
    let lines;
    do {
      lines = await ask(`${this.urls.logs}?after=${this.last}&limit=${LINES_AT_ONCE}`);
      lines.forEach((entry) => this.#take(entry));
    } while (lines.length === LINES_AT_ONCE);
    this.#show(job);
    this.#finishIfDone();
  }

  /** The last line of a job that has ended need not be job_done: that it was retried comes after that. */
  #finishIfDone() {
    if (this.ended || !this.job?.completedAt || this.last < this.job.lastSequence) return;
    this.stop();
    this.onState("ended", "");
  }

  #later(what, milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(what, milliseconds);
  }
}
