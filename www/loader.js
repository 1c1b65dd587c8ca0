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
    loading ??= wasm_bindgen(`${home}__WASM__`).catch((reason) => {
      loading = null;
      console.error(`SIP phone: the widget could not be loaded from ${home}; is the backend running, and is ${location.origin} among its allowed origins?`, reason);
      throw failure('widget_failed', `The phone could not be loaded from ${home}`);
    });
    return loading;
  };

  /** The worker's scripts on their way into the browser's cache, by address; and how long the next attempt may take, in milliseconds. */
  const scripts = new Map();
  let patience = 3000;
  /**
   * Has a worker's script in the browser's cache before a worker is made of it: one whose script never comes, say over a dead
   * connection, would be shared by all tabs for ever, and keep that connection.
   */
  const fetched = (url) => {
    if (!scripts.has(url)) {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), patience);
      const script = fetch(url, { signal: limit.signal })
        .then((response) => (response.ok ? response.arrayBuffer() : Promise.reject(response.status)))
        .then(() => {})
        .finally(() => clearTimeout(timer));
      script.then(() => { patience = 3000; }, () => {
        patience = Math.min(patience * 2, 24000);
        scripts.delete(url);
      });
      scripts.set(url, script);
    }
    return scripts.get(url);
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

  /** What attributes may say; anything else counts as the first. */
  const CHOICES = { theme: ['auto', 'light', 'dark'], mode: ['floating', 'inline'], position: ['bottom-right', 'bottom-left', 'top-right', 'top-left'] };

  /** For messages: however long a page's value is, the console stays readable. */
  const shown = (value) => (value.length > 80 ? `${value.slice(0, 80)}…` : value);

  /** All that a page shows while the wasm can't be had: the words for it are in the wasm too. */
  const FALLBACK = {
    en: ['The phone could not be loaded. Is the phone program running on this computer?', 'Try again'],
    ru: ['Телефон не загрузился. Запущена ли программа телефона на этом компьютере?', 'Повторить'],
  };
  const FALLBACK_STYLE = `:host { all: initial; position: fixed; right: 16px; bottom: 16px; z-index: var(--sip-phone-z-index, 2147483000); }
    :host([mode="inline"]) { position: static; display: block; }
    div { max-width: 264px; padding: 12px 16px; border-radius: 12px; background: #fff5e0; color: #5d3500; font: 14px/20px system-ui, sans-serif; box-shadow: 0 4px 16px #0003; }
    button { display: block; min-height: 32px; margin-top: 8px; padding: 4px 12px; border: 1px solid; border-radius: 8px; background: none; color: inherit; font: inherit; font-weight: 600; cursor: pointer; }`;

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
    /** The shadow root says that the phone could not be loaded. */
    #apology = false;
    /** The worker, begun or joined while the wasm is on its way, for the first attempt of the wasm. */
    #early = null;

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
      const choices = CHOICES[name];
      if (choices && value !== null && !choices.includes(value)) {
        console.warn(`SIP phone: ${name}="${shown(value)}" is none of ${choices.join(', ')}; taken as ${choices[0]}.`);
      }
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
        // A page of another origin has a frame for this.
        if (home === location.origin && !this.hasAttribute('server')) this.#begin(`${home}__WORKER_URL__`);
        await load();
        if (this.#apology) this.shadowRoot.replaceChildren();
        this.#apology = false;
        // It may have left the page meanwhile; then the next connect mounts it.
        if (this.isConnected) {
          this.#handle = wasm_bindgen.mount(this, this.shadowRoot, this.#config());
          this.#mounted.resolve(this.#handle);
        }
      } catch (reason) {
        if (!isFailure(reason)) console.error('SIP phone: the widget could not be started.', reason);
        this.#mounted.reject(asError(reason));
        this.#failed = true;
        this.#apologize();
      } finally {
        this.#mounting = false;
        this.#early = null;
      }
    }

    /** Begins the worker beside the wasm, so that neither waits for the other. What fails here, the wasm meets again and tells. */
    #begin(url) {
      fetched(url).then(() => {
        if (this.#mounting) this.#early = new SharedWorker(url, { name: 'sip-phone' });
      }).catch(() => {});
    }

    #unmount() {
      const handle = this.#handle;
      if (!handle) return;
      // First: unmounting tells the page of what it gives up, and a listener may ask for the state.
      this.#handle = null;
      this.#mounted = promised();
      try {
        handle.unmount();
      } finally {
        this.shadowRoot.replaceChildren();
      }
    }

    /** Tells the operator that there is no phone, with a button for another try. */
    #apologize() {
      if (!this.isConnected) return;
      const wishes = [this.lang, document.documentElement.lang, ...navigator.languages].map((wish) => wish.slice(0, 2).toLowerCase());
      const [text, again] = FALLBACK[wishes.find((wish) => wish in FALLBACK) ?? 'en'];
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(FALLBACK_STYLE);
      this.shadowRoot.adoptedStyleSheets = [sheet];
      const box = document.createElement('div');
      const button = document.createElement('button');
      box.setAttribute('part', 'error');
      box.setAttribute('role', 'alert');
      button.type = 'button';
      button.textContent = again;
      button.addEventListener('click', () => this.#mount());
      box.append(text, button);
      this.shadowRoot.replaceChildren(box);
      this.#apology = true;
    }

    #config() {
      const base = this.#server() ?? home;
      return { base, workerUrl: `${base}__WORKER_URL__`, fetched, early: this.#early };
    }

    /** The origin in the `server` attribute, if it is one. */
    #server() {
      const named = this.getAttribute('server');
      if (!named) return null;
      try {
        const { protocol, origin } = new URL(named);
        if (/^https?:$/.test(protocol)) return origin;
      } catch {
        // Told of below, like an address of another kind (`localhost:7077` has the scheme `localhost`).
      }
      console.error(`SIP phone: server="${shown(named)}" is not an origin such as http://127.0.0.1:7077; using ${home}.`);
      return null;
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
