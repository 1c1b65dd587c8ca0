//! The main job.

use anyhow::Result;
use e2e::all_show;
use serde_json::json;
use testkit::standin::{CallStage, Op};

use super::desk::Desk;

#[tokio::test]
async fn it_rings_in_two_tabs_is_answered_in_one_and_hung_up_in_the_other() -> Result<()> {
    let desk = Desk::with(2).await?;
    desk.phone.ring("+74951234567").await?;
    all_show(&desk.tabs, "data-call", Some("incoming")).await?;
    assert!(desk.tabs[0].text("caller").await?.contains("74951234567"));
    desk.tabs[1].click("answer").await?;
    all_show(&desk.tabs, "data-call", Some("talking")).await?;
    desk.phone.until(|state| state.calls.iter().any(|call| call.stage == CallStage::Connected)).await?;
    desk.tabs[0].click("mute").await?;
    all_show(&desk.tabs, "data-muted", Some("")).await?;
    desk.phone.until(|state| state.muted).await?;
    desk.tabs[0].click("hangup").await?;
    all_show(&desk.tabs, "data-call", Some("idle")).await?;
    desk.phone.until(|state| state.calls.is_empty()).await?;
    let commands = ["/answer", "msip:micmute", "/hangupall"].map(str::to_owned).to_vec();
    assert_eq!(desk.commands().await?, (commands, true), "all of them by messages to its window");
    let state = desk.phone.until(|state| state.hooks.len() == 5).await?;
    assert!(state.hooks.iter().all(|hook| hook.code == Some(0)), "{:?}", state.hooks);
    Ok(())
}

#[tokio::test]
async fn it_dials_what_was_typed_and_follows_the_other_party() -> Result<()> {
    let desk = Desk::with(2).await?;
    desk.tabs[0].type_into("number", "205\u{e007}").await?;
    all_show(&desk.tabs, "data-call", Some("dialing")).await?;
    desk.phone.play(Op::Answer { call: None }).await?;
    all_show(&desk.tabs, "data-call", Some("talking")).await?;
    desk.tabs[1].click("hold").await?;
    all_show(&desk.tabs, "data-held", Some("")).await?;
    desk.phone.until(|state| state.calls[0].held).await?;
    desk.phone.play(Op::Hangup { call: None }).await?;
    all_show(&desk.tabs, "data-call", Some("idle")).await?;
    assert_eq!(desk.commands().await?, (vec!["205".to_owned(), "msip:hold".to_owned()], true));
    Ok(())
}

#[tokio::test]
async fn a_call_is_rejected_and_one_that_nobody_answers_is_missed() -> Result<()> {
    let desk = Desk::with(1).await?;
    desk.phone.ring("301").await?;
    all_show(&desk.tabs, "data-call", Some("incoming")).await?;
    desk.tabs[0].click("reject").await?;
    all_show(&desk.tabs, "data-call", Some("idle")).await?;
    desk.phone.ring("302").await?;
    all_show(&desk.tabs, "data-call", Some("incoming")).await?;
    desk.phone.play(Op::GiveUp { call: None }).await?;
    all_show(&desk.tabs, "data-call", Some("idle")).await?;
    let calls = desk.backend.fetch("/api/sip/calls").await?;
    let told = |n: usize| (calls["calls"][n]["number"].clone(), calls["calls"][n]["reason"].clone());
    assert_eq!((told(0), told(1)), ((json!("302"), json!("missed")), (json!("301"), json!("rejected"))));
    Ok(())
}
