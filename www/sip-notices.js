//! Service worker of the phone's desktop notifications: only one can show them with buttons. Its scope has no pages, so it
//! controls none, and it has no say in what they fetch. A tab tells it what rings; clicks go back to that tab.

(() => {
  'use strict';

  const windows = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });

  // A message may come before this is ready to show anything.
  const active = self.registration.active
    ? Promise.resolve()
    : new Promise((resolve) => self.addEventListener('activate', resolve, { once: true }));

  self.addEventListener('install', () => self.skipWaiting());

  /** Makes what is shown what rings, as far as this tab is concerned, or tabs that are gone. */
  const reconcile = async (tab, { calls, actions }) => {
    await active;
    const [shown, open] = await Promise.all([self.registration.getNotifications(), windows()]);
    const alive = new Set(open.map((client) => client.id));
    for (const notification of shown) {
      const { tab: owner } = notification.data ?? {};
      const rings = calls.some((call) => call.id === notification.tag);
      if (!rings && (owner === tab || !alive.has(owner))) notification.close();
    }
    for (const { id, title, body, lang } of calls) {
      const before = shown.find((notification) => notification.tag === id);
      if (before?.data?.tab === tab && before.body === body) continue;
      // Shown anew under the same tag it takes the place of another tab's.
      const options = { tag: id, body, lang, actions, requireInteraction: true, data: { tab } };
      await self.registration.showNotification(title, options);
    }
  };

  // One after the other, or two would both find that nothing is shown.
  let turn = Promise.resolve();
  self.addEventListener('message', (event) => {
    if (event.data?.type !== 'RINGING' || !event.source) return;
    turn = turn.then(() => reconcile(event.source.id, event.data)).catch((reason) => console.error('SIP phone: no notification.', reason));
    event.waitUntil(turn);
  });

  self.addEventListener('notificationclick', (event) => {
    const { action, notification } = event;
    notification.close();
    const bring = async () => {
      const open = await windows();
      const tab = open.find((client) => client.id === notification.data?.tab) ?? open[0];
      tab?.postMessage({ type: 'NOTICE_CLICKED', callId: notification.tag, action });
      if (action !== 'reject') await tab?.focus();
    };
    event.waitUntil(bring());
  });
})();
