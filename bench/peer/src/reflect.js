// The host's `data-*` attributes: what the shadow tree already shows.
import { watchPostEffect } from 'vue';

/** Keeps the attributes; a post effect runs after everything that the same state renders. */
export const reflect = (host, phone) => watchPostEffect(() => {
  const { connectionStatus, phoneStatus, operatorStatus, activeCall } = phone.state;
  const set = (name, value) => {
    if (host.dataset[name] !== value) host.dataset[name] = value;
  };
  set('connection', connectionStatus);
  set('phone', phoneStatus);
  set('operator', operatorStatus);
  set('call', activeCall?.state ?? 'idle');
  host.toggleAttribute('data-muted', activeCall?.muted ?? false);
  host.toggleAttribute('data-held', activeCall?.held ?? false);
});
