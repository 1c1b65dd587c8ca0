// Every event of this life of the server, numbered; the last of them kept for those who come back.

const CAPACITY = 1024;

/** An event as it goes over the wire, made once for all who get it. */
export const frame = (event, data, id) =>
  Buffer.from(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

export class Journal {
  #epoch = `${Math.floor(Date.now() / 1000).toString(16)}${Math.random().toString(16).slice(2, 10)}`;
  #kept = [];

  /** Number of the last event; 0 before the first. */
  seq = 0;

  get id() {
    return `${this.#epoch}-${this.seq}`;
  }

  /** Takes an event in, and gives it as it goes out. */
  append(event, data) {
    this.seq += 1;
    const it = frame(event, data, this.id);
    this.#kept[this.seq % CAPACITY] = it;
    return it;
  }

  /** What came after this number, joined; nothing where some of it is gone. */
  after(seq) {
    if (seq > this.seq || this.seq - seq > CAPACITY) return null;
    const missed = [];
    for (let next = seq + 1; next <= this.seq; next += 1) missed.push(this.#kept[next % CAPACITY]);
    return Buffer.concat(missed);
  }

  /** The number of this id, if it is of this life; else nothing. */
  place(id) {
    const [epoch, seq] = (id ?? '').split('-');
    return epoch === this.#epoch && /^\d+$/.test(seq ?? '') ? Number(seq) : null;
  }
}
