// The SSE streams: what they missed, then each event as it comes, and a heartbeat.
import { frame } from './journal.js';

const HEARTBEAT = frame('heartbeat', {});
/** The contract's longest silence. */
const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 20_000;
const HEAD = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

export class Streams {
  #open = new Set();
  #journal;
  #snapshot;
  #heart = setInterval(() => this.#send(HEARTBEAT), HEARTBEAT_MS);

  constructor(journal, snapshot) {
    this.#journal = journal;
    this.#snapshot = snapshot;
  }

  get hasRoom() {
    return this.#open.size < MAX_STREAMS;
  }

  /** Begins a stream after the event of this id. */
  open(response, lastEventId) {
    response.writeHead(200, HEAD);
    // Those that read more slowly than events come: no more is written, and they catch up once they have read.
    const stream = { response, behind: null };
    this.#open.add(stream);
    response.on('close', () => this.#open.delete(stream));
    response.on('drain', () => this.#catchUp(stream));
    stream.behind = this.#journal.place(lastEventId) ?? -1;
    this.#catchUp(stream);
    this.#write(stream, HEARTBEAT);
  }

  /** The event that was appended to the journal last, to all. */
  tell(event) {
    this.#send(event);
  }

  close() {
    clearInterval(this.#heart);
    for (const { response } of this.#open) response.end();
  }

  #send(event) {
    for (const stream of this.#open) this.#write(stream, event);
  }

  #write(stream, event) {
    if (stream.behind !== null || stream.response.write(event)) return;
    // It is in the response's own buffer: from the next one on.
    stream.behind = this.#journal.seq;
  }

  #catchUp(stream) {
    if (stream.behind === null) return;
    const missed = stream.behind < 0 ? null : this.#journal.after(stream.behind);
    stream.behind = null;
    if (missed?.length === 0) return;
    this.#write(stream, missed ?? frame('snapshot', this.#snapshot(), this.#journal.id));
  }
}
