//! Every other byte stays, whatever the file says.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

/// A line that is no hook's and no `[Settings]`: of odd units as well.
fn other() -> impl Strategy<Value = Vec<u16>> {
    let odd = proptest::collection::vec(any::<u16>(), 0..8)
        .prop_map(|units| units.into_iter().filter(|unit| !matches!(*unit, 0x0a | 0x0d | 0x5b)).collect());
    let known = select(
        &["", "; cmdCallEnd=x", "a=1", "cmdCallEnd", " = ", "=cmdCallEnd", "cmdCallAnswerVideo=x", "имя=й \u{1f4de}"][..],
    );
    prop_oneof![known.prop_map(|text| text.encode_utf16().collect()), odd]
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<u16>> {
    select(texts).prop_map(|text| text.encode_utf16().collect())
}

fn end() -> impl Strategy<Value = Vec<u16>> {
    one_of(&["\r\n", "\r\n", "\n", "\r"])
}

/// A line, its end, and the hook that it is of.
type Piece = (Vec<u16>, Vec<u16>, Option<HookEvent>);

fn others() -> impl Strategy<Value = Vec<Piece>> {
    proptest::collection::vec((other(), end()).prop_map(|(text, end)| (text, end, None)), 0..6)
}

fn set_hooks() -> impl Strategy<Value = Vec<Piece>> {
    let value = select(&["", "tool.exe", "\"C:\\a b\\x.exe\" /y", " 'q' ", "hook end", "\u{feff}"][..]);
    let of = |event: HookEvent, value: &str| format!("{}={value}", event.key()).encode_utf16().collect();
    (subsequence(HookEvent::ALL.to_vec(), 0..=7), proptest::collection::vec((value, one_of(&["\r\n", "\n"])), 7))
        .prop_map(move |(events, values)| {
            events.into_iter().zip(values).map(|(event, (value, end))| (of(event, value), end, Some(event))).collect()
        })
}

fn section(name: &str) -> impl Strategy<Value = Piece> + use<> {
    let text: Vec<u16> = name.encode_utf16().collect();
    // A bare CR would become one end with an LF behind it.
    one_of(&["\r\n", "\n"]).prop_map(move |end| (text.clone(), end, None))
}

fn bytes<'a>(units: impl IntoIterator<Item = &'a u16>) -> Vec<u8> {
    std::iter::once(&0xfeff).chain(units).flat_map(|unit| unit.to_le_bytes()).collect()
}

proptest! {
    #[test]
    fn only_the_hooks_lines_change(
        before in others(),
        header in section(" [SETTINGS] ;"),
        body in (others(), set_hooks()).prop_flat_map(|(a, b)| Just([a, b].concat()).prop_shuffle()),
        last in section("[Calls]"),
        after in (others(), set_hooks()).prop_map(|(a, b)| [a, b].concat()),
        open in any::<bool>(),
    ) {
        let mut after = after;
        if let Some((_, end, _)) = after.last_mut().filter(|_| open) {
            end.clear();
        }
        let first_end: &[u16] = if before.first().unwrap_or(&header).1 == [10] { &[10] } else { &[13, 10] };
        let write = |pieces: &[Piece]| pieces.iter().flat_map(|(text, end, _)| text.iter().chain(end).copied().collect::<Vec<_>>()).collect::<Vec<u16>>();
        let file = |body: &[Piece]| {
            let parts = [write(&before), write(std::slice::from_ref(&header)), write(body), write(std::slice::from_ref(&last)), write(&after)];
            bytes(&parts.concat())
        };
        let ini = file(&body);

        let set = |event: HookEvent| format!("{}={}", event.key(), hooks().value(event)).encode_utf16().collect::<Vec<u16>>();
        let missing = HookEvent::ALL.into_iter().filter(|event| body.iter().all(|(_, _, of)| *of != Some(*event)));
        let mut expected: Vec<Piece> = missing.map(|event| (set(event), first_end.to_vec(), Some(event))).collect();
        expected.extend(body.iter().cloned().map(|(text, end, of)| (of.map_or(text, set), end, of)));

        let connected = connect(&ini, &hooks()).unwrap();
        prop_assert_eq!(&connected, &file(&expected));
        prop_assert!(keys(&connected, &hooks()).unwrap().iter().all(|(_, key)| *key == Key::Here));
        prop_assert_eq!(&connect(&connected, &hooks()).unwrap(), &connected);
        prop_assert_eq!(&disconnect(&connected, Some(&ini)).unwrap(), &ini);
        let gone: Vec<Piece> = body.iter().filter(|(_, _, of)| of.is_none()).cloned().collect();
        prop_assert_eq!(disconnect(&connected, None).unwrap(), file(&gone));
        prop_assert_eq!(disconnect(&ini, None).unwrap(), ini, "nothing of it is ours");
    }

    #[test]
    fn noise_is_refused_or_comes_back(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let marked = [&utf16("[Settings]\r\n")[..], &noise].concat();
        for bytes in [&noise, &marked] {
            if let Ok(connected) = connect(bytes, &hooks()) {
                prop_assert_eq!(&disconnect(&connected, Some(bytes)).unwrap(), bytes);
            }
        }
    }
}
