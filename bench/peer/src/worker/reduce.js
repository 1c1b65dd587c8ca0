// The one place where an event of the backend changes the state.

const call = (it) => ({
  id: it.call_id,
  state: it.state,
  direction: it.direction,
  phoneNumber: it.number,
  displayName: it.display_name ?? null,
  startTime: it.start_time ?? null,
  muted: it.muted ?? false,
  held: it.held ?? false,
});

const isLive = ({ state, held }) => state === 'talking' && !held;

/** Order of attention: what the operator talks in, dials, hears ringing, has parked. */
const rank = (it) => (isLive(it) ? 0 : ['dialing', 'incoming', 'talking'].indexOf(it.state) + 1);

/** The state with these calls, the one of most attention first; sorting is stable. */
const withCalls = (state, calls) => {
  const [activeCall = null, ...otherCalls] = calls.sort((a, b) => rank(a) - rank(b));
  return { ...state, activeCall, otherCalls };
};

/** Changes one call; if it is live then, every other is parked. */
const change = (calls, id, step) => {
  const before = calls.find((it) => it.id === id);
  const after = before && step(before);
  const parks = after && isLive(after);
  return calls.map((it) => {
    if (it === before) return after;
    return parks && isLive(it) ? { ...it, held: true } : it;
  });
};

const begin = (calls, data, state, direction) =>
  (calls.some(({ id }) => id === data.call_id) ? calls : [...calls, call({ ...data, state, direction })]);

const CALLS = {
  call_incoming: (calls, data) => begin(calls, data, 'incoming', 'in'),
  call_dialing: (calls, data) => begin(calls, data, 'dialing', 'out'),
  // A second connect must not restart the timer.
  call_connected: (calls, { call_id, start_time }) => change(calls, call_id, (it) =>
    (it.state === 'talking' ? it : { ...it, state: 'talking', startTime: start_time })),
  call_updated: (calls, { call_id, muted, held }) => change(calls, call_id, (it) =>
    ({ ...it, muted, held: held && it.state === 'talking' })),
  call_ended: (calls, { call_id }) => calls.filter(({ id }) => id !== call_id),
};

/** Every kind of event that changes the state. */
export const EVENTS = ['snapshot', 'status_change', 'phone_change', ...Object.keys(CALLS)];

const callsOf = ({ activeCall, otherCalls }) => (activeCall ? [activeCall, ...otherCalls] : []);

/** The state after this event. */
export const reduce = (state, event, data) => {
  switch (event) {
    case 'snapshot': {
      const { operator_status, phone_status, capabilities, active_call, other_calls } = data;
      const rest = { ...state, operatorStatus: operator_status, phoneStatus: phone_status, capabilities };
      return withCalls(rest, (active_call ? [active_call, ...other_calls] : []).map(call));
    }
    case 'status_change':
      return { ...state, operatorStatus: data.status };
    case 'phone_change':
      return { ...state, phoneStatus: data.status };
    default:
      return withCalls(state, CALLS[event](callsOf(state), data));
  }
};
