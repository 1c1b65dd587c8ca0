//! What MicroSIP's own list of calls adds to its hooks.

use super::*;

#[test]
fn the_list_knows_why() {
    check(
        SINGLE,
        &[
            ("ring 100; listed missed 100 -0s 0; end 100", "Incoming c1 100; Ended c1 Missed"),
            ("ring 100; listed elsewhere 100@pbx -0s 0; end 100", "Incoming c1 100; Ended c1 AnsweredElsewhere"),
            ("ring 100; listed missed 100 -0s 0; busy 100", "Incoming c1 100; Ended c1 Rejected"),
            // Rejected here in the moment in which somebody took it there.
            (
                "ring 100; reject c1; listed elsewhere 100 -0s 0; end 100",
                "Incoming c1 100; > /hangupincoming; Ended c1 AnsweredElsewhere; < /hangupincoming; ok 1",
            ),
            // A nameless caller is listed by the domain, as in the hook.
            ("ring; listed elsewhere pbx.test -0s 0; end pbx.test", "Incoming c1; Ended c1 AnsweredElsewhere"),
            // Its Answer and Start hooks were lost.
            ("ring 100; +70s; listed in 100 -70s 65; end 100", "Incoming c1 100; Lasted c1 65; Ended c1 Hangup"),
            ("outgoing 100; +70s; listed out 100 -70s 65; end 100", "Dialing c1 100; Lasted c1 65; Ended c1 Hangup"),
            ("outgoing 100; listed out 100 -0s 0; end 100", "Dialing c1 100; Ended c1 Failed"),
        ],
    );
}

#[test]
fn the_list_knows_how_long_where_hooks_came_late() {
    let talking = "ring 100; answer 100; start 100; +60s";
    let told = "Incoming c1 100; Connected c1";
    check(
        SINGLE,
        &[
            (&format!("{talking}; listed in 100 -60s 60; end 100"), &format!("{told}; Ended c1 Hangup")),
            (&format!("{talking}; listed in 100 -60s 59; end 100"), &format!("{told}; Ended c1 Hangup")),
            (&format!("{talking}; listed in 100 -60s 50; end 100"), &format!("{told}; Lasted c1 50; Ended c1 Hangup")),
            (&format!("{talking}; listed in 100 -60s 0; end 100"), &format!("{told}; Ended c1 Hangup")),
        ],
    );
}

#[test]
fn what_is_about_another_call_says_nothing() {
    check(
        SINGLE,
        &[
            ("ring 100; +9s; listed elsewhere 200 -9s 0; end 100", "Incoming c1 100; Ended c1 Missed"),
            ("ring 100; listed elsewhere 100 -60s 0; end 100", "Incoming c1 100; Ended c1 Missed"),
            ("ring 100; listed in 100 -0s 65; end 100", "Incoming c1 100; Ended c1 Missed"),
            ("outgoing 100; listed elsewhere 100 -0s 0; end 100", "Dialing c1 100; Ended c1 Failed"),
            // Of two the newest.
            (
                "ring 100; +9s; listed elsewhere 100 -9s 0; listed missed 100 -5s 0; end 100",
                "Incoming c1 100; Ended c1 Missed",
            ),
        ],
    );
}
