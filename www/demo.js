//! The demo page: its words in two languages, its customers, the simulator's buttons, a log of the phone's events.

(() => {
  'use strict';

  const WORDS = {
    en: {
      brand: 'Northwind Service Desk', customers: 'Customers', orders: 'Orders', clickHint: 'Click a number to call it.',
      order: 'Order', customer: 'Customer', status: 'Status', phone: 'Phone', sum: 'Total', open: 'Open', paid: 'Paid', late: 'Overdue',
      simulator: 'The other party', simulatorHint: 'No real phone is connected: play the caller yourself.',
      callerNumber: 'Number', callerName: 'Name', simIncoming: 'Call the operator', simAnswer: 'Answer', simHangup: 'Hang up',
      log: 'Events of the phone', logHint: 'What the widget tells this page.', refused: 'Refused: ', unreachable: 'The backend does not answer.',
      caller: 'Anna Smirnova', other: 'Русский',
    },
    ru: {
      brand: 'Служба поддержки «Северный ветер»', customers: 'Клиенты', orders: 'Заказы', clickHint: 'Нажмите на номер, чтобы позвонить.',
      order: 'Заказ', customer: 'Клиент', status: 'Статус', phone: 'Телефон', sum: 'Сумма', open: 'Открыт', paid: 'Оплачен', late: 'Просрочен',
      simulator: 'Собеседник', simulatorHint: 'Настоящий телефон не подключён: сыграйте звонящего сами.',
      callerNumber: 'Номер', callerName: 'Имя', simIncoming: 'Позвонить оператору', simAnswer: 'Ответить', simHangup: 'Положить трубку',
      log: 'События телефона', logHint: 'Что виджет сообщает этой странице.', refused: 'Отказ: ', unreachable: 'Сервер не отвечает.',
      caller: 'Анна Смирнова', other: 'English',
    },
  };
  const PEOPLE = [
    { en: 'Anna Smirnova', ru: 'Анна Смирнова', firm: { en: 'Baltic Trade', ru: 'Балт-Трейд' }, phone: '+7 495 123-45-67', order: 'A-20417', status: 'open', sum: 128400 },
    { en: 'Oleg Petrov', ru: 'Олег Петров', firm: { en: 'Ladoga Foods', ru: 'Ладога Продукты' }, phone: '+7 812 333-44-55', order: 'A-20398', status: 'paid', sum: 56250 },
    { en: 'Maria Volkova', ru: 'Мария Волкова', firm: { en: 'Ural Metal', ru: 'Урал Металл' }, phone: '+7 343 222-10-10', order: 'A-20377', status: 'late', sum: 412900 },
    { en: 'Warehouse', ru: 'Склад', firm: { en: 'Extension', ru: 'Внутренний' }, phone: '204', order: 'A-20351', status: 'paid', sum: 8700 },
  ];

  const asked = new URLSearchParams(location.search).get('lang');
  const lang = asked in WORDS ? asked : (navigator.language || 'en').startsWith('ru') ? 'ru' : 'en';
  const word = (key) => WORDS[lang][key];
  const id = (name) => document.getElementById(name);

  /** An element with text and children; nothing here is ever parsed as HTML. */
  const make = (tag, text, ...children) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    element.append(...children);
    return element;
  };
  const link = (phone) => Object.assign(make('a', phone), { href: `tel:${phone.replaceAll(/[^+\d]/g, '')}`, className: 'phone' });

  document.documentElement.lang = lang;
  document.title = word('brand');
  document.querySelectorAll('[data-word]').forEach((element) => { element.textContent = word(element.dataset.word); });
  const other = lang === 'ru' ? 'en' : 'ru';
  Object.assign(id('language'), { href: `?lang=${other}`, lang: other, textContent: word('other') });
  id('caller-name').value = word('caller');

  const money = new Intl.NumberFormat(lang, { style: 'currency', currency: 'RUB', maximumFractionDigits: 0 });
  for (const person of PEOPLE) {
    id('cards').append(Object.assign(make('article', '', make('h3', person[lang]), make('p', person.firm[lang]), link(person.phone)), { className: 'card' }));
    const status = Object.assign(make('span', word(person.status)), { className: `badge ${person.status}` });
    const sum = Object.assign(make('td', money.format(person.sum)), { className: 'sum' });
    id('rows').append(make('tr', '', make('td', person.order), make('td', person[lang]), make('td', '', status), make('td', '', link(person.phone)), sum));
  }

  /** Plays the other party; says what the backend refused. */
  const simulate = async (what, body) => {
    id('sim-said').textContent = '';
    try {
      const answer = await fetch(`/api/sim/${what}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      if (!answer.ok) id('sim-said').textContent = word('refused') + ((await answer.json()).message ?? answer.status);
    } catch {
      id('sim-said').textContent = word('unreachable');
    }
  };
  id('ring').addEventListener('submit', (event) => {
    event.preventDefault();
    const name = id('caller-name').value.trim();
    simulate('incoming', { number: id('caller-number').value, ...(name && { display_name: name }) });
  });
  id('sim-answer').addEventListener('click', () => simulate('answer', {}));
  id('sim-hangup').addEventListener('click', () => simulate('hangup', {}));

  // Asked of the page's own address, which always answers: an error would stand in the console of every load.
  fetch('/', { method: 'HEAD' }).then(({ headers }) => { id('simulator').hidden = headers.get('x-sip-phone-engine') !== 'simulator'; }, () => {});

  const clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  for (const name of ['ready', 'state', 'incoming', 'connected', 'ended', 'error']) {
    document.addEventListener(`sip-phone-${name}`, ({ type, detail }) => {
      const { call, reason, code, state } = detail ?? {};
      const facts = [call?.displayName ?? call?.phoneNumber, reason, code, name === 'state' && (state.activeCall?.state ?? state.connectionStatus)];
      const row = make('li', '', make('time', clock.format(new Date())), make('code', type), make('span', facts.filter(Boolean).join(' · ')));
      id('log').prepend(row);
      while (id('log').children.length > 50) id('log').lastChild.remove();
    });
  }
})();
