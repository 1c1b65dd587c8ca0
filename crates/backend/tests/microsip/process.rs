//! MicroSIP's process comes and goes, hangs and is asked too much.

use std::time::Duration;

use backend::engine::{Action, Engine, EngineError, EngineEvent};
use protocol::{CallId, PhoneStatus};
use testkit::standin::{Effect, Op};

use super::World;

#[tokio::test]
async fn killed_in_mid_call_and_back_again() {
    let mut world = World::start().await;
    let call = world.talking("100").await;
    world.standin.kill();
    assert_eq!(world.event().await, EngineEvent::Phone(PhoneStatus::Unavailable));
    assert_eq!(world.engine.perform(Action::Hangup(call)).await, Err(EngineError::PhoneUnavailable));
    assert_eq!(world.dial("a", "100").await, Err(EngineError::PhoneUnavailable));
    world.standin.launch().await.unwrap();
    assert_eq!(world.event().await, EngineEvent::Phone(PhoneStatus::Available));
    world.talking("100").await;
    assert_eq!(world.commands().await, ["/answer"], "nothing was sent while it was away");
}

#[tokio::test]
async fn killed_and_back_between_two_looks() {
    let mut world = World::timed(|setup| setup, |config| config.poll_every = Duration::from_secs(3)).await;
    let call = world.talking("100").await;
    let mute = Action::Mute { call: call.clone(), on: true };
    assert_eq!(world.engine.perform(mute).await, Ok(()));
    assert_eq!(world.event().await, EngineEvent::Updated { call, muted: Some(true), held: None });
    world.standin.kill();
    world.standin.launch().await.unwrap();
    assert_eq!(world.event().await, EngineEvent::Phone(PhoneStatus::Unavailable));
    assert_eq!(world.event().await, EngineEvent::Phone(PhoneStatus::Available));
    world.standin.ring("200").await.unwrap();
    let next = world.incoming("200").await;
    assert_eq!(world.engine.perform(Action::Answer(next.clone())).await, Ok(()));
    assert_eq!(world.event().await, EngineEvent::Connected(next), "and its microphone is open");
}

#[tokio::test]
async fn killed_while_a_dial_waits() {
    let mut world = World::start().await;
    world.standin.play(Op::StackDown { on: true }).await.unwrap();
    let dial = world.dial("a", "100");
    let kill = async {
        world.standin.until(|state| !state.commands.is_empty()).await.unwrap();
        world.standin.play(Op::Crash).await.unwrap_err();
    };
    let (dialled, ()) = tokio::join!(dial, kill);
    assert_eq!(dialled, Err(EngineError::PhoneUnavailable));
    // The crashed process is still the test's child; only now it is quite gone.
    world.standin.kill();
    assert_eq!(world.event().await, EngineEvent::Phone(PhoneStatus::Unavailable));
}

#[tokio::test]
async fn many_commands_at_once_arrive_one_by_one_in_order() {
    let mut world = World::start().await;
    let call = world.talking("100").await;
    let dtmf = |digit: u8| Action::Dtmf { call: call.clone(), digits: digit.to_string().parse().unwrap() };
    let engine = &world.engine;
    let one = |digit| engine.perform(dtmf(digit));
    // Polled in this order, so sent in this order.
    let done = tokio::join!(one(1), one(2), one(3), one(4), one(5), one(6));
    assert_eq!(done, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(())));
    let digits = ["/dtmf:1", "/dtmf:2", "/dtmf:3", "/dtmf:4", "/dtmf:5", "/dtmf:6"];
    assert_eq!(world.commands().await[1..], digits);
}

#[tokio::test]
async fn a_hook_that_hangs_delays_but_deadlocks_nothing() {
    let mut world = World::with(|setup| setup.hook_wait(Duration::from_millis(1500))).await;
    world.standin.ring("100").await.unwrap();
    let call = world.incoming("100").await;
    world.standin.play(Op::HangNextHook).await.unwrap();
    // Its Answer hook hangs and never comes; the Start hook after it does, and the commands behind it still arrive.
    assert_eq!(world.engine.perform(Action::Answer(call.clone())).await, Ok(()));
    assert_eq!(world.event().await, EngineEvent::Connected(call.clone()));
    let hold = Action::Hold { call: call.clone(), on: true };
    assert_eq!(world.engine.perform(hold).await, Ok(()));
    assert_eq!(world.event().await, EngineEvent::Updated { call, muted: None, held: Some(true) });
    assert_eq!(world.commands().await, ["/answer", "msip:hold"]);
}

#[tokio::test]
async fn a_locked_ini_is_a_refused_command_and_the_call_can_be_retried() {
    let mut world = World::start().await;
    world.standin.ring("100").await.unwrap();
    let call = world.incoming("100").await;
    world.standin.play(Op::LockIni { on: true }).await.unwrap();
    assert_eq!(world.engine.perform(Action::Answer(call.clone())).await, Err(EngineError::Refused));
    world.standin.play(Op::LockIni { on: false }).await.unwrap();
    assert_eq!(world.engine.perform(Action::Answer(call.clone())).await, Ok(()));
    assert_eq!(world.event().await, EngineEvent::Connected(call));
    let state = world.standin.state().await.unwrap();
    assert_eq!(state.locked_out, 1);
    assert!(state.commands.iter().all(|command| command.effect == Effect::Done));
}

#[tokio::test]
async fn a_call_that_the_engine_does_not_know() {
    let world = World::start().await;
    let nobody = CallId::new("nobody");
    assert_eq!(world.engine.perform(Action::Answer(nobody.clone())).await, Err(EngineError::Refused));
    assert_eq!(world.engine.perform(Action::Hangup(nobody)).await, Err(EngineError::Refused));
    assert!(world.commands().await.is_empty());
}
