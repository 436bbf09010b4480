/** What is known of each target of a job: from its rows at first, from the log's lines as they come. */

const ORDER = { running: 0, failed: 1, cancelled: 2, completed: 3, pending: 4 };

export class Targets {
  constructor() {
    this.byTarget = new Map();
  }

  /** The rows as the API lists them: the truth. */
  replace(items) {
    for (const item of items) {
      const startedAt = item.startedAt && Date.parse(item.startedAt);
      const endedAt = isOver(item.status) && startedAt ? startedAt + item.durationMs : null;
      this.byTarget.set(item.target, { ...item, startedAt, endedAt });
    }
  }

  /** Only these ran when they were asked for: what began before and is not among them waits again. */
  running(items, askedAt) {
    this.replace(items);
    const still = new Set(items.map((item) => item.target));
    for (const row of this.byTarget.values()) {
      if (row.status === "running" && !still.has(row.target) && row.startedAt < askedAt - 1000) row.status = "pending";
    }
  }

  /** A line of the log that says that a target's work began, ended or was put off; one older than the row changes nothing. */
  note(entry) {
    const { target } = entry.data ?? {};
    if (!target) return;
    const known = this.byTarget.get(target) ?? { target, targetName: entry.message.split(/ \(attempt|: /)[0], status: "pending" };
    const at = Date.parse(entry.time);
    if (entry.event.endsWith("_start") && at > (known.endedAt ?? known.startedAt ?? 0)) {
      this.byTarget.set(target, { ...known, status: "running", startedAt: at, endedAt: null, errorMessage: "" });
    } else if (entry.event.endsWith("_done") && at >= (known.startedAt ?? 0) && !known.endedAt) {
      this.byTarget.set(target, { ...known, ...ending(entry), endedAt: at });
    } else if (entry.data.status === "pending" && at >= (known.startedAt ?? 0) && !known.endedAt) {
      this.byTarget.set(target, { ...known, status: "pending", errorMessage: reason(entry) });
    }
  }

  /** Running ones first, then what failed, then the newest that ended, then what waits; `status` "" is all. */
  listed(status) {
    const rows = [...this.byTarget.values()].filter((row) => !status || row.status === status);
    return rows.sort(
      (one, other) => ORDER[one.status] - ORDER[other.status] || (other.startedAt ?? 0) - (one.startedAt ?? 0),
    );
  }
}

function isOver(status) {
  return ["completed", "failed", "cancelled"].includes(status);
}

/** What follows the name of the target. */
function reason({ message }) {
  return message.slice(message.indexOf(": ") + 2);
}

function ending(entry) {
  const { data } = entry;
  return {
    status: data.status,
    errorCode: data.code,
    errorMessage: data.status === "failed" ? reason(entry) : "",
    videosFound: data.found,
    videosAdded: data.added,
    videosUpdated: data.updated,
    videosSkipped: data.skipped,
  };
}
