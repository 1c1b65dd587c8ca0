//! Starts the SharedWorker: keeps the ports of tabs that connect while its wasm loads, then hands them all over.
//! crates/bundle fills in the placeholders and serves the result as /sip-worker.js.

(() => {
  'use strict';

  const waiting = [];
  // At once, before anything asynchronous: the first `connect` is not repeated for a listener that comes later.
  self.onconnect = (event) => waiting.push(...event.ports);

//__GLUE__

  const fail = (reason) => {
    const message = `The phone's worker could not be started: ${reason?.message ?? reason}`;
    console.error(message);
    const tell = (port) => port.postMessage({ type: 'ERROR', payload: { error: 'worker_failed', message } });
    // A tab may still connect before the worker is gone.
    self.onconnect = (event) => event.ports.forEach(tell);
    waiting.forEach(tell);
    // The next `new SharedWorker` begins afresh, where a broken worker would be shared for ever. Not at once: a worker that
    // ends takes along what it has posted and is still under way.
    setTimeout(() => self.close(), 200);
  };

  wasm_bindgen({ module_or_path: new URL('__WASM__', self.location.href) })
    // From here on Rust owns `onconnect`; messages wait in the ports until it opens them.
    .then(() => wasm_bindgen.start(waiting))
    .catch(fail);
})();
