// One operator's phone: the simulator's line, what the operator does, and what the other party does. What happens is told, in order.
import { randomBytes } from 'node:crypto';
import { Calls } from './calls.js';
import { Failure, noCall, wrongState } from './failure.js';

const CAPABILITIES = ['dial', 'answer', 'reject', 'hangup', 'hold', 'mute', 'dtmf', 'transfer', 'attendedTransfer'];
const MAX_CALLS = 16;
/** How long a dialled number rings before it answers, is busy or fails. */
const ANSWERS_AFTER_MS = 2_000;
const BUNDLE = 'peer';

const now = () => Math.floor(Date.now() / 1000);
const newId = () => `call-${randomBytes(8).toString('hex')}`;
const declined = (number) => (number.endsWith('486') ? 'busy' : number.endsWith('404') ? 'failed' : null);

export class Phone {
  #calls = new Calls();
  #status = 'ready';
  #tell;
  #history = [];

  constructor(tell) {
    this.#tell = tell;
  }

  snapshot() {
    const [active_call = null, ...other_calls] = this.#calls.all;
    return {
      operator_status: this.#status,
      phone_status: 'available',
      active_call,
      other_calls,
      capabilities: CAPABILITIES,
      bundle: BUNDLE,
    };
  }

  /** Calls that have ended, newest first. */
  history(limit, before) {
    const from = before ? this.#history.findIndex(({ call_id }) => call_id === before) + 1 : 0;
    return this.#history.slice(from, from + limit);
  }

  setStatus(status) {
    if (status === this.#status) return;
    this.#status = status;
    this.#tell('status_change', { status });
  }

  dial(number) {
    if (this.#calls.all.length > 0) throw new Failure(409, 'call_already_active', 'another call is up');
    const call_id = newId();
    this.#calls.begin({ call_id, state: 'dialing', direction: 'out', number });
    this.#tell('call_dialing', { call_id, number });
    setTimeout(() => {
      const call = this.#calls.find(call_id);
      if (call?.state !== 'dialing') return;
      const reason = declined(number);
      if (reason) this.#end(call, reason);
      else this.#connect(call);
    }, ANSWERS_AFTER_MS).unref();
    return call_id;
  }

  answer(id) {
    const call = this.#get(id);
    if (call.state !== 'incoming') throw wrongState('only a ringing call can be answered');
    this.#connect(call);
  }

  hangUp(id) {
    const call = this.#get(id);
    this.#end(call, call.state === 'incoming' ? 'rejected' : 'hangup');
  }

  hold(id, on) {
    const call = this.#connected(id);
    if (!on) this.#parkLive(call);
    this.#update(call, { held: on });
  }

  mute(id, on) {
    this.#update(this.#connected(id), { muted: on });
  }

  dtmf(id) {
    if (this.#connected(id).held) throw wrongState('the call is on hold: take it back first');
  }

  transfer(id, toId) {
    const calls = [this.#connected(id)];
    if (toId === id) throw wrongState("a call can't be transferred to itself");
    if (toId !== undefined) calls.push(this.#connected(toId));
    for (const call of calls) this.#end(call, 'transferred');
  }

  /** The other party rings. */
  incoming(number, display_name = null) {
    if (this.#calls.all.length >= MAX_CALLS) throw wrongState('the simulator has no more lines: end a call first');
    const call_id = newId();
    this.#calls.begin({ call_id, state: 'incoming', direction: 'in', number, display_name });
    this.#tell('call_incoming', { call_id, number, display_name });
    return call_id;
  }

  /** The other party answers what is being dialled. */
  theyAnswer() {
    const call = this.#calls.all.find(({ state }) => state === 'dialing');
    if (!call) throw wrongState('nothing is being dialled');
    this.#connect(call);
  }

  /** The other party hangs up, declines, or gives up. */
  theyHangUp() {
    const { all, live } = this.#calls;
    const first = (wanted) => all.find(({ state }) => state === wanted);
    const call = live ?? first('dialing') ?? first('incoming') ?? all[0];
    if (!call) throw wrongState('there is no call');
    this.#end(call, { dialing: 'busy', incoming: 'missed', talking: 'hangup' }[call.state]);
  }

  #get(id) {
    const call = this.#calls.find(id);
    if (!call) throw noCall();
    return call;
  }

  #connected(id) {
    const call = this.#get(id);
    if (call.state !== 'talking') throw wrongState('the call is not connected: wait until it is answered');
    return call;
  }

  #connect(call) {
    this.#parkLive(call);
    const start_time = now();
    this.#calls.change(call, { state: 'talking', start_time });
    this.#tell('call_connected', { call_id: call.call_id, start_time });
  }

  #parkLive(but) {
    const { live } = this.#calls;
    if (live && live !== but) this.#update(live, { held: true });
  }

  #update(call, fields) {
    if (Object.entries(fields).every(([name, value]) => call[name] === value)) return;
    this.#calls.change(call, fields);
    const { call_id, muted, held } = call;
    this.#tell('call_updated', { call_id, muted, held });
  }

  #end(call, reason) {
    this.#calls.end(call);
    const end_time = now();
    const { call_id, direction, number, display_name, start_time } = call;
    const duration = start_time === null ? 0 : end_time - start_time;
    this.#history.unshift({ call_id, direction, number, display_name, start_time, end_time, duration, reason });
    this.#history.length = Math.min(this.#history.length, 1000);
    this.#tell('call_ended', { call_id, duration, reason });
  }
}
