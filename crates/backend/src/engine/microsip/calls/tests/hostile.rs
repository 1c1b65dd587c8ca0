//! Hooks that come doubled, late, in the wrong order or not at all, and callers who choose their numbers with care.
use proptest::prelude::*;

use super::*;

#[test]
fn doubled() {
    check(
        SINGLE,
        &[
            ("ring 1; ring 1; end 1; end 1", "Incoming c1 1; Ended c1 Missed"),
            (
                "incoming 1; ring 1; ring 1; answer 1; answer 1; start 1; start 1; end 1; busy 1",
                "Incoming c1 1; Connected c1; Ended c1 Hangup",
            ),
            ("outgoing 1; outgoing 1; start 1; start 1; +9s; start 1", "Dialing c1 1; Connected c1"),
            ("dial a 1; outgoing 1; outgoing 1; busy 1; busy 1", "> 1; ok 1; Dialing a 1; Ended a Busy"),
            ("incoming 1; incoming 1; ring 1; end 1", "Incoming c1 1; Ended c1 Missed"),
        ],
    );
}

#[test]
fn missing() {
    check(
        SINGLE,
        &[
            // no Answer hook, no Start hook
            ("ring 1; start 1; end 1", "Incoming c1 1; Connected c1; Ended c1 Hangup"),
            ("ring 1; answer 1; end 1", "Incoming c1 1; Connected c1; Ended c1 Hangup"),
            // no first hook
            ("answer 1; start 1; end 1", "Incoming c1 1; Connected c1; Ended c1 Hangup"),
            ("start 1; end 1", "Dialing c1 1; Connected c1; Ended c1 Hangup"),
            ("end 1; busy 2; end", ""),
            // no end: what comes next in single mode shows that it is over
            ("outgoing 1; +9s; outgoing 1", "Dialing c1 1; Ended c1 Hangup; Dialing c2 1"),
            ("outgoing 1; start 1; +9s; outgoing 2", "Dialing c1 1; Connected c1; Ended c1 Hangup; Dialing c2 2"),
            ("outgoing 1; +9s; ring 2; start 2", "Dialing c1 1; Incoming c2 2; Ended c1 Hangup; Connected c2"),
            // no end: the operator can still put it away
            ("ring 1; +900s; reject c1; delivered; +5s", "Incoming c1 1; > /hangupincoming; ok 1; Ended c1 Rejected"),
        ],
    );
}

#[test]
fn out_of_order() {
    check(
        SINGLE,
        &[
            ("end 1; ring 1", "Incoming c1 1"),
            ("ring 1; start 1; answer 1; end 1", "Incoming c1 1; Connected c1; Ended c1 Hangup"),
            ("ring 1; end 1; answer 1; start 1", "Incoming c1 1; Ended c1 Missed"),
            ("outgoing 1; busy 1; start 1", "Dialing c1 1; Ended c1 Busy"),
            ("ring 1; start 1; busy 1", "Incoming c1 1; Connected c1; Ended c1 Hangup"),
            ("start 1; outgoing 1", "Dialing c1 1; Connected c1; Ended c1 Hangup; Dialing c2 1"),
        ],
    );
}

#[test]
fn two_calls_of_one_number() {
    check(
        SINGLE,
        &[
            (
                "incoming 1; ring 1; incoming 1; ring 1; end 1; end 1",
                "Incoming c1 1; Incoming c2 1; Ended c1 Missed; Ended c2 Missed",
            ),
            // answered is the first; its Start is not the second's
            (
                "incoming 1; ring 1; incoming 1; ring 1; answer 1; start 1; end 1",
                "Incoming c1 1; Incoming c2 1; Connected c1; Ended c1 Hangup",
            ),
            ("ring 1; +3s; ring 1; start 1; start 1", "Incoming c1 1; Incoming c2 1; Connected c1"),
            // the Start hook of the first, however late
            (
                "incoming 1; ring 1; incoming 1; ring 1; answer 1; +3s; start 1",
                "Incoming c1 1; Incoming c2 1; Connected c1",
            ),
            // the End hook of a call that is over already
            (
                "ring 1; start 1; hangup c1; +5s; ring 1; end 1",
                "Incoming c1 1; Connected c1; > /hangupall; Refused 1; Ended c1 Hangup; Incoming c2 1; < /hangupall",
            ),
            // which of two ended? the one that the operator ended
            (
                "ring 1; start 1; +9s; ring 1; reject c2; end 1; end 1",
                "Incoming c1 1; Connected c1; Incoming c2 1; \
          > /hangupincoming; Ended c2 Rejected; < /hangupincoming; ok 1; Ended c1 Hangup",
            ),
            // busy does not end a connected call while another fits
            ("ring 1; start 1; +9s; ring 1; busy 1", "Incoming c1 1; Connected c1; Incoming c2 1; Ended c2 Rejected"),
        ],
    );
}

#[test]
fn numbers_that_the_caller_chose() {
    check(
        SINGLE,
        &[
            ("ring 1&calc; answer 1&calc; end 1&calc", "Incoming c1 1&calc; Connected c1; Ended c1 Hangup"),
            ("ring /resetnoask; take c1; reject c1", "Incoming c1 /resetnoask; > /answer; > /hangupincoming"),
            ("ring \"a\" \" b; end \"a\" \" b", "Incoming c1 \"a\" \" b; Ended c1 Missed"),
            ("ring --help; end --help", "Incoming c1 --help; Ended c1 Missed"),
            ("ring a\u{7}\nb; end a\u{7}\nb", "Incoming c1 ab; Ended c1 Missed"),
            // the end of another call is not this one's
            ("ring 1; end 2", "Incoming c1 1"),
            ("ring anna7654321; end bella7654321", "Incoming c1 anna7654321"),
            ("ring 84957654321; end 94957654321", "Incoming c1 84957654321"),
            // an empty number next to another
            ("ring; ring 1; end 1; end pbx.test", "Incoming c1; Incoming c2 1; Ended c2 Missed; Ended c1 Missed"),
            ("ring 1; ring; start", "Incoming c1 1; Incoming c2; Connected c2"),
        ],
    );
    let long = "9".repeat(10_000);
    let mut world = World::new(SINGLE);
    assert_eq!(world.step(&format!("ring {long}")), [format!("Incoming c1 {}", &long[..256])]);
    assert_eq!(world.step(&format!("end {long}")), ["Ended c1 Missed"]);
}

fn any_step() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("1"), Just("2"), Just(""), Just("84951234567"), Just("+74951234567")];
    let hook = prop_oneof![
        Just("incoming"),
        Just("ring"),
        Just("outgoing"),
        Just("answer"),
        Just("start"),
        Just("busy"),
        Just("end")
    ];
    let call = prop_oneof![Just("c1"), Just("c2"), Just("c3"), Just("d1")];
    let act = prop_oneof![
        Just("take"),
        Just("reject"),
        Just("cancel"),
        Just("hangup"),
        Just("hold"),
        Just("mute"),
        Just("dtmf")
    ];
    prop_oneof![
        8 => (hook, number).prop_map(|(hook, number)| format!("{hook} {number}").trim().to_owned()),
        4 => (act, call).prop_map(|(act, call)| format!("{act} {call} {}", if act == "dtmf" { "1" } else { "on" })),
        2 => Just("dial d1 84951234567".to_owned()),
        3 => Just("delivered".to_owned()),
        1 => Just("failed".to_owned()),
        2 => (0..4u64).prop_map(|seconds| format!("+{seconds}s")),
        1 => Just("gone".to_owned()),
        1 => Just("back".to_owned()),
        1 => Just("restarted".to_owned()),
    ]
}

proptest! {
    /// Whatever happens: no call ends twice or before it began, every action is answered once, and single mode holds.
    #[test]
    fn any_order_of_anything(steps in proptest::collection::vec(any_step(), 1..60)) {
        let mut world = World::new(SINGLE);
        let mut up: Vec<(String, bool)> = Vec::new();
        let mut answered = Vec::new();
        let mut dialled = false;
        for step in &steps {
            if (step == "delivered" || step == "failed") && world.on_the_way.is_empty() {
                continue;
            }
            if step.starts_with("dial") && std::mem::replace(&mut dialled, true) {
                continue; // the desk gives each dial an id of its own
            }
            for word in world.step(step) {
                let mut words = word.split(' ');
                let (what, id) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_owned());
                match what {
                    "Incoming" | "Dialing" => {
                        prop_assert!(up.iter().all(|(other, _)| *other != id), "{id} began twice");
                        up.push((id, false));
                    }
                    "Connected" => {
                        prop_assert!(up.iter().all(|(other, talking)| *other == id || !talking), "two talk");
                        let call = up.iter_mut().find(|(other, _)| *other == id);
                        prop_assert!(call.is_some_and(|call| !std::mem::replace(&mut call.1, true)), "{id} connected");
                    }
                    "Ended" => {
                        prop_assert!(up.iter().any(|(other, _)| *other == id), "{id} ended");
                        up.retain(|(other, _)| *other != id);
                    }
                    "Unavailable" => up.clear(),
                    "ok" | "Refused" | "PhoneUnavailable" | "NotSupported" => answered.push(id),
                    _ => {}
                }
            }
        }
        world.step("+10s");
        let rest = world.handle(Input::Tick);
        prop_assert!(rest.is_empty(), "{rest:?}");
        prop_assert!(world.calls.deadline().is_none(), "nothing waits for ever");
        let count = answered.len();
        answered.sort();
        answered.dedup();
        prop_assert_eq!(answered.len(), count, "an action was answered twice");
    }

    /// Where calls stand beside each other, all but one of the connected are on hold.
    #[test]
    fn in_any_order_of_anything_one_call_is_live(steps in proptest::collection::vec(any_step(), 1..60)) {
        let mut world = World::new(MANY);
        let mut live = Vec::new();
        let mut dialled = false;
        for step in &steps {
            let none = (step == "delivered" || step == "failed") && world.on_the_way.is_empty();
            if none || (step.starts_with("dial") && std::mem::replace(&mut dialled, true)) {
                continue;
            }
            for word in world.step(step) {
                match word.split(' ').collect::<Vec<_>>()[..] {
                    ["Connected", id] | ["Held", id, "false"] => live.push(id.to_owned()),
                    ["Ended", id, _] | ["Held", id, "true"] => live.retain(|other| other != id),
                    ["Unavailable"] => live.clear(),
                    _ => {}
                }
                prop_assert!(live.len() <= 1, "{live:?} after {steps:?}");
            }
        }
    }
}
