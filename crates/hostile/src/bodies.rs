//! Bodies of requests, from whoever reaches the port.

use std::fmt::Debug;
use std::sync::Arc;

use backend::error::Error;
use backend::parsers::{Incoming, read_body};
use backend::workers::Workers;
use protocol::wire::rest::{Dial, Dtmf, Fault, OfCall, SetStatus, Switch, TabsReport, Transfer, TransferTarget};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::numbers::{are_clean, is_clean};

/// Longest explanation of what is wrong, in characters.
const MAX_EXPLANATION: usize = 300;

/// The input is a body; every route reads it.
pub fn rest_bodies(input: &[u8]) {
    if let Some(Dial { phone }) = read::<Dial>(input) {
        is_clean(&phone);
    }
    read::<OfCall>(input);
    read::<Switch>(input);
    if let Some(Dtmf { digits, .. }) = read(input) {
        are_clean(&digits);
    }
    if let Some(Transfer { phone, to_call_id, .. }) = read(input)
        && let Ok(TransferTarget::Phone(phone)) = TransferTarget::from_fields(phone, to_call_id)
    {
        is_clean(&phone);
    }
    read::<SetStatus>(input);
    read::<Fault>(input);
    if let Some(report) = read::<TabsReport>(input) {
        takes(&report);
    }
    explained(read_body::<Incoming>(input).err());
}

/// What was read says the same when it is written and read again.
fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(input: &[u8]) -> Option<T> {
    match read_body::<T>(input) {
        Ok(body) => {
            assert!(input.trim_ascii_start().starts_with(b"{"), "only objects are bodies");
            let written = serde_json::to_vec(&body).unwrap();
            assert_eq!(read_body::<T>(&written).as_ref(), Ok(&body));
            Some(body)
        }
        Err(error) => {
            explained(Some(error));
            None
        }
    }
}

fn explained(error: Option<Error>) {
    match error {
        Some(Error::Validation(text)) => assert!((1..=MAX_EXPLANATION).contains(&text.chars().count()), "{text:?}"),
        Some(other) => panic!("a body is refused with {other:?}"),
        None => {}
    }
}

/// Whatever a worker says of its tabs, one of two workers leads at most.
fn takes(report: &TabsReport) {
    let workers = Arc::new(Workers::default());
    let mut places = [workers.join("other", false, false), workers.join(&report.worker, false, true)];
    let known = places[1].is_some();
    for ringing in [false, true] {
        assert_eq!(workers.report(report, ringing, workers.now_ms()), known);
    }
    let parts = places.iter_mut().flatten().filter_map(backend::workers::Place::news);
    assert!(parts.filter(|part| part.primary).count() <= 1);
}
