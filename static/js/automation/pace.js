/** How fast a job goes at this moment, and how long it still takes; its average the API tells. */

const NOW_MS = 10000;

export class Pace {
  constructor() {
    this.samples = [];
  }

  /** Note a job as it is; `now` is in videos found a minute, `left` in milliseconds or null. */
  note(job, at = Date.now()) {
    if (job.completedAt) return { now: 0, left: null };
    this.samples = [...this.samples.filter((sample) => at - sample.at <= NOW_MS), { at, videos: job.videosFound }];
    const span = at - this.samples[0].at;
    const now = span ? ((job.videosFound - this.samples[0].videos) * 60000) / span : 0;
    return { now, left: left(job) };
  }
}

function left(job) {
  if (!job.processedItems || !job.durationMs) return null;
  return ((job.totalItems - job.processedItems) * job.durationMs) / job.processedItems;
}
