//! The application of react.html: `show({ ... })` renders it anew; `heard` has the phone's events that a ref's listener got.

const { createElement: h, useEffect, useRef } = React;
window.heard = [];

function Phone({ lang }) {
  const ref = useRef(null);
  useEffect(() => {
    const element = ref.current;
    const hear = (event) => heard.push(event.type);
    element.addEventListener('sip-phone-incoming', hear);
    return () => element.removeEventListener('sip-phone-incoming', hear);
  }, []);
  return h('sip-phone-widget', { ref, mode: 'inline', lang });
}

/** With `last`, the keyed phone changes its place among its siblings; in another `parent`, React makes a new one. */
function App({ phone = true, last = false, parent = 'main', lang = 'en' }) {
  const aside = h('p', { key: 'aside' }, 'Orders');
  const box = phone && h('div', { key: 'phone', id: 'box' }, h(Phone, { lang }));
  return h(parent, null, last ? [aside, box] : [box, aside]);
}

// Strict mode in development mounts everything twice, which is what effects and elements must bear.
const root = ReactDOM.createRoot(document.getElementById('app'));
window.show = (props) => ReactDOM.flushSync(() => root.render(h(React.StrictMode, null, h(App, props))));
show({});
