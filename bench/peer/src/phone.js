// The tab's store: mirrors the worker's state, sends intents, never changes the state itself.
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { openLink } from './link.js';

/** Before the worker's first word. */
const UNKNOWN = {
  connectionStatus: 'disconnected',
  phoneStatus: 'unavailable',
  operatorStatus: 'offline',
  activeCall: null,
  otherCalls: [],
  capabilities: [],
  seq: 0,
};

const failure = ({ error, message }) => Object.assign(new Error(message), { code: error });

const callsOf = ({ activeCall, otherCalls }) => (activeCall ? [activeCall, ...otherCalls] : []);
const ringingOf = (state) => callsOf(state).find((call) => call.state === 'incoming') ?? null;
const currentOf = ({ activeCall }) => (activeCall?.state === 'incoming' ? null : activeCall);
const othersOf = (state) => {
  const shown = [currentOf(state)?.id, ringingOf(state)?.id];
  return callsOf(state).filter(({ id }) => !shown.includes(id));
};

export const usePhone = defineStore('phone', () => {
  // Replaced as a whole by every SYNC_STATE: nothing deeper need be reactive.
  const state = shallowRef(UNKNOWN);
  const error = ref('');

  /** Every message is a new clone: a slice that says the same stays the same, and renders nothing. */
  const slice = (pick) => computed((before) => {
    const now = pick(state.value);
    return JSON.stringify(now) === JSON.stringify(before) ? before : now;
  });
  const connection = slice(({ connectionStatus }) => connectionStatus);
  const operator = slice(({ operatorStatus }) => operatorStatus);
  const capabilities = slice((it) => it.capabilities);
  const ringing = slice(ringingOf);
  /** The call whose controls are shown. */
  const current = slice(currentOf);
  /** Those that have only a row. */
  const others = slice(othersOf);
  const connected = computed(() => connection.value === 'connected');
  /** Whether the softphone would take a command. */
  const usable = computed(() => connected.value && state.value.phoneStatus === 'available');
  const can = (what) => capabilities.value.includes(what);

  /** Commands whose answer is waited for, by `requestId`. */
  const pending = new Map();
  let requests = 0;

  const settle = (requestId, act) => {
    const command = pending.get(requestId);
    if (pending.delete(requestId)) act(command);
  };

  const fail = (payload) => {
    error.value = payload.message;
    settle(payload.requestId, ({ reject }) => reject(failure(payload)));
  };

  const lineLost = () => {
    if (connected.value) state.value = { ...state.value, connectionStatus: 'reconnecting' };
    const message = 'The phone did not answer; look whether it was done.';
    for (const requestId of pending.keys()) fail({ error: 'outcome_unknown', message, requestId });
  };

  const hear = (type, payload) => {
    if (type === 'SYNC_STATE') state.value = payload;
    else if (type === 'ERROR') fail(payload);
    else if (type === 'ACCEPTED') settle(payload.requestId, ({ resolve }) => resolve());
    else if (type === 'LINE_LOST') lineLost();
  };

  let link = null;
  const connect = () => {
    link = openLink(hear);
  };
  const disconnect = () => link.close();

  /** Resolves once the phone took it; nobody need listen, as failures are shown. */
  const command = (type, payload) => {
    error.value = '';
    requests += 1;
    const requestId = String(requests);
    const settled = new Promise((resolve, reject) => {
      pending.set(requestId, { resolve, reject });
      const sent = link.post(type, { ...payload, requestId, ack: true });
      if (!sent) fail({ error: 'not_connected', message: 'No connection to the phone.', requestId });
    });
    settled.catch(() => {});
    return settled;
  };

  const activeId = () => state.value.activeCall?.id;
  const dial = (phone) => command('CMD_DIAL', { phone });
  const answer = (callId) => command('CMD_ANSWER', { callId });
  const hangup = (callId) => command('CMD_HANGUP', { callId });
  const setStatus = (status) => command('CMD_STATUS', { status });
  const hold = (on, callId = activeId()) => command('CMD_HOLD', { callId, on });
  const mute = (on, callId = activeId()) => command('CMD_MUTE', { callId, on });
  const sendDtmf = (digits, callId = activeId()) => command('CMD_DTMF', { callId, digits });

  return {
    state, error, connection, operator, ringing, current, others, connected, usable, can,
    connect, disconnect, dial, answer, hangup, setStatus, hold, mute, sendDtmf,
  };
});
