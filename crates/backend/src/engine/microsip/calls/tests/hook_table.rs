//! Every row of the table of hooks in MicroSIP's own words, caused in MicroSIP's window.
use super::*;

#[test]
fn calls_that_the_operator_makes_in_the_window() {
    check(
        SINGLE,
        &[
            // out, answered
            ("outgoing 100; start 100; +30s; end 100", "Dialing c1 100; Connected c1; Ended c1 Hangup"),
            // out, busy or declined
            ("outgoing 100; busy 100", "Dialing c1 100; Ended c1 Busy"),
            // out, no answer, not found, cancelled
            ("outgoing 100; +30s; end 100", "Dialing c1 100; Ended c1 Failed"),
        ],
    );
}

#[test]
fn calls_that_come_in() {
    check(
        SINGLE,
        &[
            // in, answered
            (
                "incoming 100; ring 100; answer 100; start 100; +9s; end 100",
                "Incoming c1 100; Connected c1; Ended c1 Hangup",
            ),
            // in, missed, or answered elsewhere
            ("incoming 100; ring 100; +9s; end 100", "Incoming c1 100; Ended c1 Missed"),
            // in, rejected in MicroSIP
            ("incoming 100; ring 100; busy 100", "Incoming c1 100; Ended c1 Rejected"),
            // in, rejected with /hangupincoming
            (
                "incoming 100; ring 100; reject c1; delivered; end 100",
                "Incoming c1 100; > /hangupincoming; ok 1; Ended c1 Rejected",
            ),
            // in, DND or refused by a setting
            ("incoming 100; +9s", ""),
            ("incoming 100; end 100; busy 100", ""),
            // a caller without number: the end names the domain
            ("incoming; ring; +9s; end pbx.test", "Incoming c1; Ended c1 Missed"),
            ("incoming; ring; answer; start; +9s; end pbx.test", "Incoming c1; Connected c1; Ended c1 Hangup"),
        ],
    );
}

#[test]
fn a_crash_or_an_exit() {
    check(
        SINGLE,
        &[
            // its last hooks come when it has gone, and even when another one is there
            ("ring 100; start 100; gone; end 100; start 100; +9s", "Incoming c1 100; Connected c1; Unavailable"),
            (
                "ring 100; start 100; gone; back; ring 200; answer 100; start 100",
                "Incoming c1 100; Connected c1; Unavailable; Available; Incoming c2 200",
            ),
            (
                "ring 100; start 100; gone; +16s; start 100",
                "Incoming c1 100; Connected c1; Unavailable; Available; Dialing c2 100; Connected c2",
            ),
            // back between two looks: its calls and its muted microphone are gone all the same
            (
                "ring 100; start 100; mute c1 on; delivered; restarted; restarted; ring 200; start 200; mute c2 on",
                "Incoming c1 100; Connected c1; > msip:micmute; Muted c1 true; ok 1; Unavailable; Available; \
          Incoming c2 200; Connected c2; > msip:micmute",
            ),
            ("ring 100; take c1; restarted", "Incoming c1 100; > /answer; Unavailable; PhoneUnavailable 1; Available"),
            (
                "ring 100; reject c1; gone",
                "Incoming c1 100; > /hangupincoming; < /hangupincoming; Unavailable; PhoneUnavailable 1",
            ),
            ("ring 100; gone; gone; back; back", "Incoming c1 100; Unavailable; Available"),
            ("gone; ring 100", "Unavailable; Available; Incoming c1 100"),
            ("gone; end 100; busy 100; incoming 100", "Unavailable"),
            (
                "gone; dial a 100; take c1; hangup c1; mute c1 on",
                "Unavailable; PhoneUnavailable 1; PhoneUnavailable 2; \
          PhoneUnavailable 3; PhoneUnavailable 4",
            ),
            ("dial a 100; gone", "> 100; Unavailable; PhoneUnavailable 1"),
            // nothing is left of the calls before
            (
                "outgoing 1; busy 1; gone; back; start 1",
                "Dialing c1 1; Ended c1 Busy; Unavailable; Available; Dialing c2 1; Connected c2",
            ),
            (
                "ring 100; gone; back; ring 100; end 100",
                "Incoming c1 100; Unavailable; Available; Incoming c2 100; \
          Ended c2 Missed",
            ),
        ],
    );
}

#[test]
fn a_look_that_began_before_a_hook_is_outdated() {
    let mut world = World::new(SINGLE);
    let asked = world.now;
    world.now += Duration::from_millis(5);
    assert_eq!(world.step("ring 100"), ["Incoming c1 100"]);
    assert!(world.handle(Input::Process { run: None, asked }).is_empty());
    assert_eq!(world.step("gone"), ["Unavailable"]);
}

#[test]
fn the_first_look_always_tells() {
    let mut calls = Calls::new(SINGLE, || CallId::new("c"));
    let now = Instant::now();
    let out = calls.handle(Input::Process { run: None, asked: now }, now);
    assert_eq!(out, [Output::Event(EngineEvent::Phone(PhoneStatus::Unavailable))]);
}
