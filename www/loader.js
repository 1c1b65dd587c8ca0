//! Defines <sip-phone-widget>: a thin shell whose phone is the widget's wasm, loaded when the first element appears.
//! crates/bundle fills in the placeholders and serves the result as /sip-phone-widget.js, a classic script without globals.

(() => {
  'use strict';

  const TAG = 'sip-phone-widget';
  // Only now: `currentScript` is gone once the script has run.
  const script = document.currentScript;
  const home = script?.src ? new URL(script.src).origin : location.origin;

//__GLUE__

  let loading = null;
  /** Loads the wasm once per page; a failed attempt may be repeated by a later element. */
  const load = () => {
    loading ??= wasm_bindgen({ module_or_path: `${home}__WASM__` }).catch((reason) => {
      loading = null;
      console.error(`SIP phone: the widget could not be loaded from ${home}; is the backend running, and is ${location.origin} among its allowed origins?`, reason);
      throw failure('widget_failed', `The phone could not be loaded from ${home}`);
    });
    return loading;
  };

  const failure = (code, message) => Object.assign(new Error(message), { code });

  /** One of ours, made above: a DOMException has a code too, a number. */
  const isFailure = (reason) => reason instanceof Error && typeof reason.code === 'string';

  /** What the wasm rejects with, `{ error, message }`, as the Error that callers are promised. */
  const asError = (reason) => {
    if (isFailure(reason)) return reason;
    return failure(reason?.error ?? 'widget_failed', reason?.message ?? String(reason));
  };

  /** Without the keys that the caller left out. */
  const given = (payload) => Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined && value !== null));

  const deepFreeze = (value) => {
    if (value === null || typeof value !== 'object') return value;
    Object.values(value).forEach(deepFreeze);
    return Object.freeze(value);
  };

  /** A promise to be settled from outside; nobody need listen to it. */
  const promised = () => {
    const it = {};
    it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
    it.promise.catch(() => {});
    return it;
  };

  class SipPhoneWidget extends HTMLElement {
    static observedAttributes = ['lang', 'theme', 'server', 'mode', 'position'];
    /** Content hash of the widget and worker that this definition belongs to. */
    static bundle = '__BUNDLE__';

    /** The wasm's side of this element while it is mounted. */
    #handle = null;
    /** Resolves with the handle; calls that come before it wait here. */
    #mounted = promised();
    #mounting = false;
    /** True from a failed start to the next attempt: until then calls are rejected, not kept waiting. */
    #failed = false;

    connectedCallback() {
      if (!this.shadowRoot) this.attachShadow({ mode: 'open' });
      this.#mount();
    }

    disconnectedCallback() {
      // A move within the page is a disconnect and a connect in one task: the phone stays as it is.
      queueMicrotask(() => {
        if (!this.isConnected) this.#unmount();
      });
    }

    attributeChangedCallback(name, before, value) {
      if (before === value) return;
      if (name !== 'server') {
        this.#handle?.attribute_changed(name, value);
      } else if (this.isConnected && this.shadowRoot) {
        // Also after a failed start: the address may have been what was wrong.
        this.#unmount();
        this.#mount();
      }
    }

    dial(phone) { return this.#command('CMD_DIAL', { phone }); }
    answer(callId) { return this.#command('CMD_ANSWER', { callId }); }
    hangup(callId) { return this.#command('CMD_HANGUP', { callId }); }
    setStatus(status) { return this.#command('CMD_STATUS', { status }); }
    hold(on, callId) { return this.#command('CMD_HOLD', { callId, on }); }
    mute(on, callId) { return this.#command('CMD_MUTE', { callId, on }); }
    sendDtmf(digits, callId) { return this.#command('CMD_DTMF', { callId, digits }); }
    transfer(phone, callId) { return this.#command('CMD_TRANSFER', { callId, phone }); }

    /** A frozen copy of the GlobalState; null until the phone is there. */
    get state() {
      return this.#handle ? deepFreeze(this.#handle.state()) : null;
    }

    async #command(name, payload) {
      try {
        const handle = await this.#mounted.promise;
        return await handle.command(name, given(payload));
      } catch (reason) {
        throw asError(reason);
      }
    }

    async #mount() {
      if (this.#handle || this.#mounting) return;
      this.#mounting = true;
      if (this.#failed) this.#mounted = promised();
      this.#failed = false;
      try {
        await load();
        // It may have left the page meanwhile; then the next connect mounts it.
        if (this.isConnected) {
          this.#handle = wasm_bindgen.mount(this, this.shadowRoot, this.#config());
          this.#mounted.resolve(this.#handle);
        }
      } catch (reason) {
        if (!isFailure(reason)) console.error('SIP phone: the widget could not be started.', reason);
        this.#mounted.reject(asError(reason));
        this.#failed = true;
      } finally {
        this.#mounting = false;
      }
    }

    #unmount() {
      const handle = this.#handle;
      if (!handle) return;
      // First: unmounting tells the page of what it gives up, and a listener may ask for the state.
      this.#handle = null;
      this.#mounted = promised();
      handle.unmount();
      this.shadowRoot.replaceChildren();
    }

    #config() {
      const base = this.#server() ?? home;
      return { base, workerUrl: `${base}__WORKER_URL__`, bundle: '__BUNDLE__' };
    }

    /** The origin in the `server` attribute, if it is one. */
    #server() {
      const named = this.getAttribute('server');
      if (!named) return null;
      try {
        return new URL(named).origin;
      } catch {
        console.error(`SIP phone: server="${named}" is not an origin such as http://127.0.0.1:7077; using ${home}.`);
        return null;
      }
    }
  }

  if (!customElements.get(TAG)) customElements.define(TAG, SipPhoneWidget);

  if (!script?.hasAttribute('data-manual')) {
    const place = () => {
      if (!document.querySelector(TAG)) document.body.append(document.createElement(TAG));
    };
    // The page may hold one further down than the parser has come.
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', place, { once: true });
    else place();
  }
})();
