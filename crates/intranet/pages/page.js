//! The second demo page: its words and deliveries, the customer's card, a log of the phone's events.

import { DELIVERIES, WORDS } from './words.js';

const asked = new URLSearchParams(location.search).get('lang');
const lang = asked in WORDS ? asked : (navigator.language || 'en').startsWith('ru') ? 'ru' : 'en';
const word = (key) => WORDS[lang][key];
const id = (name) => document.getElementById(name);
const digits = (number) => number.replaceAll(/[^+\d]/g, '');

/** An element with text and children; nothing here is ever parsed as HTML. */
const make = (tag, text, ...children) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
};

document.documentElement.lang = lang;
document.title = word('brand');
document.querySelectorAll('[data-word]').forEach((element) => { element.textContent = word(element.dataset.word); });
const other = lang === 'ru' ? 'en' : 'ru';
Object.assign(id('language'), { href: `?lang=${other}`, lang: other, textContent: word('other') });
id('desk').search = `?lang=${lang}`;

for (const { gate, supplier, goods, driver, phone, status } of DELIVERIES) {
  const link = Object.assign(make('a', phone), { href: `tel:${digits(phone)}`, className: 'phone' });
  const badge = Object.assign(make('span', word(status)), { className: `badge ${status}` });
  const cells = [make('td', String(gate)), make('td', supplier[lang]), make('td', goods[lang]), make('td', driver[lang]), make('td', '', link), make('td', '', badge)];
  id('rows').append(make('tr', '', ...cells));
}

/** The call whose card is open. */
let shown = null;

/** Opens the caller's card. Only where `detail.primary` holds, which is in one tab: ten tabs would open ten cards. */
const openCard = (call, why) => {
  const known = DELIVERIES.find(({ phone }) => digits(phone) === digits(call.phoneNumber));
  shown = call.id;
  id('card-why').textContent = word(why);
  id('card-name').textContent = call.displayName ?? known?.driver[lang] ?? call.phoneNumber;
  id('card-number').textContent = call.phoneNumber;
  id('card-company').textContent = known?.supplier[lang] ?? word('unknown');
  id('card-delivery').textContent = known?.goods[lang] ?? word('nothing');
  id('card').hidden = false;
};
const closeCard = () => {
  shown = null;
  id('card').hidden = true;
};
id('card-close').addEventListener('click', closeCard);

document.addEventListener('sip-phone-incoming', ({ detail: { call, primary } }) => primary && openCard(call, 'cardRings'));
document.addEventListener('sip-phone-connected', ({ detail: { call, primary } }) => {
  // A call that came in has its card by now, if this is the tab for it.
  if (shown === call.id || (primary && call.direction === 'out')) openCard(call, 'cardTalks');
});
document.addEventListener('sip-phone-ended', ({ detail: { call } }) => {
  // It stays: the operator may still be writing into it.
  if (shown === call.id) id('card-why').textContent = word('cardOver');
});

const clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
for (const name of ['ready', 'state', 'incoming', 'connected', 'ended', 'error']) {
  document.addEventListener(`sip-phone-${name}`, ({ type, detail }) => {
    const { call, reason, code, state, primary } = detail ?? {};
    const facts = [call?.displayName ?? call?.phoneNumber, reason, code, primary && word('here'), name === 'state' && (state.activeCall?.state ?? state.connectionStatus)];
    id('log').prepend(make('li', '', make('time', clock.format(new Date())), make('code', type), make('span', facts.filter(Boolean).join(' · '))));
    while (id('log').children.length > 50) id('log').lastChild.remove();
  });
}
