/** A job's numbers: bars, counters, speed, as templates/admin/automation/panel.html lays them out. */
import { Pace } from "./pace.js";
import { count, duration, perMinute, plural } from "./words.js";

const ANNOUNCE_MS = 10000;

export class Panel {
  constructor(root) {
    this.root = root;
    this.pace = new Pace();
    this.announcedAt = 0;
    this.ticking = setInterval(() => this.#tick(), 1000);
  }

  stop() {
    clearInterval(this.ticking);
  }

  /** Show a job as the API tells of it. */
  show(job) {
    if (this.job?.completedAt && !job.completedAt) return; // an answer that came late
    this.job = job;
    this.shownAt = Date.now();
    const pace = this.pace.note(job);
    this.#bar("channels", job.processedChannels, job.totalChannels, "channel");
    this.#bar("items", job.processedItems, job.totalItems, "target");
    for (const element of this.root.querySelectorAll("[data-count]")) {
      element.textContent = count(job[element.dataset.count]);
    }
    this.#write("speed-now", job.completedAt ? "–" : perMinute(pace.now));
    this.#write("speed-average", perMinute(job.videosPerMinute));
    this.#write("cost", job.videosAdded ? (job.requests / job.videosAdded).toFixed(2) : "–");
    this.#write("left", pace.left === null ? "–" : `about ${duration(pace.left)}`);
    this.#write("current", job.completedAt ? "–" : job.currentChannelName || "–");
    this.#write("error", job.errorMessage);
    this.#status(job.status);
    this.#tick();
    this.#announce(job);
  }

  #tick() {
    if (!this.job) return;
    const runs = this.job.startedAt && !this.job.completedAt;
    this.#write("duration", duration(this.job.durationMs === null ? null : this.job.durationMs + (runs ? Date.now() - this.shownAt : 0)));
  }

  #bar(name, done, total, noun) {
    const row = this.root.querySelector(`[data-bar=${name}]`);
    row.hidden = !total;
    const bar = row.querySelector("progress");
    bar.max = total || 1;
    bar.value = done;
    row.querySelector("[data-bar-words]").textContent = `${count(done)} of ${plural(total, noun)}`;
  }

  #status(status) {
    const chip = this.root.querySelector("[data-status]");
    chip.dataset.status = chip.textContent = status;
    const isActive = status === "pending" || status === "running";
    const shown = { active: isActive, ended: !isActive, failed: !isActive && this.job.failedItems > 0 };
    for (const button of this.root.querySelectorAll("[data-while]")) button.hidden = !shown[button.dataset.while];
    this.root.toggleAttribute("data-job-failed", this.job.failedItems > 0);
  }

  #write(name, text) {
    const element = this.root.querySelector(`[data-show=${name}]`);
    if (element.textContent === text) return;
    element.textContent = text;
    element.title = text;
  }

  /** For those who listen: at most every ten seconds, and at the end. */
  #announce(job) {
    if (!job.completedAt && Date.now() - this.announcedAt < ANNOUNCE_MS) return;
    this.announcedAt = Date.now();
    const done = `${count(job.processedItems)} of ${plural(job.totalItems, "target")} done`;
    const words = `${job.status}: ${done}, ${plural(job.videosAdded, "video")} added.`;
    const element = this.root.querySelector("[data-announce]");
    if (element.textContent !== words) element.textContent = words;
  }
}
