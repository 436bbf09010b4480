/** The lines of a log, and which of them a filter lets through. */

const RANK = { debug: 0, info: 1, warning: 2, error: 3 };

export class LogLines {
  constructor() {
    this.all = [];
    this.shown = [];
    this.channels = new Map();
    this.filter = { level: "debug", channelId: "", text: "" };
  }

  /** Add lines at the end; whether a channel came that was not there before. */
  add(entries) {
    const before = this.channels.size;
    for (const entry of entries) {
      this.all.push(entry);
      if (entry.channelId) this.channels.set(entry.channelId, entry.channelName);
      if (this.#passes(entry)) this.shown.push(entry);
    }
    return this.channels.size > before;
  }

  /** Change some of {level, channelId, text}; text is looked for in every word of a line, in any case of letters. */
  narrow(changes) {
    Object.assign(this.filter, changes, changes.text === undefined ? {} : { text: changes.text.toLowerCase() });
    this.shown = this.all.filter((entry) => this.#passes(entry));
  }

  #passes(entry) {
    const { level, channelId, text } = this.filter;
    return (
      RANK[entry.level] >= RANK[level] &&
      (!channelId || entry.channelId === channelId) &&
      (!text || words(entry).toLowerCase().includes(text))
    );
  }
}

/** A line as text: what is copied. */
export function asText(entry) {
  return `${entry.time} ${entry.level.padEnd(7)} ${words(entry)}`;
}

function words(entry) {
  const about = entry.channelName ? `${entry.channelName} ` : "";
  return `${about}${entry.event} ${entry.message}`;
}
