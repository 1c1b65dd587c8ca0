//! The second demo page's words, in two languages, and its deliveries.

export const WORDS = {
  en: {
    brand: 'Northwind Warehouse', desk: 'Service desk', other: 'Русский', deliveries: 'Deliveries today',
    clickHint: 'Click a number to call the driver.', notDialled: 'Not dialled by the phone (data-no-dial):', gate: 'Gate',
    supplier: 'Supplier', goods: 'Goods', driver: 'Driver', phone: 'Phone', status: 'Status', atGate: 'At the gate',
    onTheWay: 'On the way', late: 'Late', log: 'Events of the phone', logHint: 'What the widget tells this page.',
    cardRings: 'Calling now: the card opens in the tab that was used last', cardTalks: 'On the line', cardOver: 'The call is over',
    company: 'Company', awaits: 'Waits for', close: 'Close the card', unknown: 'Not in the list', nothing: 'Nothing today', here: 'in this tab',
  },
  ru: {
    brand: 'Склад «Северный ветер»', desk: 'Служба поддержки', other: 'English', deliveries: 'Поставки сегодня',
    clickHint: 'Нажмите на номер, чтобы позвонить водителю.', notDialled: 'Телефон не набирает (data-no-dial):', gate: 'Ворота',
    supplier: 'Поставщик', goods: 'Груз', driver: 'Водитель', phone: 'Телефон', status: 'Статус', atGate: 'У ворот',
    onTheWay: 'В пути', late: 'Опаздывает', log: 'События телефона', logHint: 'Что виджет сообщает этой странице.',
    cardRings: 'Звонит сейчас: карточка открывается в той вкладке, где работали последней', cardTalks: 'На линии', cardOver: 'Звонок завершён',
    company: 'Компания', awaits: 'Ждёт', close: 'Закрыть карточку', unknown: 'Нет в списке', nothing: 'Сегодня ничего', here: 'в этой вкладке',
  },
};

export const DELIVERIES = [
  { gate: 2, supplier: { en: 'Baltic Trade', ru: 'Балт-Трейд' }, goods: { en: 'Tools, 14 pallets', ru: 'Инструмент, 14 паллет' }, driver: { en: 'Anna Smirnova', ru: 'Анна Смирнова' }, phone: '+7 495 123-45-67', status: 'atGate' },
  { gate: 5, supplier: { en: 'Ladoga Foods', ru: 'Ладога Продукты' }, goods: { en: 'Chilled fish, 6 pallets', ru: 'Охлаждённая рыба, 6 паллет' }, driver: { en: 'Oleg Petrov', ru: 'Олег Петров' }, phone: '+7 812 333-44-55', status: 'onTheWay' },
  { gate: 1, supplier: { en: 'Ural Metal', ru: 'Урал Металл' }, goods: { en: 'Pipes, 20 t', ru: 'Трубы, 20 т' }, driver: { en: 'Maria Volkova', ru: 'Мария Волкова' }, phone: '+7 343 222-10-10', status: 'late' },
  { gate: 3, supplier: { en: 'Volga Glass', ru: 'Волга Стекло' }, goods: { en: 'Jars, 32 pallets', ru: 'Банки, 32 паллеты' }, driver: { en: 'Ivan Sokolov', ru: 'Иван Соколов' }, phone: '+7 831 400-70-11', status: 'onTheWay' },
];
