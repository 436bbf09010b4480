/** One connection to a stream of server-sent events, opened anew by whoever is told that it failed. */

const PATIENCE_MS = 8000;

export class Source {
  /** onOpen() with the first event, onEvent(name, data), onFailure() once for each connection that fails. */
  constructor(names, handlers) {
    this.names = names;
    Object.assign(this, handlers);
  }

  /** Connect; the stream begins after the event `last`. */
  open(url, last) {
    this.close();
    const source = new EventSource(last ? `${url}?lastEventId=${last}` : url);
    this.source = source;
    this.isOpen = false;
    // A proxy may hold a stream back for ever: then this is no way.
    this.patience = setTimeout(() => this.#fail(source), PATIENCE_MS);
    for (const name of this.names) source.addEventListener(name, (event) => this.#event(source, event));
    source.onerror = (event) => {
      // A line of the log may be called "error", as a failed connection is; the line has data.
      if (!(event instanceof MessageEvent)) this.#fail(source);
    };
  }

  close() {
    clearTimeout(this.patience);
    this.source?.close();
    this.source = null;
  }

  #event(source, event) {
    if (source !== this.source || !(event instanceof MessageEvent)) return;
    if (!this.isOpen) {
      this.isOpen = true;
      clearTimeout(this.patience);
      this.onOpen();
    }
    this.onEvent(event.type, JSON.parse(event.data));
  }

  #fail(source) {
    if (source !== this.source) return;
    this.close();
    this.onFailure();
  }
}
