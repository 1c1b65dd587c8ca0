//! Starts the SharedWorker: keeps the ports of tabs that connect while its wasm loads, then hands them all over; and ends it when it
//! fails, so that the next is a fresh one. crates/bundle fills in the placeholders and serves the result as /sip-worker.js.

(() => {
  'use strict';

  /** Every port that is open; from `start` on the wasm keeps it up to date. */
  const ports = new Set();
  // At once, before anything asynchronous: the first `connect` is not repeated for a listener that comes later.
  self.onconnect = (event) => event.ports.forEach((port) => ports.add(port));

//__GLUE__

  let over = false;
  /** Ends the worker. Not at once: one that ends takes along what it has posted, and is still under way. */
  self.sipPhoneEnd = () => {
    over = true;
    setTimeout(() => self.close(), 200);
  };
  /** The same where there is no wasm that tells those who connect meanwhile. */
  const end = (greet) => {
    self.onconnect = (event) => event.ports.forEach(greet);
    self.sipPhoneEnd();
  };

  /** What a panic said; the exception that follows it is but "unreachable". */
  let panic = null;
  self.sipPhoneFault = (message) => {
    panic ??= message;
  };

  // A worker that is broken would be shared for ever, where the next `new SharedWorker` begins afresh.
  const fail = (reason) => {
    if (over) return;
    const cause = panic ?? reason?.message ?? String(reason);
    console.error(`The phone's worker has failed: ${cause}`);
    const tell = (port) => port.postMessage({ type: 'ERROR', payload: { error: 'worker_failed', message: `The phone's worker has failed and starts again: ${cause}` } });
    ports.forEach(tell);
    const report = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: cause.slice(0, 2000) }), keepalive: true };
    fetch('/api/sip/fault', report).catch(() => {});
    end(tell);
  };
  addEventListener('error', (event) => fail(event.error ?? event));
  addEventListener('unhandledrejection', (event) => fail(event.reason));

  // Of an address that names another build: the backend was updated after the tab was loaded. All shall share one worker.
  const wanted = new URL(self.location.href).searchParams.get('v');
  if (wanted && wanted !== '__BUNDLE__') {
    const send = (port) => port.postMessage({ type: 'WORKER_OUTDATED', payload: { bundle: '__BUNDLE__' } });
    ports.forEach(send);
    end(send);
    return;
  }

  /** Held for the worker's life: tabs wait for it, and so learn of its end, whichever way that comes. */
  const hold = () => new Promise((resolve) => {
    if (!navigator.locks) return resolve();
    // With the worker's name, by which tabs see that this one lives.
    const name = `sip-phone-worker-${crypto.getRandomValues(new Uint32Array(4)).join('')}-${self.name}`;
    navigator.locks.request(name, () => {
      resolve(name);
      return new Promise(() => {});
    }).catch(() => resolve());
  });

  // A load that hangs would be joined by every tab for ever.
  const patience = setTimeout(() => fail(new Error('its files did not come within a minute')), 60_000);
  Promise.all([hold(), wasm_bindgen('__WASM__')])
    // From here on Rust owns `onconnect`; messages wait in the ports until it opens them.
    .then(([lock]) => wasm_bindgen.start(ports, lock, '__SERVED_BUNDLE__', self.name))
    .then(() => clearTimeout(patience))
    .catch(fail);
})();
