//! TypeScript types of <sip-phone-widget>. Put this file among those that your tsconfig.json includes; nothing in it runs.
//! Types for your own code: `import type { GlobalState, Call } from './sip-phone-widget'`.

export type ConnectionStatus = 'connected' | 'reconnecting' | 'disconnected';
export type PhoneStatus = 'available' | 'unavailable';
export type OperatorStatus = 'ready' | 'lunch' | 'dnd' | 'offline';
export type CallState = 'incoming' | 'dialing' | 'talking';
export type Capability = 'dial' | 'answer' | 'reject' | 'hangup' | 'hold' | 'mute' | 'dtmf' | 'transfer' | 'attendedTransfer' | 'start';
export type EndReason = 'hangup' | 'rejected' | 'missed' | 'busy' | 'failed' | 'transferred' | 'answered_elsewhere';

/** One call. An ended call never comes back. */
export interface Call {
  readonly id: string;
  readonly state: CallState;
  readonly direction: 'in' | 'out';
  /** As the network told it: chosen by the caller, and never to be trusted as HTML. */
  readonly phoneNumber: string;
  /** The caller's name; chosen by the caller too. */
  readonly displayName: string | null;
  /** Unix seconds when it was connected; null before that. */
  readonly startTime: number | null;
  readonly muted: boolean;
  readonly held: boolean;
}

/** What every tab shows. */
export interface GlobalState {
  /** `reconnecting` while commands are blocked and the worker retries; `disconnected` before the first connection. */
  readonly connectionStatus: ConnectionStatus;
  /** Whether the softphone runs and can be reached. */
  readonly phoneStatus: PhoneStatus;
  readonly operatorStatus: OperatorStatus;
  /** The call that the controls are about. */
  readonly activeCall: Call | null;
  /** A second one that rings, or one on hold. */
  readonly otherCalls: readonly Call[];
  /** What this softphone can do. */
  readonly capabilities: readonly Capability[];
  /** Number of the last event of the backend in this state. */
  readonly seq: number;
}

/** Why a command failed, or the phone itself. A newer backend may add codes. */
export type ErrorCode =
  | 'validation_error'
  | 'unauthorized'
  | 'call_not_found'
  | 'not_found'
  | 'call_already_active'
  | 'invalid_state'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'method_not_allowed'
  | 'not_supported'
  | 'call_initiation_failed'
  | 'call_termination_failed'
  | 'phone_unavailable'
  | 'internal_error'
  | 'too_many_requests'
  | 'outcome_unknown'
  | 'not_connected'
  | 'unsupported_protocol'
  | 'worker_failed'
  | 'widget_failed';

/** What the methods' promises are rejected with. */
export interface SipPhoneError extends Error {
  readonly code: ErrorCode;
}

export interface StateDetail {
  readonly state: GlobalState;
}
export interface CallDetail extends StateDetail {
  readonly call: Call;
  /** True in exactly one tab for each call, the one that the operator used last: open your customer's card there. */
  readonly primary: boolean;
}
export interface EndedDetail extends CallDetail {
  /** null where the backend could not say, as after a lost connection. */
  readonly reason: EndReason | null;
  /** Seconds from answer to end; null where the backend could not say. */
  readonly duration: number | null;
}
export interface ErrorDetail {
  readonly code: ErrorCode;
  /** For developers, in English. */
  readonly message: string;
}

/** The element's own events; they bubble and are composed, so a listener on `document` hears them. */
export interface SipPhoneEventMap {
  /** Once: the first state that came from the backend is shown. */
  'sip-phone-ready': CustomEvent<StateDetail>;
  /** A new state is shown. */
  'sip-phone-state': CustomEvent<StateDetail>;
  /** A call rings. */
  'sip-phone-incoming': CustomEvent<CallDetail>;
  /** A call was answered, by either side. */
  'sip-phone-connected': CustomEvent<CallDetail>;
  /** A call is over. */
  'sip-phone-ended': CustomEvent<EndedDetail>;
  /** A command failed, or the phone's worker did. */
  'sip-phone-error': CustomEvent<ErrorDetail>;
}

/** Attributes that a page may set. */
export interface SipPhoneAttributes {
  /** Language of the interface; default: the page's, then the browser's. */
  lang?: 'ru' | 'en' | (string & {});
  /** Default: `auto`, the system's. */
  theme?: 'light' | 'dark' | 'auto';
  /** Origin of another backend than the one that the script came from. */
  server?: string;
  /** Default: `floating`, above the page; `inline` is where the element stands. */
  mode?: 'floating' | 'inline';
  /** Corner of the floating phone; default: `bottom-right`. */
  position?: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left';
}

/** `<sip-phone-widget>`. Each method's promise is rejected with a `SipPhoneError`; success means that the phone took the command. */
export interface SipPhoneWidget extends HTMLElement {
  /** A frozen copy of the state; null until the phone is there. */
  readonly state: GlobalState | null;
  /** Begins a call; resolves with its id. */
  dial(phone: string): Promise<string>;
  /** Answers; without an id, the call that rings. */
  answer(callId?: string): Promise<void>;
  /** Ends a call, or rejects it while it rings; without an id, the active one. */
  hangup(callId?: string): Promise<void>;
  setStatus(status: OperatorStatus): Promise<void>;
  hold(on: boolean, callId?: string): Promise<void>;
  mute(on: boolean, callId?: string): Promise<void>;
  /** Digits, `*` and `#`. */
  sendDtmf(digits: string, callId?: string): Promise<void>;
  /** Blind transfer to a number. */
  transfer(phone: string, callId?: string): Promise<void>;

  addEventListener<K extends keyof SipPhoneEventMap>(type: K, listener: (this: SipPhoneWidget, event: SipPhoneEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener<K extends keyof HTMLElementEventMap>(type: K, listener: (this: SipPhoneWidget, event: HTMLElementEventMap[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'sip-phone-widget': SipPhoneWidget;
  }
  // So that document.addEventListener('sip-phone-incoming', ({ detail }) => …) knows its detail.
  interface HTMLElementEventMap extends SipPhoneEventMap {}
  interface DocumentEventMap extends SipPhoneEventMap {}
  interface WindowEventMap extends SipPhoneEventMap {}
  /** React up to 18; later versions want the same inside `declare module 'react' { namespace JSX { … } }`. */
  namespace JSX {
    interface IntrinsicElements {
      'sip-phone-widget': SipPhoneAttributes & Record<string, unknown>;
    }
  }
}
