// The calls, in the order of attention, as every event of the journal leaves them.

const isLive = ({ state, held }) => state === 'talking' && !held;
const rank = (it) => (isLive(it) ? 0 : ['dialing', 'incoming', 'talking'].indexOf(it.state) + 1);

export class Calls {
  #calls = [];

  get all() {
    return this.#calls;
  }

  find(id) {
    return this.#calls.find(({ call_id }) => call_id === id);
  }

  /** The one that the operator talks in. */
  get live() {
    return this.#calls.find(isLive);
  }

  begin(call) {
    this.#calls.push({ display_name: null, start_time: null, muted: false, held: false, ...call });
    this.#sort();
  }

  change(call, fields) {
    Object.assign(call, fields);
    this.#sort();
  }

  end(call) {
    this.#calls.splice(this.#calls.indexOf(call), 1);
  }

  #sort() {
    this.#calls.sort((a, b) => rank(a) - rank(b));
  }
}
