// The tab's line to the worker: messages `{ type, payload }` both ways.

const AGAIN_MS = 1_000;

/** Beside the widget's script, of which this is a part. */
const WORKER_URL = new URL('sip-worker.js', document.currentScript.src);

/** Opens the line. `hear` gets every message, and `LINE_LOST` when the worker is gone and another one is sought. */
export const openLink = (hear) => {
  let port = null;
  let again = null;
  let release = null;

  // Held for the tab's life, so that the worker learns of its end; ours before it is named.
  const lock = `sip-phone-tab-${crypto.randomUUID()}`;
  const held = new Promise((resolve) => {
    navigator.locks.request(lock, () => {
      resolve();
      return new Promise((end) => {
        release = end;
      });
    });
  });

  /** Whether there was a line to send it by. */
  const post = (type, payload) => {
    port?.postMessage({ type, payload });
    return port !== null;
  };

  const lost = () => {
    port.close();
    port = null;
    hear('LINE_LOST');
  };

  const connect = () => {
    const worker = new SharedWorker(WORKER_URL, { name: 'sip-phone' });
    const current = worker.port;
    const isOurs = () => port === current;
    port = current;
    // Its script could not be loaded.
    worker.onerror = () => {
      if (!isOurs()) return;
      lost();
      again = setTimeout(connect, AGAIN_MS);
    };
    port.onmessage = ({ data: { type, payload } }) => {
      if (type !== 'WORKER_LOCK') return hear(type, payload);
      // A worker dies with the process of the tab that started it: whoever gets its lock starts the next.
      navigator.locks.request(payload.lock, { mode: 'shared' }, () => {
        if (!isOurs()) return;
        lost();
        connect();
      });
    };
    held.then(() => isOurs() && post('INIT_PORT', { protocol: 1, lock }));
  };
  connect();

  const close = () => {
    clearTimeout(again);
    port?.close();
    port = null;
    held.then(() => release());
  };
  return { post, close };
};
