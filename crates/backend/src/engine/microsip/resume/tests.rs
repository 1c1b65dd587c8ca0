//! Scenarios are rows: what was left, which hooks fired since, what runs now; what came of it, and what is up.
//!
//! Times are in seconds from the start of the new backend. The old one lived until -100; MicroSIP runs since -3600.
//! A call that was up is `k1`, `k2`…; one that a hook began has that hook's number: `1` is the first hook's.

use std::collections::HashSet;

use protocol::wire::event::SnapshotCall;
use protocol::{CallState, Direction};

use super::*;
use crate::engine::microsip::HookId;
use crate::store::OpenCall;

const NOW: u64 = 1_700_000_000;
const THIS: Run = Run { began: NOW - 3600, pid: 7 };
/// Another process that happens to have the same id.
const LATER: Run = Run { began: NOW - 50, pid: 7 };
/// The same process, as a system that reckons anew sees it.
const JITTER: Run = Run { began: NOW - 3601, pid: 7 };

const RULES: Rules =
    Rules { single_mode: true, version: None, confirm_within: Duration::from_secs(5), start_on_dial: false };

/// `talking in 100`: it began at -200, and was connected at -190.
fn kept(place: usize, words: &str) -> OpenCall {
    let [state, direction, number] = words.split(' ').collect::<Vec<_>>()[..] else { panic!("{words}") };
    let state = match state {
        "ringing" => CallState::Incoming,
        "dialing" => CallState::Dialing,
        _ => CallState::Talking,
    };
    let call = SnapshotCall {
        call_id: CallId::new(format!("k{}", place + 1)),
        state,
        direction: if direction == "in" { Direction::In } else { Direction::Out },
        number: number.to_owned(),
        display_name: None,
        start_time: (state == CallState::Talking).then_some(NOW - 190),
        muted: false,
        held: false,
    };
    OpenCall { begin_time: NOW - 200, call }
}

fn past(calls: &str, memo: &Memo) -> Past {
    let calls = calls.split(';').map(str::trim).filter(|words| !words.is_empty());
    let calls = calls.enumerate().map(|(place, words)| kept(place, words)).collect();
    let memo = serde_json::to_value(memo).unwrap();
    let open = OpenCalls { engine: "microsip".to_owned(), alive_at: NOW - 100, calls, memo, ..OpenCalls::default() };
    Past { open, ended: HashSet::new() }
}

/// `-60 ring 100; -30 end 100`
fn hooks(words: &str) -> Vec<SpooledHook> {
    let hooks = words.split(';').map(str::trim).filter(|words| !words.is_empty()).enumerate();
    let hook = |(place, words): (usize, &str)| {
        let mut words = words.split(' ');
        let seconds: i64 = words.next().unwrap().parse().unwrap();
        SpooledHook {
            at: (NOW as i64 + seconds) as u64 * 1000,
            id: HookId::try_from((place + 1).to_string()).unwrap(),
            event: words.next().unwrap().parse().unwrap(),
            number: words.next().unwrap_or_default().to_owned(),
        }
    };
    hooks.map(hook).collect()
}

fn run_it(past: &Past, words: &str, run: Option<Run>) -> (Vec<String>, Resumed) {
    let now = Now { instant: Instant::now(), millis: NOW * 1000 };
    let resumed = resume(RULES, past, hooks(words), run, now);
    let word = |told: &Told| {
        let at = told.at as i64 - NOW as i64;
        let id = |call: &CallId| call.as_str().trim_start_matches("call-").to_owned();
        match &told.event {
            EngineEvent::Incoming { call, number, .. } => Some(format!("{at} Incoming {} {number}", id(call))),
            EngineEvent::Dialing { call, number } => Some(format!("{at} Dialing {} {number}", id(call))),
            EngineEvent::Connected(call) => Some(format!("{at} Connected {}", id(call))),
            EngineEvent::Ended { call, reason } => Some(format!("{at} Ended {} {reason:?}", id(call))),
            EngineEvent::Updated { call, muted, held } => Some(format!("{at} {} {muted:?} {held:?}", id(call))),
            _ => None,
        }
    };
    (resumed.told.iter().filter_map(word).collect(), resumed)
}

/// Each row: calls, hooks, what was told; and what is up.
fn check(run: Option<Run>, rows: &[(&str, &str, &str, &str)]) {
    for (calls, fired, told, up) in rows {
        let memo = Memo { run: Some(THIS), ..Memo::default() };
        let (seen, resumed) = run_it(&past(calls, &memo), fired, run);
        let expected: Vec<&str> = told.split(';').map(str::trim).filter(|word| !word.is_empty()).collect();
        assert_eq!(seen, expected, "{calls} | {fired}");
        let ids: Vec<_> = resumed.calls.up().iter().map(|(id, ..)| id.as_str().replace("call-", "")).collect();
        assert_eq!(ids, up.split_whitespace().collect::<Vec<_>>(), "up after {calls} | {fired}");
        let last = &resumed.told.last().unwrap().event;
        assert_eq!(last, &EngineEvent::Remember(serde_json::to_value(&resumed.memo).unwrap()));
        let phone = EngineEvent::Phone(PhoneStatus::Available);
        assert_eq!(resumed.told.iter().any(|told| told.event == phone), run.is_some());
    }
}

#[test]
fn in_the_same_run_calls_go_on_and_end_by_their_hooks() {
    let rows = [
        ("", "", "", ""),
        ("talking in 100", "", "", "k1"),
        ("ringing in 100", "", "", "k1"),
        ("dialing out 100", "", "", "k1"),
        ("talking in 100", "-60 end 100", "-60 Ended k1 Hangup", ""),
        ("ringing in 100", "-90 end 100", "-90 Ended k1 Missed", ""),
        ("ringing in 100", "-90 busy 100", "-90 Ended k1 Rejected", ""),
        ("ringing in 100", "-90 answer 100; -90 start 100", "-90 Connected k1", "k1"),
        ("dialing out 100", "-90 start 100; -20 end 100", "-90 Connected k1; -20 Ended k1 Hangup", ""),
        ("dialing out 100", "-90 busy 100", "-90 Ended k1 Busy", ""),
        ("dialing out +74951234567", "-90 start 84951234567", "-90 Connected k1", "k1"),
        // a call beside
        ("talking in 100", "-60 incoming 200; -60 ring 200", "-60 Incoming 2 200", "k1 2"),
        (
            "talking in 100; ringing in 200",
            "-60 end 100; -50 answer 200; -50 start 200",
            "-60 Ended k1 Hangup; -50 Connected k2",
            "k2",
        ),
        // after which the same number calls again
        (
            "talking in 100",
            "-60 end 100; -50 incoming 100; -50 ring 100",
            "-60 Ended k1 Hangup; -50 Incoming 3 100",
            "3",
        ),
        // told before the kill, and told again
        ("talking in 100", "-190 start 100", "", "k1"),
    ];
    check(Some(THIS), &rows);
    check(Some(JITTER), &rows[..6]);
}

#[test]
fn calls_that_began_meanwhile() {
    check(
        Some(THIS),
        &[
            ("", "-60 incoming 100; -60 ring 100", "-60 Incoming 2 100", "2"),
            ("", "-60 ring 100; -40 answer 100; -40 start 100", "-60 Incoming 1 100; -40 Connected 1", "1"),
            (
                "",
                "-60 ring 100; -40 answer 100; -40 start 100; -10 end 100",
                "-60 Incoming 1 100; -40 Connected 1; -10 Ended 1 Hangup",
                "",
            ),
            ("", "-60 outgoing 100; -20 end 100", "-60 Dialing 1 100; -20 Ended 1 Failed", ""),
            ("", "-60 incoming 100", "", ""),
            ("", "-60 end 100; -50 busy 100", "", ""),
            // nobody lets it ring that long: its end was lost
            ("", "-2000 ring 100", "-2000 Incoming 1 100; 0 Ended 1 Failed", ""),
            // what was days ago, or at a time that can't be, is in the history and not up
            (
                "",
                "-200000 ring 100; -199990 answer 100; -199980 end 100",
                "-200000 Incoming 1 100; -199990 Connected 1; -199980 Ended 1 Hangup",
                "",
            ),
            (
                "",
                "-90000 outgoing 100; -89990 start 100",
                "-90000 Dialing 1 100; -89990 Connected 1; -89990 Ended 1 Failed",
                "",
            ),
            ("", "9999 outgoing 100; 9999 start 100", "0 Dialing 1 100; 0 Connected 1; 0 Ended 1 Failed", ""),
            (
                "",
                "9999 ring 100; -60 answer 100; 9999 end 100; -30 ring 200",
                "-60 Incoming 1 100; -60 Connected 1; -60 Ended 1 Hangup; -30 Incoming 4 200",
                "4",
            ),
            // nor is there any end to it
            ("", "-2700000 outgoing 100; -2700000 start 100; -10 ring 200", "-10 Incoming 3 200", "3"),
            // a clock that was set back
            ("", "-10 ring 100; -60 end 100", "-10 Incoming 1 100; -10 Ended 1 Missed", ""),
        ],
    );
}

#[test]
fn in_a_run_of_many_days_old_calls_have_ended() {
    let long = Run { began: NOW - 400_000, pid: 7 };
    check(
        Some(long),
        &[
            (
                "",
                "-200000 ring 100; -199990 answer 100; -199980 end 100; -10 ring 200",
                "-200000 Incoming 1 100; -199990 Connected 1; -199980 Ended 1 Hangup; -10 Incoming 4 200",
                "4",
            ),
            (
                "",
                "-200000 outgoing 100; -199990 start 100",
                "-200000 Dialing 1 100; -199990 Connected 1; -199990 Ended 1 Failed",
                "",
            ),
        ],
    );
}

#[test]
fn of_another_run_nothing_is_up() {
    let rows = [
        ("talking in 100", "", "-100 Ended k1 Failed", ""),
        ("talking in 100; ringing in 200", "", "-100 Ended k1 Failed; -100 Ended k2 Failed", ""),
        ("talking in 100", "-80 end 100", "-80 Ended k1 Hangup", ""),
        ("", "-80 ring 100; -70 answer 100", "-80 Incoming 1 100; -70 Connected 1; -70 Ended 1 Failed", ""),
        (
            "talking in 100",
            "-80 ring 200; -60 end 200",
            "-80 Incoming 1 200; -60 Ended 1 Missed; -60 Ended k1 Failed",
            "",
        ),
    ];
    check(Some(LATER), &rows);
    check(None, &rows);
    check(
        Some(LATER),
        &[
            ("talking in 100", "-40 ring 100", "-100 Ended k1 Failed; -40 Incoming 1 100", "1"),
            (
                "",
                "-80 ring 100; -40 start 100",
                "-80 Incoming 1 100; -80 Ended 1 Failed; -40 Dialing 2 100; -40 Connected 2",
                "2",
            ),
        ],
    );
    check(None, &[("", "-5 ring 100", "-5 Incoming 1 100; -5 Ended 1 Failed", "")]);
}

#[test]
fn what_the_operator_had_ended_did_not_end_by_itself() {
    for (calls, reason) in [("ringing in 100", "Rejected"), ("dialing out 100", "Hangup")] {
        let memo = Memo { run: Some(THIS), left: vec![CallId::new("k1")], ..Memo::default() };
        let (told, _) = run_it(&past(calls, &memo), "-99 end 100", Some(THIS));
        assert_eq!(told, [format!("-99 Ended k1 {reason}")]);
        let (told, resumed) = run_it(&past(calls, &memo), "", Some(THIS));
        assert!(told.is_empty() && resumed.calls.up().len() == 1, "it may have got no word of it");
    }
    let memo = Memo { run: Some(THIS), transferred: vec![CallId::new("k1")], ..Memo::default() };
    let (told, _) = run_it(&past("talking in 100", &memo), "-80 end 100", Some(THIS));
    assert_eq!(told, ["-80 Ended k1 Transferred"]);
}

#[test]
fn hooks_that_are_known_count_once() {
    let fired = "-60 incoming 100; -60 ring 100; -30 end 100; -20 incoming 100; -20 ring 100";
    let mut memo = Memo { run: Some(THIS), ..Memo::default() };
    // Killed after all of it was kept, and before the hooks were put away.
    let (told, resumed) = run_it(&past("", &memo), fired, Some(THIS));
    assert_eq!(told, ["-60 Incoming 2 100", "-30 Ended 2 Missed", "-20 Incoming 5 100"]);
    let mut again = past("ringing in 100", &resumed.memo);
    again.open.calls[0].call.call_id = CallId::new("call-5");
    again.ended.insert(CallId::new("call-2"));
    let (told, resumed) = run_it(&again, fired, Some(THIS));
    assert_eq!((told.len(), resumed.calls.up().len()), (0, 1));
    // Killed when the history was kept, but not yet what is up: no later hook makes another call of an ended one.
    for (fired, up) in [
        ("-60 ring 100; -50 answer 100; -50 start 100; -20 end 100", 0),
        ("-60 ring 100; -50 answer 100; -50 start 100", 0),
        ("-60 outgoing 100; -50 start 100; -20 end 100", 0),
        ("-60 outgoing 100; -50 start 100; -20 end 100; -10 ring 100", 1),
    ] {
        let mut ended = past("", &memo);
        ended.ended.insert(CallId::new("call-1"));
        let (told, resumed) = run_it(&ended, fired, Some(THIS));
        assert_eq!((told.len(), resumed.calls.up().len()), (up, up), "{fired}: {told:?}");
        // The same of a call that had been up before.
        let mut ended = past("ringing in 100", &memo);
        ended.open.over = std::mem::take(&mut ended.open.calls);
        ended.ended.insert(CallId::new("k1"));
        let (told, resumed) = run_it(&ended, fired.split_once(';').unwrap().1, Some(THIS));
        assert_eq!((told.len(), resumed.calls.up().len()), (up, up), "k1: {fired}: {told:?}");
    }
    // Killed when only the first of it was kept.
    let mut half = past("", &memo);
    half.ended.insert(CallId::new("call-2"));
    let (told, resumed) = run_it(&half, fired, Some(THIS));
    assert_eq!((told, resumed.calls.up().len()), (vec!["-20 Incoming 5 100".to_owned()], 1));
    // Told to the old backend, which could not answer any more.
    assert!(memo.hooks.is_new(&HookId::try_from("1".to_owned()).unwrap()));
    let (told, resumed) = run_it(&past("talking in 100", &memo), "-100 start 100", Some(THIS));
    assert_eq!((told.len(), resumed.calls.up().len()), (0, 1));
}

#[test]
fn the_microphone_stays_off_in_the_same_run() {
    let memo = Memo { run: Some(THIS), muted: true, ..Memo::default() };
    let (told, resumed) = run_it(&past("", &memo), "-10 ring 100", Some(THIS));
    assert_eq!(told, ["-10 Incoming 1 100", "-10 1 Some(true) None"]);
    assert!(resumed.memo.muted);
    let (told, resumed) = run_it(&past("", &memo), "-10 ring 100", Some(LATER));
    assert_eq!(told, ["-10 Incoming 1 100"]);
    assert!(!resumed.memo.muted);
}

#[test]
fn impossible_times_break_nothing() {
    for time in [0, NOW + 1000, u64::MAX] {
        let mut past = past("talking in 100; ringing in 200", &Memo { run: Some(THIS), ..Memo::default() });
        past.open.alive_at = time;
        for call in &mut past.open.calls {
            call.begin_time = time;
            call.call.start_time = call.call.start_time.map(|_| time);
        }
        let mut fired = hooks("-10 incoming 300; -9 end 100; -8 ring 300");
        fired[0].at = time;
        for run in [None, Some(THIS), Some(LATER)] {
            let now = Now { instant: Instant::now(), millis: NOW * 1000 };
            let resumed = resume(RULES, &past, fired.clone(), run, now);
            assert!(resumed.told.iter().all(|told| told.at <= NOW), "{time}");
        }
    }
}

#[test]
fn a_memo_that_is_none_is_the_same_run_if_that_began_before_its_calls() {
    for (run, up) in [(THIS, 1), (LATER, 0)] {
        let mut past = past("talking in 100", &Memo::default());
        past.open.memo = serde_json::json!(["nonsense"]);
        assert_eq!(run_it(&past, "", Some(run)).1.calls.up().len(), up);
    }
}
