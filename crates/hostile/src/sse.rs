//! The event stream, from whatever answers at the backend's address.

use protocol::EventId;
use protocol::wire::event::Event;
use protocol::wire::port::{Init, RawEvent, TabMessage, TabReport};
use worker::hub::HubInput;

use crate::source::Source;
use crate::stand::Stand;

/// The input is a stream's text, as in the HTML standard, section 9.2. Its comments are what else happens: `:lost` the wire
/// breaks, `:open` it is accepted, `:wait` time passes to the hub's next tick, `:tab` another tab comes,
/// `:woke` the machine has slept.
pub fn sse_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut stand = Stand::new();
    let mut message = Message::default();
    let mut tabs = 0;
    for line in text.strip_prefix('\u{feff}').unwrap_or(&text).split(['\n', '\r']) {
        match line.split_once(':').unwrap_or((line, "")) {
            ("", "") if line.is_empty() => message.dispatch(&mut stand),
            ("", comment) => happens(comment, &mut stand, &mut tabs),
            ("event", value) => message.event = one_space_less(value).to_owned(),
            ("data", value) => message.data.push(one_space_less(value).to_owned()),
            ("id", value) => message.id = one_space_less(value).to_owned(),
            _ => {}
        }
    }
}

/// One event as EventSource puts it together.
#[derive(Default)]
struct Message {
    event: String,
    data: Vec<String>,
    /// Outlives the event: the last one that was sent counts.
    id: String,
}

impl Message {
    fn dispatch(&mut self, stand: &mut Stand) {
        let (event, data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data).join("\n"));
        let Some(stream) = stand.stream() else { return };
        let id: Option<EventId> = self.id.parse().ok();
        assert!(id.as_ref().is_none_or(|id| id.to_string().parse().as_ref() == Ok(id)), "{:?}", self.id);
        let read = serde_json::from_str(&data).ok().and_then(|data| Event::read(&event, &Source(data)).ok());
        if let Some(read) = &read {
            says_the_same(read);
        }
        stand.feed(HubInput::StreamEvent { stream, id, event: read, raw: RawEvent { event, data } });
    }
}

/// Written by the backend and read again.
fn says_the_same(event: &Event) {
    if !matches!(event, Event::Unknown(_)) {
        let written = serde_json::to_value(event).expect("events are structs of strings and numbers");
        assert_eq!(Event::read(event.name(), &Source(written)).as_ref(), Ok(event));
    }
}

fn happens(what: &str, stand: &mut Stand, tabs: &mut u32) {
    let stream = stand.stream();
    match what {
        "wait" => stand.tick(),
        "woke" => stand.feed(HubInput::Woke),
        "tab" if *tabs < 9 => {
            *tabs += 1;
            let tab = Some(TabReport { used: true, sound: true, notices: true, used_ago: None, online: true });
            let message = Ok(TabMessage::Init(Init { tab, ..Init::plain() }));
            let port = stand.adopt();
            stand.feed(HubInput::PortMessage { port, message, transferred: None });
        }
        "open" => stream.into_iter().for_each(|stream| stand.feed(HubInput::StreamOpened(stream))),
        "lost" => stream.into_iter().for_each(|stream| stand.feed(HubInput::StreamLost(stream))),
        _ => {}
    }
}

fn one_space_less(value: &str) -> &str {
    value.strip_prefix(' ').unwrap_or(value)
}
