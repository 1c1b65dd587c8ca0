//! Runs in a hidden frame on a page of another origin: starts the SharedWorker here, where the browser allows it, and passes
//! the page's MessagePort into it. From then on page and worker speak directly; this frame only lives and dies with the page.

(() => {
  'use strict';

  const setting = (name) => document.querySelector(`meta[name="${name}"]`).content;
  const page = window.parent;
  // The browser has refused every other page by `frame-ancestors`; this is for the day when somebody changes that header.
  const origin = location.ancestorOrigins?.[0];
  if (page === window || !setting('allowed-origins').split(' ').includes(origin)) {
    console.error(`SIP phone: this frame serves the pages named by --allow-origin alone, not ${origin ?? 'a window of its own'}.`);
    return;
  }

  const tell = (type, payload) => page.postMessage({ type, payload }, origin);
  const refuse = (message) => tell('ERROR', { error: 'validation_error', message });
  /** The page has its one line; a page that wants another takes another frame. */
  let started = false;

  const failed = (reason) => tell('ERROR', { error: 'worker_failed', message: `the phone's worker could not be started: ${reason?.message ?? 'see the console'}` });

  /** What the worker says on the line of the frame. The lock is of this origin: only here can it be waited for. */
  const hear = ({ data: { type, payload } }) => {
    if (type !== 'WORKER_LOCK') return tell(type, payload);
    navigator.locks.request(payload.lock, { mode: 'shared' }, () => tell('WORKER_GONE', {})).catch(() => {});
  };

  /** The number of the first worker that lives: each holds a lock that ends with its name. */
  const living = async () => {
    const { held = [] } = await navigator.locks?.query() ?? {};
    const numbers = held.map(({ name }) => /^sip-phone-worker-\d+-sip-phone(?:-(\d+))?$/.exec(name)).filter(Boolean).map(([, number = 0]) => Number(number));
    return numbers.length ? Math.min(...numbers) : undefined;
  };

  /** How long a script may take to come, in milliseconds. */
  const PATIENCE = 6000;
  /** Has the worker's script in the browser's cache: a worker whose script never comes would be shared by all tabs for ever. */
  const fetched = async (script) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), PATIENCE);
    try {
      const response = await fetch(script, { signal: limit.signal });
      if (!response.ok) throw new Error(`its script can't be had (${response.status})`);
      await response.arrayBuffer();
    } finally {
      clearTimeout(timer);
    }
  };

  const start = async (payload, port) => {
    // The page names another worker where the one that all share never answers.
    const wanted = Number(/^#(\d{1,2})$/.exec(location.hash)?.[1] ?? 0);
    const number = await living() ?? wanted;
    // Where the one that all share comes to life after all, the page's next frame finds it.
    if (number > 0) setInterval(async () => await living() < number && tell('WORKER_GONE', {}), 2000);
    // Another address too: the browser's cache would have a second request for the same file wait for the first.
    const script = new URL(setting('worker'), location);
    if (number > 0) script.searchParams.set('n', number);
    await fetched(script);
    const worker = new SharedWorker(script, { name: number ? `sip-phone-${number}` : 'sip-phone' });
    worker.onerror = failed;
    worker.port.onmessage = hear;
    const introduce = (lock) => worker.port.postMessage({ type: 'INIT_PORT', payload: { ...payload, lock } }, [port]);
    const unlocked = () => {
      introduce();
      addEventListener('pagehide', () => worker.port.postMessage({ type: 'TAB_GONE', payload: {} }));
    };
    if (!navigator.locks) return unlocked();
    // Held here, in the worker's origin: one of the page's own would mean nothing to it. It ends with this frame, however that ends.
    const lock = `sip-phone-tab-${crypto.getRandomValues(new Uint32Array(4)).join('')}`;
    navigator.locks.request(lock, () => {
      introduce(lock);
      return new Promise(() => {});
    }).catch(unlocked);
  };

  let warned = false;
  addEventListener('message', ({ source, origin: from, data, ports }) => {
    const type = data?.type;
    // Pages and extensions post all kinds of things to all frames: only what is meant for a phone deserves an answer.
    if (typeof type !== 'string' || !/^(INIT_PORT|CMD_|TAB_)/.test(type)) return;
    if (source !== page || from !== origin) {
      if (!warned) console.warn(`SIP phone: a message from ${from} was refused; only the page itself may speak to this frame.`);
      warned = true;
      return;
    }
    if (type !== 'INIT_PORT' || ports.length !== 1) return refuse('the bridge takes INIT_PORT with one port, and nothing else');
    if (started) return refuse('this frame has passed its port on already');
    started = true;
    start(data.payload, ports[0]).catch(failed);
  });
  tell('BRIDGE_READY', {});
})();
