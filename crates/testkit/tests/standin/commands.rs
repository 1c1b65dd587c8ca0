//! What each command line does, beside the hooks.

use anyhow::{Context, Result};
use testkit::standin::{CallStage, Effect, Op, Setup, StandIn};

async fn started() -> Result<StandIn> {
    StandIn::start(&Setup::default()).await
}

#[tokio::test]
async fn dialling_and_what_is_dialled_by_mistake() -> Result<()> {
    for (raw, user, domain) in [
        ("100", "100", "pbx.test"),
        ("tel:100", "100", "pbx.test"),
        ("callto:100", "100", "pbx.test"),
        ("sip:anna@x.test", "anna", "x.test"),
        ("/hold", "/hold", "pbx.test"),
        ("/ANSWER", "/ANSWER", "pbx.test"),
        ("\"100\"", "100", "pbx.test"),
    ] {
        let standin = started().await?;
        standin.command(&[raw]).await?;
        let state = standin.state().await?;
        let call = state.calls.first().context("a call")?;
        assert_eq!((call.user.as_str(), call.domain.as_str()), (user, domain), "{raw}");
    }
    Ok(())
}

#[tokio::test]
async fn a_space_makes_a_message_and_reset_a_loss() -> Result<()> {
    let standin = started().await?;
    standin.command(&["/answer", "100"]).await?;
    standin.command(&["/reset please"]).await?;
    let state = standin.state().await?;
    assert_eq!(state.messages, ["/answer 100", "/reset please"]);
    assert!(state.calls.is_empty() && !state.reset);
    standin.command(&["/resetnoask"]).await?;
    assert!(standin.state().await?.reset);
    Ok(())
}

#[tokio::test]
async fn single_mode_drops_a_dial_and_ends_for_an_answer() -> Result<()> {
    let standin = started().await?;
    let first = standin.ring("1").await?;
    let second = standin.ring("2").await?;
    standin.command(&["/answer"]).await?;
    standin.command(&["300"]).await?;
    let state = standin.state().await?;
    assert_eq!(state.commands.last().map(|command| command.effect), Some(Effect::Dropped));
    assert_eq!(state.selected, Some(first));
    standin.command(&["/answer"]).await?;
    let state = standin.state().await?;
    assert_eq!(state.calls.iter().map(|call| call.id).collect::<Vec<_>>(), [second]);
    assert_eq!(state.calls[0].stage, CallStage::Connected);

    let standin = StandIn::start(&Setup::default().many_calls()).await?;
    standin.command(&["1"]).await?;
    standin.command(&["2"]).await?;
    assert_eq!(standin.state().await?.calls.len(), 2);
    standin.play(Op::Answer { call: Some(1) }).await?;
    standin.play(Op::Answer { call: Some(2) }).await?;
    let held: Vec<bool> = standin.state().await?.calls.iter().map(|call| call.held).collect();
    assert_eq!(held, [true, false], "the second puts the first on hold");
    Ok(())
}

#[tokio::test]
async fn which_calls_a_hang_up_ends() -> Result<()> {
    for (command, left) in [
        ("/hangupall", &["ringing"][..]),
        ("/hangupincoming", &["talking", "calling"]),
        ("/hangupcalling", &["talking", "ringing"]),
    ] {
        let standin = StandIn::start(&Setup::default().many_calls()).await?;
        standin.ring("talking").await?;
        standin.command(&["/answer"]).await?;
        standin.command(&["calling"]).await?;
        standin.ring("ringing").await?;
        standin.command(&[command]).await?;
        let state = standin.state().await?;
        assert_eq!(state.calls.iter().map(|call| call.user.as_str()).collect::<Vec<_>>(), left, "{command}");
    }
    Ok(())
}

#[tokio::test]
async fn the_selected_call_and_the_global_microphone() -> Result<()> {
    let standin = started().await?;
    standin.command(&["msip:hold"]).await?;
    standin.command(&["100,55"]).await?;
    standin.command(&["/dtmf:1"]).await?;
    standin.play(Op::Answer { call: None }).await?;
    for command in ["msip:hold", "/dtmf:2", "msip:hold", "/dtmf:3", "/transfer:200", "msip:micmute"] {
        standin.command(&[command]).await?;
    }
    let state = standin.state().await?;
    let call = state.calls[0].id;
    assert_eq!(state.dtmf, [(call, "55".to_owned()), (call, "3".to_owned())]);
    assert_eq!(state.transfers, [(call, "200".to_owned())]);
    assert!(!state.calls[0].held && state.muted);
    standin.play(Op::Hangup { call: None }).await?;
    assert!(standin.state().await?.muted, "muted survives the call");
    standin.command(&["msip:micunmute"]).await?;
    assert!(!standin.state().await?.muted);
    Ok(())
}

#[tokio::test]
async fn commands_are_lost_while_the_stack_is_down() -> Result<()> {
    let standin = started().await?;
    standin.play(Op::StackDown { on: true }).await?;
    assert_eq!(standin.command(&["100"]).await?, Some(0));
    let state = standin.state().await?;
    assert_eq!(state.commands.last().map(|command| command.effect), Some(Effect::Lost));
    assert!(state.calls.is_empty());
    Ok(())
}
