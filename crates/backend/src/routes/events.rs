//! The SSE stream: the journal from where the client left it, then as it grows.

use std::convert::Infallible;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body, Frame};
use protocol::EventId;
use protocol::wire::event::Event;
use protocol::wire::port::TabRole;
use protocol::wire::rest::{ASK_PARAM, LAST_EVENT_ID_PARAM, ONCE_PARAM, WORKER_PARAM};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::limits::no_stream;
use super::query::parameter;
use super::{App, tabs};
use crate::desk::Desk;
use crate::error::Error;
use crate::journal::Piece;
use crate::metrics::OpenStream;
use crate::workers::Place;

pub(super) async fn events(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let reader = Reader::new(&app, last_seen(&headers, query.as_deref()), query.as_deref())?;
    let mut response = axum::body::Body::new(reader).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Else nginx would keep the events until it has a bufferful.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// Which event the client saw last. The header wins: a browser that comes back by itself repeats the old query.
fn last_seen(headers: &HeaderMap, query: Option<&str>) -> Option<EventId> {
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    // What is no id of ours is no reason to refuse: such a client gets the snapshot.
    header.filter(|text| !text.is_empty()).or_else(|| parameter(query, LAST_EVENT_ID_PARAM))?.parse().ok()
}

/// Most bytes of events that are sent in one piece, but for the last of them.
const PIECE: usize = 8 * 1024;

/// A client's place in the journal, and the body of its response. It holds no events, only where it is.
struct Reader {
    desk: Arc<Desk>,
    /// Number of the last event that the client has; `None` where it needs a snapshot.
    position: Option<u64>,
    /// Of the next event.
    bell: Pin<Box<OwnedNotified>>,
    closing: watch::Receiver<bool>,
    closed: Waiting,
    heartbeat: Interval,
    greeted: bool,
    /// The stream ends when the client has got something.
    once: bool,
    got: bool,
    /// The last piece was full: there may be more at once.
    full: bool,
    /// Its place among workers, if it takes part, and what ends with the next news of that.
    place: Option<(Place, Waiting)>,
    /// What it was told before, but asks for again.
    repeated: Option<TabRole>,
    _counted: (OpenStream, OwnedSemaphorePermit),
}

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

fn beat(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

impl Reader {
    fn new(app: &App, position: Option<EventId>, query: Option<&str>) -> Result<Self, Error> {
        let once = parameter(query, ONCE_PARAM).is_some_and(|value| value == "1");
        let asks = parameter(query, ASK_PARAM).is_some();
        let name = parameter(query, WORKER_PARAM);
        let kept = name.as_deref().filter(|_| once).and_then(|name| app.workers.back(name));
        let repeated = kept.as_ref().filter(|_| asks).and_then(Place::part);
        // First: who finds no room must not lose the place that it has.
        let room = app.limits.stream(name.is_some()).ok_or_else(|| no_stream(app))?;
        let place = kept.or_else(|| app.workers.join(&name?, tabs::rings(app), asks));
        let (closing, mut ends) = (app.closing.clone(), app.closing.clone());
        Ok(Self {
            desk: app.desk.clone(),
            position: position.and_then(|position| app.desk.place_of(&position)),
            bell: Box::pin(app.desk.next_event()),
            closing,
            // An error means that the sender is gone: then the program ends as well.
            closed: Box::pin(async move { drop(ends.wait_for(|closing| *closing).await) }),
            heartbeat: beat(app.heartbeat),
            // It asks again at once: one that has missed nothing has to wait for news.
            greeted: once,
            once,
            got: false,
            full: false,
            place: place.map(|place| {
                let news = Box::pin(place.next_news());
                (place, news as Waiting)
            }),
            repeated,
            _counted: (app.desk.metrics().stream_opened(), room),
        })
    }

    /// What comes next; `None` when the stream ends.
    fn poll_text(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if take(&mut self.full) {
            // A thousand readers of a burst must not keep a command waiting until each has had all of it.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        // No news: what a client waits for that asked for it again is still to come.
        if let Some(part) = self.repeated.take() {
            return Poll::Ready(Some(tab_role(part)));
        }
        loop {
            if *self.closing.borrow() {
                return Poll::Ready(None);
            }
            if let Some(text) = self.ready() {
                self.got = true;
                return Poll::Ready(Some(text));
            }
            if self.once && self.got {
                return Poll::Ready(None);
            }
            if !self.greeted {
                // So that a client that has missed nothing knows at once that it is connected.
                self.greeted = true;
                self.heartbeat.reset();
                return Poll::Ready(Some(HEARTBEAT));
            }
            if self.bell.as_mut().poll(cx).is_ready() {
                // Before the journal is read again: what comes in between is heard.
                self.bell.set(self.desk.next_event());
                continue;
            }
            if let Some((place, news)) = &mut self.place
                && news.as_mut().poll(cx).is_ready()
            {
                *news = Box::pin(place.next_news());
                continue;
            }
            if self.heartbeat.poll_tick(cx).is_ready() {
                self.got = true;
                return Poll::Ready(Some(HEARTBEAT));
            }
            return self.closed.as_mut().poll(cx).map(|()| None);
        }
    }

    /// What is to be said now, if anything.
    fn ready(&mut self) -> Option<Bytes> {
        // First, as what comes next may be a call.
        if let Some(part) = self.place.as_mut().and_then(|(place, _)| place.news()) {
            return Some(tab_role(part));
        }
        match self.position.map_or(Piece::Lost, |from| self.desk.read_on(from, PIECE)) {
            Piece::Events(text, seq) => {
                self.position = Some(seq);
                self.full = text.len() >= PIECE;
                Some(text)
            }
            Piece::Lost => {
                let record = self.desk.snapshot_record();
                self.position = Some(record.id.seq);
                Some(record.text)
            }
            Piece::UpToDate => None,
        }
    }
}

impl Body for Reader {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.get_mut().poll_text(cx).map(|text| Some(Ok(Frame::data(text?))))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(place) = self.place.take().map(|(place, _)| place).filter(|_| self.once) {
            place.linger();
        }
    }
}

fn tab_role(part: TabRole) -> Bytes {
    let data = serde_json::to_string(&part).unwrap_or_default();
    format!("event: {}\ndata: {data}\n\n", Event::TabRole(part).name()).into()
}

/// The event of this name; a test compares them.
const HEARTBEAT: Bytes = Bytes::from_static(b"event: heartbeat\ndata: {}\n\n");
