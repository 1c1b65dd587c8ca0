//! What the operator does in a tab.
use super::*;
use crate::engine::microsip::Version;

#[test]
fn a_dial_may_start_a_phone_that_does_not_run() {
    check(
        STARTS,
        &[
            ("dial a 100; outgoing 100", "> 100; ok 1; Dialing a 100"),
            (
                "gone; dial a 100; delivered; back; +9s; outgoing 100; start 100",
                "Unavailable; > start 100; Available; ok 1; Dialing a 100; Connected a",
            ),
            // the hook may be quicker than the next look
            (
                "gone; dial a 100; delivered; outgoing 100; back",
                "Unavailable; > start 100; Available; ok 1; Dialing a 100",
            ),
            // it does not get as far as to dial
            ("gone; dial a 100; delivered; back; +13s; +1s", "Unavailable; > start 100; Available; Refused 1"),
            (
                "gone; dial a 100; delivered; back; gone",
                "Unavailable; > start 100; Available; Unavailable; PhoneUnavailable 1",
            ),
            ("gone; dial a 100; failed", "Unavailable; > start 100; Refused 1"),
            // never two, and for nothing but a dial
            ("gone; dial a 100; dial b 200", "Unavailable; > start 100; Refused 2"),
            ("gone; take c1", "Unavailable; PhoneUnavailable 1"),
        ],
    );
    check(SINGLE, &[("gone; dial a 100", "Unavailable; PhoneUnavailable 1")]);
}

#[test]
fn dialling() {
    check(
        SINGLE,
        &[
            (
                "dial a 100; delivered; outgoing 100; start 100; end 100",
                "> 100; ok 1; Dialing a 100; Connected a; Ended a Hangup",
            ),
            // the hook may be quicker than the process that caused it
            ("dial a 100; outgoing 100; delivered; busy 100", "> 100; ok 1; Dialing a 100; Ended a Busy"),
            // a SIP address comes back as its user part, a number perhaps as a dial plan has it
            (
                "dial a sip:anna@pbx.test; outgoing anna; start anna",
                "> sip:anna@pbx.test; ok 1; Dialing a sip:anna@pbx.test; Connected a",
            ),
            (
                "dial a +74951234567; outgoing 84951234567; end 84951234567",
                "> +74951234567; ok 1; Dialing a +74951234567; Ended a Failed",
            ),
            ("dial a 100; outgoing; start; end pbx.test", "> 100; ok 1; Dialing a 100; Connected a; Ended a Hangup"),
            // redirected: it starts under another number
            ("dial a 100; outgoing 100; start 777; end 100", "> 100; ok 1; Dialing a 100; Connected a; Ended a Hangup"),
            // nobody confirms; a late hook is a call all the same
            ("dial a 100; delivered; +5s; +9s", "> 100; Refused 1"),
            ("dial a 100; delivered; +5s; outgoing 100", "> 100; Refused 1; Dialing c1 100"),
            ("dial a 100; failed", "> 100; Refused 1"),
            // the operator dials another number in the window at the same time
            ("dial a 100; outgoing 200; +5s", "> 100; Dialing c1 200; Refused 1"),
            // single mode would drop it without a word
            ("ring 1; start 1; dial a 100", "Incoming c1 1; Connected c1; Refused 1"),
            ("dial a 100; dial b 200", "> 100; Refused 2"),
            ("ring 1; dial a 100; outgoing 100", "Incoming c1 1; > 100; ok 1; Dialing a 100"),
            // given up
            (
                "dial a 100; delivered; outgoing 100; cancel a; delivered; end 100",
                "> 100; ok 1; Dialing a 100; > /hangupcalling; ok 2; Ended a Hangup",
            ),
            // given up in the moment in which it was answered: it must not go on
            (
                "dial a 100; delivered; outgoing 100; cancel a; start 100; delivered; delivered; end 100",
                "> 100; ok 1; Dialing a 100; > /hangupcalling; Connected a; < /hangupcalling; ok 2; > /hangupall; Ended a Hangup",
            ),
        ],
    );
    check(
        MANY,
        &[(
            "ring 1; start 1; dial a 100; outgoing 100; start 100",
            "Incoming c1 1; Connected c1; > 100; ok 1; \
        Dialing a 100; Held c1 true; Connected a",
        )],
    );
}

#[test]
fn answering() {
    check(
        SINGLE,
        &[
            ("ring 1; take c1; delivered; answer 1; start 1", "Incoming c1 1; > /answer; Connected c1; ok 1"),
            ("ring 1; take c1; start 1; delivered", "Incoming c1 1; > /answer; Connected c1; ok 1"),
            ("ring 1; take c1; delivered; +5s", "Incoming c1 1; > /answer; Refused 1"),
            ("ring 1; take c1; failed", "Incoming c1 1; > /answer; Refused 1"),
            ("ring 1; take c1; end 1", "Incoming c1 1; > /answer; Ended c1 Missed; Refused 1"),
            // a second wish is no second command, which would answer the next call
            ("ring 1; take c1; take c1; answer 1", "Incoming c1 1; > /answer; Connected c1; ok 1; ok 2"),
            // /answer takes the first
            ("ring 1; ring 2; take c2", "Incoming c1 1; Incoming c2 2; Refused 1"),
            ("take c9; ring 1; start 1; take c1", "Refused 1; Incoming c1 1; Connected c1; Refused 2"),
            // single mode ends the first, with its hook before or without
            (
                "ring 1; start 1; ring 2; take c2; end 1; answer 2; start 2; end 2",
                "Incoming c1 1; Connected c1; Incoming c2 2; > /answer; Ended c1 Hangup; Connected c2; ok 1; Ended c2 Hangup",
            ),
            (
                "ring 1; start 1; ring 2; take c2; answer 2; start 2; end 1; end 2",
                "Incoming c1 1; Connected c1; Incoming c2 2; > /answer; Ended c1 Hangup; Connected c2; ok 1; Ended c2 Hangup",
            ),
        ],
    );
    check(
        MANY,
        &[
            (
                "ring 1; start 1; ring 2; take c2; start 2; end 1",
                "Incoming c1 1; Connected c1; Incoming c2 2; \
        > /answer; Held c1 true; Connected c2; ok 1; Ended c1 Hangup",
            ),
            // the first is on hold, and can be taken back once the second is over
            (
                "ring 1; start 1; ring 2; start 2; hold c1 off; end 2; hold c1 on; hold c1 off; delivered",
                "Incoming c1 1; Connected c1; Incoming c2 2; Held c1 true; Connected c2; Refused 1; Ended c2 Hangup; \
        ok 2; > msip:hold; Held c1 false; ok 3",
            ),
            // it is told once, also where the operator had parked it, or was about to take it back
            (
                "ring 1; start 1; hold c1 on; delivered; hold c1 off; ring 2; start 2; delivered; end 2; hold c1 off",
                "Incoming c1 1; Connected c1; > msip:hold; Held c1 true; ok 1; > msip:hold; Incoming c2 2; Connected c2; \
        ok 2; Ended c2 Hangup; > msip:hold",
            ),
            (
                "ring 1; start 1; hold c1 on; ring 2; start 2; delivered; end 2; hold c1 off; delivered",
                "Incoming c1 1; Connected c1; > msip:hold; Incoming c2 2; Held c1 true; Connected c2; ok 1; \
        Ended c2 Hangup; > msip:hold; Held c1 false; ok 2",
            ),
        ],
    );
}

#[test]
fn ending() {
    check(
        SINGLE,
        &[
            (
                "ring 1; start 1; hangup c1; delivered; end 1",
                "Incoming c1 1; Connected c1; > /hangupall; ok 1; Ended c1 Hangup",
            ),
            // the command is the call's, whatever the desk took it for
            ("ring 1; start 1; reject c1", "Incoming c1 1; Connected c1; > /hangupall"),
            ("ring 1; hangup c1", "Incoming c1 1; > /hangupincoming"),
            // two wishes, one command
            ("ring 1; reject c1; reject c1", "Incoming c1 1; > /hangupincoming; ok 2"),
            // no hook: it is over all the same, and a late hook is not another call's
            (
                "ring 1; start 1; hangup c1; delivered; +5s; end 1",
                "Incoming c1 1; Connected c1; > /hangupall; ok 1; Ended c1 Hangup",
            ),
            (
                "ring 1; start 1; hangup c1; +5s; delivered",
                "Incoming c1 1; Connected c1; > /hangupall; Refused 1; Ended c1 Hangup",
            ),
            (
                "ring 1; start 1; hangup c1; +5s; ring 1; end 1; end 1",
                "Incoming c1 1; Connected c1; > /hangupall; Refused 1; \
          Ended c1 Hangup; Incoming c2 1; < /hangupall; Ended c2 Missed",
            ),
            (
                "ring 1; start 1; hangup c1; failed; +5s",
                "Incoming c1 1; Connected c1; > /hangupall; Refused 1; Ended c1 Hangup",
            ),
            // rejecting takes all that ring
            (
                "ring 1; ring 2; reject c2; delivered; end 1; end 2",
                "Incoming c1 1; Incoming c2 2; > /hangupincoming; ok 1; \
          Ended c1 Rejected; Ended c2 Rejected",
            ),
            // hanging up leaves those that ring
            (
                "ring 1; start 1; ring 2; hangup c1; end 1; end 2",
                "Incoming c1 1; Connected c1; Incoming c2 2; > /hangupall; \
          Ended c1 Hangup; < /hangupall; ok 1; Ended c2 Missed",
            ),
            // the desk gave it up first: it is in nobody's way, and a late hook is not another call's
            (
                "ring 1; start 1; hangup c1; delivered; +3s; forget c1; forget c1; dial a 2; end 1; outgoing 2; +9s",
                "Incoming c1 1; Connected c1; > /hangupall; ok 1; Ended c1 Hangup; > 2; ok 2; Dialing a 2",
            ),
            ("ring 1; reject c1; failed; forget c1", "Incoming c1 1; > /hangupincoming; Refused 1; Ended c1 Rejected"),
            // a hang-up that comes too late would hit the next call: withdrawn once its own is over by a hook
            (
                "ring 1; reject c1; end 1; failed",
                "Incoming c1 1; > /hangupincoming; Ended c1 Rejected; < /hangupincoming; ok 1",
            ),
            (
                "ring 1; reject c1; +5s; +9s; ring 2; end 1",
                "Incoming c1 1; > /hangupincoming; Refused 1; Ended c1 Rejected; Incoming c2 2; < /hangupincoming",
            ),
            (
                "ring; reject c1; forget c1; +9s; ring 2; end pbx.test",
                "Incoming c1; > /hangupincoming; Ended c1 Rejected; Refused 1; Incoming c2 2; < /hangupincoming",
            ),
            (
                "ring 1; ring 2; reject c1; end 1; end 2",
                "Incoming c1 1; Incoming c2 2; > /hangupincoming; Ended c1 Rejected; Ended c2 Rejected; < /hangupincoming; ok 1",
            ),
            (
                "ring 1; start 1; hangup c1; ring 2; start 2",
                "Incoming c1 1; Connected c1; > /hangupall; Incoming c2 2; Ended c1 Hangup; < /hangupall; ok 1; Connected c2",
            ),
            // while it may be up, never
            (
                "ring 1; start 1; hangup c1; end 2; +9s; end 3",
                "Incoming c1 1; Connected c1; > /hangupall; Refused 1; Ended c1 Hangup",
            ),
            ("forget nobody", ""),
            ("hangup nobody", "Refused 1"),
            // rejected in the moment in which it was answered in the window
            (
                "ring 1; reject c1; answer 1; start 1; end 1",
                "Incoming c1 1; > /hangupincoming; Connected c1; < /hangupincoming; ok 1; > /hangupall; Ended c1 Hangup; < /hangupall",
            ),
        ],
    );
}

#[test]
fn ending_one_of_several() {
    check(
        MANY,
        &[
            // the live call would end with it
            (
                "ring 1; start 1; ring 2; start 2; hangup c1; end 2; hangup c1; delivered; end 1",
                "Incoming c1 1; Connected c1; Incoming c2 2; Held c1 true; Connected c2; NotSupported 1; Ended c2 Hangup; \
          > /hangupall; ok 2; Ended c1 Hangup",
            ),
            (
                "ring 1; start 1; dial a 100; outgoing 100; hangup c1; cancel a",
                "Incoming c1 1; Connected c1; > 100; ok 1; Dialing a 100; NotSupported 2; > /hangupcalling",
            ),
            // one that rings is none of its business
            ("ring 1; start 1; ring 2; hangup c1", "Incoming c1 1; Connected c1; Incoming c2 2; > /hangupall"),
            // what is on hold goes with the live call
            (
                "ring 1; start 1; ring 2; start 2; hangup c2; hangup c1; end 2; end 1",
                "Incoming c1 1; Connected c1; Incoming c2 2; Held c1 true; Connected c2; > /hangupall; ok 2; \
          Ended c2 Hangup; Ended c1 Hangup; < /hangupall; ok 1",
            ),
        ],
    );
}

#[test]
fn hold_is_a_toggle_and_mute_is_not() {
    check(
        SINGLE,
        &[
            (
                "ring 1; start 1; hold c1 on; delivered; hold c1 on; hold c1 off; delivered",
                "Incoming c1 1; Connected c1; \
          > msip:hold; Held c1 true; ok 1; ok 2; > msip:hold; Held c1 false; ok 3",
            ),
            ("ring 1; start 1; hold c1 off", "Incoming c1 1; Connected c1; ok 1"),
            // quicker than MicroSIP
            (
                "ring 1; start 1; hold c1 on; hold c1 on; hold c1 off; delivered; delivered",
                "Incoming c1 1; Connected c1; \
          > msip:hold; ok 2; > msip:hold; Held c1 true; ok 1; Held c1 false; ok 3",
            ),
            (
                "ring 1; start 1; hold c1 on; failed; hold c1 on; delivered",
                "Incoming c1 1; Connected c1; > msip:hold; \
          Refused 1; > msip:hold; Held c1 true; ok 2",
            ),
            // two toggles on their way, of which the first comes to nothing: the second parks the call
            (
                "ring 1; start 1; hold c1 on; hold c1 off; failed; delivered; hold c1 on; hold c1 off; delivered",
                "Incoming c1 1; Connected c1; > msip:hold; > msip:hold; Refused 1; Held c1 true; ok 2; ok 3; > msip:hold; \
          Held c1 false; ok 4",
            ),
            ("ring 1; hold c1 on", "Incoming c1 1; Refused 1"),
            // the answer does not wait for ever, the state does
            (
                "ring 1; start 1; hold c1 on; +5s; delivered",
                "Incoming c1 1; Connected c1; > msip:hold; Refused 1; Held c1 true",
            ),
            (
                "ring 1; start 1; hold c1 on; end 1; delivered",
                "Incoming c1 1; Connected c1; > msip:hold; Ended c1 Hangup; ok 1",
            ),
            // muted survives the call
            (
                "ring 1; start 1; mute c1 on; delivered; mute c1 on; end 1; ring 2; start 2; mute c2 off; delivered",
                "Incoming c1 1; Connected c1; > msip:micmute; Muted c1 true; ok 1; ok 2; Ended c1 Hangup; Incoming c2 2; \
          Muted c2 true; Connected c2; > msip:micunmute; Muted c2 false; ok 3",
            ),
            (
                "ring 1; start 1; mute c1 on; failed; mute c1 on",
                "Incoming c1 1; Connected c1; > msip:micmute; Refused 1; > msip:micmute",
            ),
            // but not MicroSIP
            (
                "ring 1; start 1; mute c1 on; delivered; gone; back; ring 2",
                "Incoming c1 1; Connected c1; > msip:micmute; \
          Muted c1 true; ok 1; Unavailable; Available; Incoming c2 2",
            ),
        ],
    );
    check(
        MANY,
        &[(
            "ring 1; start 1; ring 2; start 2; hold c1 on; hold c2 on; mute c1 on; delivered; delivered",
            "Incoming c1 1; \
        Connected c1; Incoming c2 2; Held c1 true; Connected c2; Refused 1; > msip:hold; > msip:micmute; Held c2 true; ok 2; \
        Muted c1 true; Muted c2 true; ok 3",
        )],
    );
}

#[test]
fn digits_and_transfers() {
    check(
        SINGLE,
        &[
            ("ring 1; start 1; dtmf c1 12#; delivered", "Incoming c1 1; Connected c1; > /dtmf:12#; ok 1"),
            ("ring 1; dtmf c1 1; transfer c1 2", "Incoming c1 1; Refused 1; Refused 2"),
            (
                "ring 1; start 1; transfer c1 200; delivered; end 1",
                "Incoming c1 1; Connected c1; > /transfer:200; ok 1; Ended c1 Transferred",
            ),
            (
                "ring 1; start 1; transfer c1 200; delivered; hangup c1; end 1",
                "Incoming c1 1; Connected c1; > /transfer:200; \
          ok 1; > /hangupall; Ended c1 Hangup; < /hangupall; ok 2",
            ),
            // the transfer failed, they talked on
            (
                "ring 1; start 1; transfer c1 200; delivered; +120s; end 1",
                "Incoming c1 1; Connected c1; > /transfer:200; ok 1; Ended c1 Hangup",
            ),
            ("ring 1; start 1; join c1 c2", "Incoming c1 1; Connected c1; NotSupported 1"),
        ],
    );
}

#[test]
fn older_versions() {
    let of = |version| Rules { version: Some(version), ..SINGLE };
    check(
        of(Version(3, 20, 5)),
        &[
            ("ring 1; reject c1", "Incoming c1 1; NotSupported 1"),
            ("ring 1; start 1; mute c1 on", "Incoming c1 1; Connected c1; NotSupported 1"),
            ("outgoing 1; cancel c1", "Dialing c1 1; > /hangupcalling"),
        ],
    );
    check(of(Version(3, 19, 27)), &[("outgoing 1; cancel c1", "Dialing c1 1; > /hangupall")]);
}
