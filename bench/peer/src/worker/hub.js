// The tabs' ports and the state that all of them are shown.
import { readCommand } from './commands.js';
import { failure } from './failure.js';
import { whenFree } from './locks.js';
import { reduce } from './reduce.js';
import { post } from './rest.js';

const PROTOCOL = 1;

const send = (port, type, payload) => port.postMessage({ type, payload });
const refuse = (port, error, message, requestId) => send(port, 'ERROR', { error, message, requestId });

export class Hub {
  #ports = new Set();
  #lock;
  #state = {
    connectionStatus: 'disconnected',
    phoneStatus: 'unavailable',
    operatorStatus: 'offline',
    activeCall: null,
    otherCalls: [],
    capabilities: [],
    seq: 0,
  };

  constructor(lock) {
    this.#lock = lock;
  }

  /** Hears a port; it becomes a tab with its INIT_PORT. */
  listen(port) {
    port.onmessage = ({ data, ports }) => {
      const { type, payload } = data ?? {};
      if (type === 'INIT_PORT') this.#init(ports[0] ?? port, payload);
      else this.#command(port, type, payload);
    };
  }

  /** The stream works, and nothing was missed. */
  alive() {
    if (!this.#isConnected) this.#show({ ...this.#state, connectionStatus: 'connected' });
  }

  /** The stream broke; what was never connected stays `disconnected`. */
  lost() {
    if (this.#isConnected) this.#show({ ...this.#state, connectionStatus: 'reconnecting' });
  }

  /** Takes an event of the backend in. */
  event(event, data, seq) {
    this.#show({ ...reduce(this.#state, event, data), connectionStatus: 'connected', seq });
    this.#broadcast('SSE_EVENT', { event, data });
  }

  get #isConnected() {
    return this.#state.connectionStatus === 'connected';
  }

  #show(state) {
    this.#state = state;
    this.#broadcast('SYNC_STATE', state);
  }

  #broadcast(type, payload) {
    for (const port of this.#ports) send(port, type, payload);
  }

  #init(port, payload) {
    if (payload?.protocol !== PROTOCOL) {
      return refuse(port, 'unsupported_protocol', `the worker speaks version ${PROTOCOL}: reload the page`);
    }
    // One that was transferred is heard from now on.
    if (!port.onmessage) this.listen(port);
    this.#ports.add(port);
    send(port, 'SYNC_STATE', this.#state);
    if (typeof payload.lock !== 'string') return;
    whenFree(payload.lock, () => {
      this.#ports.delete(port);
      port.close();
    });
    this.#lock.then((lock) => send(port, 'WORKER_LOCK', { lock }));
  }

  async #command(port, type, payload) {
    const { requestId, ack } = payload ?? {};
    try {
      const { path, body } = readCommand(type, payload, this.#state);
      if (!this.#isConnected) throw failure('not_connected', 'there is no connection with the phone service');
      const answer = await post(path, body);
      if (ack) send(port, 'ACCEPTED', { requestId, callId: answer.call_id });
    } catch ({ code = 'internal_error', message }) {
      refuse(port, code, message, requestId);
    }
  }
}
