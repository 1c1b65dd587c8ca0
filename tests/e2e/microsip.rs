//! The main job on the MicroSIP engine: tabs, backend, hooks and the stand-in, each a process of its own.

use anyhow::Result;
use e2e::{Backend, Browser, Tab, all_show, backend_executable};
use serde_json::json;
use tempfile::TempDir;
use testkit::standin::{CallStage, Op, Setup, StandIn};

struct Desk {
    phone: StandIn,
    backend: Backend,
    tabs: Vec<Tab>,
    _browser: Browser,
}

async fn desk(tabs: usize) -> Result<Desk> {
    let data_dir = TempDir::new()?;
    let phone = StandIn::start(&Setup::with_backend(&backend_executable()?, data_dir.path())).await?;
    let backend = Backend::microsip(data_dir, phone.exe()).await?;
    let browser = Browser::start().await?;
    let mut open = Vec::new();
    for _ in 0..tabs {
        open.push(browser.open(&backend.url()).await?);
        open.last().unwrap().wait_attribute("data-phone", Some("available")).await?;
    }
    Ok(Desk { phone, backend, tabs: open, _browser: browser })
}

#[tokio::test]
async fn it_rings_is_answered_in_tab_2_muted_in_tab_1_and_hung_up_in_tab_3() -> Result<()> {
    let Desk { phone, backend, tabs, _browser } = desk(3).await?;
    phone.ring("+74951234567").await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    assert!(tabs[0].text("caller").await?.contains("74951234567"));
    tabs[1].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    phone.until(|state| state.calls.iter().any(|call| call.stage == CallStage::Connected)).await?;
    tabs[0].click("mute").await?;
    all_show(&tabs, "data-muted", Some("")).await?;
    phone.until(|state| state.muted).await?;
    tabs[2].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    let state = phone.until(|state| state.calls.is_empty()).await?;
    assert_eq!(state.raw_commands(), ["/answer", "msip:micmute", "/hangupall"]);
    assert_eq!(backend.sse_connections().await?, 1);
    Ok(())
}

#[tokio::test]
async fn it_dials_what_was_typed_and_follows_the_other_party() -> Result<()> {
    let Desk { phone, tabs, backend: _backend, _browser } = desk(2).await?;
    tabs[0].type_into("number", "205\u{e007}").await?;
    all_show(&tabs, "data-call", Some("dialing")).await?;
    phone.play(Op::Answer { call: None }).await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    tabs[1].click("hold").await?;
    all_show(&tabs, "data-held", Some("")).await?;
    phone.until(|state| state.calls[0].held).await?;
    tabs[0].click("hold").await?;
    all_show(&tabs, "data-held", None).await?;
    phone.until(|state| !state.calls[0].held).await?;
    phone.play(Op::Hangup { call: None }).await?;
    all_show(&tabs, "data-call", Some("idle")).await
}

#[tokio::test]
async fn a_call_is_rejected_and_one_that_nobody_answers_is_missed() -> Result<()> {
    let Desk { phone, backend, tabs, _browser } = desk(2).await?;
    phone.ring("301").await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    tabs[1].click("reject").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    phone.ring("302").await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    phone.play(Op::GiveUp { call: None }).await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    let calls = backend.fetch("/api/sip/calls").await?;
    let told = |n: usize| (calls["calls"][n]["number"].clone(), calls["calls"][n]["reason"].clone());
    assert_eq!((told(0), told(1)), ((json!("302"), json!("missed")), (json!("301"), json!("rejected"))));
    Ok(())
}

#[tokio::test]
async fn a_softphone_that_dies_in_mid_call_takes_its_call_along_and_may_come_back() -> Result<()> {
    let Desk { mut phone, tabs, backend: _backend, _browser } = desk(2).await?;
    phone.ring("100").await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    phone.kill();
    all_show(&tabs, "data-phone", Some("unavailable")).await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    let refused = "return phone.dial('1').then(() => 'taken', e => e.code)";
    assert_eq!(tabs[1].script(refused, vec![]).await?, "phone_unavailable");
    phone.launch().await?;
    all_show(&tabs, "data-phone", Some("available")).await?;
    phone.ring("200").await?;
    all_show(&tabs, "data-call", Some("incoming")).await
}

#[tokio::test]
async fn a_hostile_caller_is_shown_as_text_and_reaches_nothing() -> Result<()> {
    let Desk { phone, tabs, backend: _backend, _browser } = desk(1).await?;
    for user in ["1&calc", "<img src=x onerror=alert(1)>", "--data-dir", "/resetnoask", "\" /exit", ""] {
        phone.ring(user).await?;
        all_show(&tabs, "data-call", Some("incoming")).await?;
        assert_eq!(tabs[0].script("return part('caller').querySelector('img')", vec![]).await?, json!(null));
        tabs[0].click("reject").await?;
        all_show(&tabs, "data-call", Some("idle")).await?;
    }
    let state = phone.state().await?;
    assert!(!state.reset && state.messages.is_empty());
    assert!(state.raw_commands().iter().all(|command| *command == "/hangupincoming"), "{:?}", state.raw_commands());
    Ok(())
}
