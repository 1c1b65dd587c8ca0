//! The SSE stream: the journal from where the client left it, then as it grows.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use protocol::EventId;
use protocol::wire::event::Event;
use protocol::wire::port::TabRole;
use protocol::wire::rest::{ASK_PARAM, LAST_EVENT_ID_PARAM, ONCE_PARAM, WORKER_PARAM};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::limits::no_stream;
use super::query::parameter;
use super::{App, tabs};
use crate::desk::Desk;
use crate::error::Error;
use crate::journal::{Next, Record};
use crate::metrics::OpenStream;
use crate::workers::Place;

pub(super) async fn events(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let reader = Reader::new(&app, last_seen(&headers, query.as_deref()), query.as_deref())?;
    let events =
        stream::unfold(reader, |mut reader| async move { Some((Ok::<_, Infallible>(reader.batch().await?), reader)) });
    let mut response = Body::from_stream(events).into_response();
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
const BATCH: usize = 8 * 1024;

/// A client's place in the journal. It holds no events, only where it is.
struct Reader {
    desk: Arc<Desk>,
    position: Option<EventId>,
    news: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    heartbeat: Interval,
    greeted: bool,
    /// The stream ends when the client has got something.
    once: bool,
    got: bool,
    /// The last batch was full: there may be more at once.
    full: bool,
    /// Its place among workers, if it takes part.
    place: Option<Place>,
    /// What it was told before, but asks for again.
    repeated: Option<TabRole>,
    _counted: (OpenStream, OwnedSemaphorePermit),
}

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
        Ok(Self {
            desk: app.desk.clone(),
            position,
            news: app.desk.watch(),
            closing: app.closing.clone(),
            heartbeat: beat(app.heartbeat),
            // It asks again at once: one that has missed nothing has to wait for news.
            greeted: once,
            once,
            got: false,
            full: false,
            place,
            repeated,
            _counted: (app.desk.metrics().stream_opened(), room),
        })
    }

    /// The next events to send, at least one; `None` when the stream ends.
    async fn batch(&mut self) -> Option<String> {
        if self.full {
            // A thousand readers of a burst must not keep a command waiting until each has had all of it.
            yield_now().await;
        }
        // No news: what a client waits for that asked for it again is still to come.
        let repeated = self.repeated.take().map(tab_role);
        let mut batch = match repeated {
            Some(event) => event,
            None => self.news().await?,
        };
        while batch.len() < BATCH
            && let Some(event) = self.ready()
        {
            batch.push_str(&event);
        }
        self.full = batch.len() >= BATCH;
        Some(batch)
    }

    /// What there is to wait for.
    async fn news(&mut self) -> Option<String> {
        loop {
            if *self.closing.borrow() {
                return None;
            }
            // Seen before the journal is read: what comes in between wakes us again.
            self.news.mark_unchanged();
            if let Some(event) = self.ready() {
                return Some(event);
            }
            if self.once && self.got {
                return None;
            }
            if !self.greeted {
                // So that a client that has missed nothing knows at once that it is connected.
                self.greeted = true;
                self.heartbeat.reset();
                return Some(heartbeat());
            }
            let event = tokio::select! {
                changed = self.news.changed() => { changed.ok()?; continue }
                closed = self.closing.changed() => { closed.ok()?; continue }
                _ = self.heartbeat.tick() => heartbeat(),
                part = part_of(&mut self.place) => tab_role(part),
            };
            self.got = true;
            return Some(event);
        }
    }

    /// What is to be said now, if anything.
    fn ready(&mut self) -> Option<String> {
        // First, as what comes next may be a call.
        let part = self.place.as_mut().and_then(Place::news).map(tab_role);
        let event = part.or_else(|| {
            let next = self.position.as_ref().map_or(Next::Lost, |position| self.desk.after(position));
            match next {
                Next::Event(record) => Some(self.advance(&record)),
                Next::Lost => Some(self.advance(&self.desk.snapshot_record())),
                Next::UpToDate => None,
            }
        });
        self.got |= event.is_some();
        event
    }

    fn advance(&mut self, record: &Record) -> String {
        self.position = Some(record.id.clone());
        // The data is JSON on one line.
        format!("id: {}\nevent: {}\ndata: {}\n\n", record.id, record.name, record.data)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(place) = self.place.take().filter(|_| self.once) {
            place.linger();
        }
    }
}

async fn part_of(place: &mut Option<Place>) -> TabRole {
    match place {
        Some(place) => place.changed().await,
        None => std::future::pending().await,
    }
}

fn tab_role(part: TabRole) -> String {
    let data = serde_json::to_string(&part).unwrap_or_default();
    format!("event: {}\ndata: {data}\n\n", Event::TabRole(part).name())
}

fn heartbeat() -> String {
    format!("event: {}\ndata: {{}}\n\n", Event::Heartbeat {}.name())
}
