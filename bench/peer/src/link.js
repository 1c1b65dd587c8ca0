// The tab's line to the worker: messages `{ type, payload }` both ways.

const AGAIN_MS = 1_000;

/** Beside the widget's script, of which this is a part. */
const WORKER_URL = new URL('sip-worker.js', document.currentScript.src);

/** Opens the line. `hear` gets every message, and `LINE_LOST` when the worker is gone and another one is sought. */
export const openLink = (hear) => {
  let port = null;
  let again = null;
  let release = null;

  const post = (type, payload) => port?.postMessage({ type, payload });

  const lost = () => {
    port = null;
    hear('LINE_LOST');
  };

  const connect = (lock) => {
    const worker = new SharedWorker(WORKER_URL, { name: 'sip-phone' });
    const current = worker.port;
    port = current;
    worker.onerror = () => {
      lost();
      again = setTimeout(connect, AGAIN_MS, lock);
    };
    port.onmessage = ({ data: { type, payload } }) => {
      if (type !== 'WORKER_LOCK') return hear(type, payload);
      // A worker dies with the process of the tab that started it: whoever gets its lock starts the next.
      navigator.locks.request(payload.lock, { mode: 'shared' }, () => {
        if (port !== current) return;
        lost();
        connect(lock);
      });
    };
    post('INIT_PORT', { protocol: 1, lock });
  };

  // Held for the tab's life, so that the worker learns of its end; ours before it is named.
  const lock = `sip-phone-tab-${crypto.randomUUID()}`;
  navigator.locks.request(lock, () => {
    connect(lock);
    return new Promise((resolve) => {
      release = resolve;
    });
  });

  const close = () => {
    clearTimeout(again);
    port?.close();
    port = null;
    release?.();
  };
  return { post, close };
};
