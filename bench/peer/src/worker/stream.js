// The one SSE connection: resumes after the last event, notices silence, comes back after growing pauses.
import { EVENTS } from './reduce.js';
import { WORKER } from './rest.js';

/** How long an attempt may take to say something; how long a live stream may be silent: two heartbeats. */
const GREETING_MS = 10_000;
const SILENCE_MS = 30_000;
/** Pauses are drawn from the upper half of a ceiling that doubles. */
const FIRST_CEILING_MS = 500;
const LAST_CEILING_MS = 5_000;
/** A stream that lived this long has proved itself: the next trouble starts from the shortest pause. */
const STABLE_MS = 1_000;

/** `<epoch>-<seq>`. */
const parseId = (id) => {
  const dash = id.lastIndexOf('-');
  return { id, epoch: id.slice(0, dash), seq: Number(id.slice(dash + 1)) };
};

/** Keeps a stream open, for ever, and tells the hub what comes. */
export const openStream = (hub) => {
  /** The last event taken in; none while what is known may be incomplete, so that a snapshot comes. */
  let last = null;
  let failures = 0;
  open();

  function open() {
    const query = new URLSearchParams({ worker: WORKER, ...(last && { last_event_id: last.id }) });
    const source = new EventSource(`/api/sip/events?${query}`);
    const openedAt = performance.now();
    let heardAt = 0;
    // One timer that looks again, not one that every event winds up anew.
    let watch = setTimeout(look, GREETING_MS);

    function look() {
      const rest = heardAt + SILENCE_MS - performance.now();
      if (rest <= 0) lost();
      else watch = setTimeout(look, rest);
    }

    function close() {
      source.close();
      clearTimeout(watch);
    }

    function lost() {
      close();
      if (heardAt && performance.now() - openedAt > STABLE_MS) failures = 0;
      hub.lost();
      const ceiling = Math.min(FIRST_CEILING_MS * 2 ** failures, LAST_CEILING_MS);
      failures += 1;
      setTimeout(open, (ceiling / 2) * (1 + Math.random()));
    }

    function heard(kind, { data, lastEventId }) {
      heardAt = performance.now();
      const next = parseId(lastEventId);
      if (kind !== 'snapshot' && last?.epoch === next.epoch && next.seq <= last.seq) return;
      if (kind !== 'snapshot' && (last?.epoch !== next.epoch || next.seq !== last.seq + 1)) return resync();
      const read = JSON.parse(data);
      last = next;
      hub.event(kind, read, next.seq);
    }

    /** Something was missed: only a snapshot helps, and of no number known the backend sends one. */
    function resync() {
      last = null;
      lost();
    }

    source.onerror = lost;
    for (const kind of EVENTS) source.addEventListener(kind, (event) => heard(kind, event));
    source.addEventListener('heartbeat', () => {
      heardAt = performance.now();
      // Of a stream that missed nothing it is the first word.
      if (last) hub.alive();
    });
  }
};
