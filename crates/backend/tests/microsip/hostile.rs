//! Callers who choose their number with care: it reaches the tabs as text, and nothing else.

use backend::engine::{Action, Engine};
use protocol::EndReason;

use super::World;

#[tokio::test]
async fn hostile_numbers_are_text() {
    let mut world = World::start().await;
    let long = "9".repeat(10_000);
    // What MicroSIP appends unquoted, Windows splits: quotes and surplus spaces are lost before the hook sees them.
    for (user, shown) in [
        ("1&calc", "1&calc"),
        ("/resetnoask", "/resetnoask"),
        ("/reset", "/reset"),
        ("msip:hold", "msip:hold"),
        ("--help", "--help"),
        ("--data-dir /tmp", "--data-dir /tmp"),
        ("-", "-"),
        ("hook end 100", "hook end 100"),
        ("a \"b  c\" d", "a b  c d"),
        ("\"", ""),
        ("a\" --data-dir=/x \"b", "a --data-dir=/x b"),
        ("%PATH% ^ | > x < y; $(reboot) `id`", "%PATH% ^ | > x < y; $(reboot) `id`"),
        ("line\nbreak\r\n{\"number\":1}", "linebreak{number:1}"),
        ("\u{1f4de} Анна \u{202e}", "\u{1f4de} Анна \u{202e}"),
        ("nul\0more", "nul"),
        ("", ""),
        (long.as_str(), &long[..256]),
    ] {
        world.standin.ring(user).await.unwrap();
        let call = world.incoming(shown).await;
        assert_eq!(world.engine.perform(Action::Reject(call.clone())).await, Ok(()), "{user:?}");
        world.ended(&call, EndReason::Rejected).await;
    }
    let commands = world.commands().await;
    assert!(commands.iter().all(|command| command == "/hangupincoming"), "{commands:?}");
    let state = world.standin.until(|state| state.hooks.len() == commands.len() * 3).await.unwrap();
    assert!(state.hooks.iter().all(|hook| hook.code == Some(0)), "{:?}", state.hooks);
}

#[tokio::test]
async fn two_hostile_callers_at_once_are_told_apart() {
    let mut world = World::start().await;
    world.standin.ring("").await.unwrap();
    let nobody = world.incoming("").await;
    world.standin.ring("/answer").await.unwrap();
    let other = world.incoming("/answer").await;
    world.standin.play(testkit::standin::Op::GiveUp { call: Some(2) }).await.unwrap();
    world.ended(&other, EndReason::Missed).await;
    world.standin.play(testkit::standin::Op::GiveUp { call: Some(1) }).await.unwrap();
    world.ended(&nobody, EndReason::Missed).await;
}
