//! MicroSIP itself: killed, twice on one desktop, deaf for a while, older than messages to its window.

use std::time::Duration;

use anyhow::Result;
use e2e::all_show;
use tempfile::TempDir;
use testkit::Wine;
use testkit::standin::{Op, Setup, StandIn};

use super::desk::{Desk, USER};

#[tokio::test]
async fn killed_in_mid_call_it_takes_its_call_along_and_may_come_back() -> Result<()> {
    let mut desk = Desk::with(2).await?;
    desk.phone.ring("100").await?;
    all_show(&desk.tabs, "data-call", Some("incoming")).await?;
    desk.tabs[0].click("answer").await?;
    all_show(&desk.tabs, "data-call", Some("talking")).await?;
    desk.phone.kill();
    all_show(&desk.tabs, "data-phone", Some("unavailable")).await?;
    all_show(&desk.tabs, "data-call", Some("idle")).await?;
    let refused = "return phone.dial('1').then(() => 'taken', e => e.code)";
    assert_eq!(desk.tabs[1].script(refused, vec![]).await?, "phone_unavailable");
    desk.phone.launch().await?;
    all_show(&desk.tabs, "data-phone", Some("available")).await?;
    desk.phone.ring("200").await?;
    all_show(&desk.tabs, "data-call", Some("incoming")).await
}

#[tokio::test]
async fn a_dial_starts_it_where_that_is_set() -> Result<()> {
    let mut desk = Desk::with_options(1, |setup| setup, &["--start-microsip", "on"]).await?;
    desk.phone.kill();
    all_show(&desk.tabs, "data-phone", Some("unavailable")).await?;
    desk.tabs[0].type_into("number", "205\u{e007}").await?;
    all_show(&desk.tabs, "data-call", Some("dialing")).await?;
    all_show(&desk.tabs, "data-phone", Some("available")).await?;
    // The new one is nobody's child here: it is ended by the way that it knows itself.
    desk.phone.connect().await?;
    assert_eq!(desk.phone.state().await?.calls[0].user, "205");
    desk.phone.play(Op::Answer { call: None }).await?;
    all_show(&desk.tabs, "data-call", Some("talking")).await?;
    assert!(desk.phone.play(Op::Crash).await.is_err());
    all_show(&desk.tabs, "data-phone", Some("unavailable")).await
}

#[tokio::test]
async fn of_two_on_one_desktop_each_backend_drives_its_own() -> Result<()> {
    let other = Setup::default();
    let mut other = StandIn::install_for_windows(&Wine::from_environment()?, &other, TempDir::with_prefix(USER)?)?;
    other.launch().await?;
    let desk = Desk::with(1).await?;
    desk.tabs[0].type_into("number", "205\u{e007}").await?;
    all_show(&desk.tabs, "data-call", Some("dialing")).await?;
    assert_eq!(desk.commands().await?, (vec!["205".to_owned()], true));
    assert!(other.state().await?.commands.is_empty());
    other.kill();
    desk.phone.play(Op::Answer { call: None }).await?;
    all_show(&desk.tabs, "data-call", Some("talking")).await
}

#[tokio::test]
async fn one_that_knows_no_such_messages_is_told_by_a_process() -> Result<()> {
    let desk = Desk::of(1, Setup::older).await?;
    desk.tabs[0].type_into("number", "205\u{e007}").await?;
    all_show(&desk.tabs, "data-call", Some("dialing")).await?;
    assert_eq!(desk.commands().await?, (vec!["205".to_owned()], false));
    assert_eq!(desk.phone.state().await?.overlaps, 0);
    Ok(())
}

#[tokio::test]
async fn one_that_waits_for_a_hook_is_waited_for() -> Result<()> {
    let desk = Desk::of(1, |setup| setup.hook_wait(Duration::from_secs(2))).await?;
    desk.phone.ring("100").await?;
    all_show(&desk.tabs, "data-call", Some("incoming")).await?;
    desk.phone.until(|state| state.hooks.len() == 2).await?;
    desk.phone.play(Op::HangNextHook).await?;
    desk.tabs[0].click("answer").await?;
    // The first of the two hooks was lost; the other is enough.
    all_show(&desk.tabs, "data-call", Some("talking")).await?;
    desk.tabs[0].click("hangup").await?;
    all_show(&desk.tabs, "data-call", Some("idle")).await?;
    assert_eq!(desk.commands().await?, (vec!["/answer".to_owned(), "/hangupall".to_owned()], true));
    Ok(())
}
