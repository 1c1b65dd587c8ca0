//! Calls from begin to end.

use backend::engine::{Action, Engine, EngineError, EngineEvent};
use protocol::wire::rest::TransferTarget;
use protocol::{CallId, EndReason};
use testkit::standin::{Op, Setup};

use super::{IN_VAIN, World};

#[tokio::test]
async fn a_call_comes_in_and_all_controls_work() {
    let mut world = World::start().await;
    let call = world.talking("100").await;
    let updated = |muted, held| EngineEvent::Updated { call: call.clone(), muted, held };
    let (hold, mute) = (|on| Action::Hold { call: call.clone(), on }, |on| Action::Mute { call: call.clone(), on });

    assert_eq!(world.engine.perform(hold(true)).await, Ok(()));
    assert_eq!(world.event().await, updated(None, Some(true)));
    assert!(world.standin.state().await.unwrap().calls[0].held);
    assert_eq!(world.engine.perform(hold(true)).await, Ok(()), "held already: no toggle");
    assert_eq!(world.engine.perform(hold(false)).await, Ok(()));
    assert_eq!(world.event().await, updated(None, Some(false)));
    assert_eq!(world.engine.perform(mute(true)).await, Ok(()));
    assert_eq!(world.event().await, updated(Some(true), None));
    let digits = Action::Dtmf { call: call.clone(), digits: "12#".parse().unwrap() };
    assert_eq!(world.engine.perform(digits).await, Ok(()));
    assert_eq!(world.engine.perform(Action::Hangup(call.clone())).await, Ok(()));
    world.ended(&call, EndReason::Hangup).await;

    let state = world.standin.state().await.unwrap();
    assert!(state.calls.is_empty() && state.muted);
    assert_eq!(state.dtmf[0].1, "12#");
    let commands = ["/answer", "msip:hold", "msip:hold", "msip:micmute", "/dtmf:12#", "/hangupall"];
    assert_eq!(world.commands().await, commands);

    // The microphone is still off for the next call.
    world.standin.ring("200").await.unwrap();
    let next = world.incoming("200").await;
    assert_eq!(world.event().await, EngineEvent::Updated { call: next, muted: Some(true), held: None });
}

#[tokio::test]
async fn a_dialled_call() {
    let mut world = World::start().await;
    let call = CallId::new("a");
    assert_eq!(world.dial("a", "sip:anna@pbx.test").await, Ok(()));
    let number = "sip:anna@pbx.test".to_owned();
    assert_eq!(world.event().await, EngineEvent::Dialing { call: call.clone(), number });
    assert_eq!(world.dial("b", "300").await, Err(EngineError::Refused), "single mode");
    world.standin.play(Op::Answer { call: None }).await.unwrap();
    assert_eq!(world.event().await, EngineEvent::Connected(call.clone()));
    let target = TransferTarget::Phone("300".parse().unwrap());
    assert_eq!(world.engine.perform(Action::Transfer { call: call.clone(), target }).await, Ok(()));
    world.standin.play(Op::Hangup { call: None }).await.unwrap();
    world.ended(&call, EndReason::Transferred).await;
    assert_eq!(world.commands().await, ["sip:anna@pbx.test", "/transfer:300"]);
}

#[tokio::test]
async fn dialled_calls_that_come_to_nothing() {
    let mut world = World::start().await;
    for (id, op, reason) in [
        ("a", Some(Op::Busy { call: None }), EndReason::Busy),
        ("b", Some(Op::Fail { call: None }), EndReason::Failed),
        ("c", None, EndReason::Hangup),
    ] {
        assert_eq!(world.dial(id, "100").await, Ok(()));
        assert!(matches!(world.event().await, EngineEvent::Dialing { .. }));
        match op {
            Some(op) => drop(world.standin.play(op).await.unwrap()),
            None => assert_eq!(world.engine.perform(Action::Cancel(CallId::new(id))).await, Ok(())),
        }
        world.ended(&CallId::new(id), reason).await;
    }
    assert_eq!(world.commands().await, ["100", "100", "100", "/hangupcalling"]);
}

#[tokio::test]
async fn a_dial_that_nothing_confirms_fails_and_leaves_the_phone_usable() {
    let mut world = World::timed(|setup| setup, |config| config.confirm_within = IN_VAIN).await;
    world.standin.play(Op::StackDown { on: true }).await.unwrap();
    assert_eq!(world.dial("a", "100").await, Err(EngineError::Refused));
    world.standin.play(Op::StackDown { on: false }).await.unwrap();
    assert_eq!(world.dial("b", "100").await, Ok(()));
    let number = "100".to_owned();
    assert_eq!(world.event().await, EngineEvent::Dialing { call: CallId::new("b"), number });
}

#[tokio::test]
async fn incoming_calls_that_are_not_answered() {
    let mut world = World::start().await;
    let play = [
        (Some(Op::GiveUp { call: None }), EndReason::Missed),
        (Some(Op::TakenElsewhere { call: None }), EndReason::AnsweredElsewhere),
        (Some(Op::WindowReject { call: None }), EndReason::Rejected),
        (None, EndReason::Rejected),
    ];
    for (op, reason) in play {
        world.standin.ring("100").await.unwrap();
        let call = world.incoming("100").await;
        match op {
            Some(op) => drop(world.standin.play(op).await.unwrap()),
            None => assert_eq!(world.engine.perform(Action::Reject(call.clone())).await, Ok(())),
        }
        world.ended(&call, reason).await;
    }
    // Refused before it rang: no call at all. The next event is the next call's.
    let (user, domain, name) = ("666".to_owned(), "caller.test".to_owned(), String::new());
    world.standin.play(Op::Ring { user, domain, name, refused: true }).await.unwrap();
    world.standin.ring("100").await.unwrap();
    world.incoming("100").await;
}

#[tokio::test]
async fn what_the_operator_does_in_the_window() {
    let mut world = World::start().await;
    world.standin.play(Op::Command { raw: "555".to_owned() }).await.unwrap();
    let EngineEvent::Dialing { call, number } = world.event().await else { panic!("nothing is dialled") };
    assert_eq!(number, "555");
    world.standin.play(Op::Command { raw: "/hangupall".to_owned() }).await.unwrap();
    world.ended(&call, EndReason::Failed).await;
    world.standin.ring("100").await.unwrap();
    let call = world.incoming("100").await;
    world.standin.play(Op::WindowAnswer { call: None }).await.unwrap();
    assert_eq!(world.event().await, EngineEvent::Connected(call.clone()));
    world.standin.play(Op::Command { raw: "/hangupall".to_owned() }).await.unwrap();
    world.ended(&call, EndReason::Hangup).await;
}

#[tokio::test]
async fn single_mode_ends_the_first_call_when_the_second_is_answered() {
    let mut world = World::start().await;
    let first = world.talking("100").await;
    world.standin.ring("100").await.unwrap();
    let second = world.incoming("100").await;
    assert_eq!(world.engine.perform(Action::Answer(second.clone())).await, Ok(()));
    world.ended(&first, EndReason::Hangup).await;
    assert_eq!(world.event().await, EngineEvent::Connected(second));
}

#[tokio::test]
async fn beside_each_other_the_second_call_parks_the_first() {
    let mut world = World::with(Setup::many_calls).await;
    let first = world.talking("100").await;
    world.standin.ring("200").await.unwrap();
    let second = world.incoming("200").await;
    let held = |on| EngineEvent::Updated { call: first.clone(), muted: None, held: Some(on) };
    assert_eq!(world.engine.perform(Action::Answer(second.clone())).await, Ok(()));
    assert_eq!(world.event().await, held(true));
    assert_eq!(world.event().await, EngineEvent::Connected(second.clone()));
    world.standin.play(Op::Hangup { call: Some(2) }).await.unwrap();
    world.ended(&second, EndReason::Hangup).await;
    assert!(world.standin.state().await.unwrap().calls[0].held);
    assert_eq!(world.engine.perform(Action::Hold { call: first.clone(), on: false }).await, Ok(()));
    assert_eq!(world.event().await, held(false));
    assert!(!world.standin.state().await.unwrap().calls[0].held);
}

#[tokio::test]
async fn an_end_without_a_hook() {
    let mut world = World::timed(|setup| setup, |config| config.confirm_within = IN_VAIN).await;
    let call = world.talking("100").await;
    world.standin.play(Op::LoseWithoutHook { call: None }).await.unwrap();
    assert_eq!(world.engine.perform(Action::Hangup(call.clone())).await, Ok(()));
    world.ended(&call, EndReason::Hangup).await;
}

#[tokio::test]
async fn the_call_on_hold_is_not_hung_up_with_the_live_one() {
    let mut world = World::with(Setup::many_calls).await;
    let first = world.talking("100").await;
    world.standin.ring("200").await.unwrap();
    let second = world.incoming("200").await;
    assert_eq!(world.engine.perform(Action::Answer(second.clone())).await, Ok(()));
    assert_eq!(world.event().await, EngineEvent::Updated { call: first.clone(), muted: None, held: Some(true) });
    assert_eq!(world.event().await, EngineEvent::Connected(second));
    assert_eq!(world.engine.perform(Action::Hangup(first)).await, Err(EngineError::NotSupported));
    assert_eq!(world.standin.state().await.unwrap().calls.len(), 2);
    assert_eq!(world.commands().await, ["/answer", "/answer"]);
}
