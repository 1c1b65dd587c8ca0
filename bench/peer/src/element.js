// Defines <sip-phone-widget> and puts one at the end of the page, as the product's script does.
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { usePhone } from './phone.js';
import style from './style.css?inline';

const TAG = 'sip-phone-widget';
const script = document.currentScript;
const COMMANDS = ['dial', 'answer', 'hangup', 'setStatus', 'hold', 'mute', 'sendDtmf'];

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

class SipPhoneWidget extends HTMLElement {
  #app = null;
  #phone = null;

  connectedCallback() {
    if (this.#app) return;
    if (!this.shadowRoot) this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
    const pinia = createPinia();
    this.#phone = usePhone(pinia);
    this.#phone.connect();
    this.#app = createApp(App, { host: this }).use(pinia);
    this.#app.mount(this.shadowRoot);
  }

  disconnectedCallback() {
    // A move within the page is a disconnect and a connect in one task: the phone stays as it is.
    queueMicrotask(() => {
      if (this.isConnected || !this.#app) return;
      this.#phone.disconnect();
      this.#app.unmount();
      this.#app = null;
      this.#phone = null;
    });
  }

  get state() {
    return this.#phone?.state ?? null;
  }

  static {
    for (const name of COMMANDS) {
      // Defined in here, where the private field can be seen.
      this.prototype[name] = async function command(...args) {
        return this.#phone[name](...args);
      };
    }
  }
}

if (!customElements.get(TAG)) customElements.define(TAG, SipPhoneWidget);

if (!script.hasAttribute('data-manual')) {
  const place = () => {
    if (!document.querySelector(TAG)) document.body.append(document.createElement(TAG));
  };
  // The page may hold one further down than the parser has come.
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', place, { once: true });
  else place();
}
