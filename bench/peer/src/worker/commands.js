// Reads a tab's command: what to ask of the backend, or a failure.
import { failure } from './failure.js';

const invalid = (message) => failure('validation_error', message);

/** A field of the payload, of this type. */
const field = (payload, name, type = 'string') => {
  const value = payload?.[name];
  if (typeof value !== type) throw invalid(`\`${name}\` must be a ${type}`);
  return value;
};

const callOf = (payload) => field(payload, 'callId');

/** The call that is named, else the active one. */
const callOrActive = (payload, { activeCall }) => {
  if (payload?.callId != null) return callOf(payload);
  if (!activeCall) throw failure('call_not_found', 'there is no active call');
  return activeCall.id;
};

const COMMANDS = {
  CMD_DIAL: (payload) => ({ path: 'call/dial', body: { phone: field(payload, 'phone') } }),
  CMD_ANSWER: (payload, state) => ({ path: 'call/answer', body: { call_id: callOrActive(payload, state) } }),
  CMD_HANGUP: (payload, state) => ({ path: 'call/hangup', body: { call_id: callOrActive(payload, state) } }),
  CMD_HOLD: (payload) => ({ path: 'call/hold', body: { call_id: callOf(payload), on: field(payload, 'on', 'boolean') } }),
  CMD_MUTE: (payload) => ({ path: 'call/mute', body: { call_id: callOf(payload), on: field(payload, 'on', 'boolean') } }),
  CMD_DTMF: (payload) => ({ path: 'call/dtmf', body: { call_id: callOf(payload), digits: field(payload, 'digits') } }),
  CMD_TRANSFER: (payload) => ({
    path: 'call/transfer',
    body: { call_id: callOf(payload), phone: payload.phone, to_call_id: payload.toCallId },
  }),
  CMD_STATUS: (payload) => ({ path: 'operator/status', body: { status: field(payload, 'status') } }),
};

/** `{ path, body }` of the request; numbers and digits are the backend's to judge. */
export const readCommand = (type, payload, state) => {
  if (!Object.hasOwn(COMMANDS, type)) throw invalid(`unknown message type ${type}`);
  return COMMANDS[type](payload, state);
};
