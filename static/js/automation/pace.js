/** How fast a job goes: now, on average, and how long it still takes. */

const NOW_MS = 10000;
const AVERAGE_MS = 120000;

export class Pace {
  constructor() {
    this.samples = [];
  }

  /** Note a job as it is; {now, average} are videos found a minute, `left` is in milliseconds or null. */
  note(job, at = Date.now()) {
    if (job.completedAt) return { now: 0, average: overall(job.videosFound, job.durationMs), left: null };
    this.samples = this.samples.filter((sample) => at - sample.at <= AVERAGE_MS);
    this.samples.push({ at, videos: job.videosFound });
    const average = this.samples[0].at < at - NOW_MS ? this.#over(AVERAGE_MS, at) : overall(job.videosFound, job.durationMs);
    return { now: this.#over(NOW_MS, at), average, left: left(job) };
  }

  #over(span, at) {
    const first = this.samples.find((sample) => at - sample.at <= span);
    const newest = this.samples.at(-1);
    return newest.at > first.at ? overall(newest.videos - first.videos, newest.at - first.at) : 0;
  }
}

function overall(number, milliseconds) {
  return milliseconds ? (number * 60000) / milliseconds : 0;
}

function left(job) {
  if (!job.processedItems || !job.durationMs) return null;
  return ((job.totalItems - job.processedItems) * job.durationMs) / job.processedItems;
}
