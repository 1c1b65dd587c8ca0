//! What callers may send: shown as text, and nothing else comes of it.

use anyhow::Result;
use e2e::all_show;

use super::desk::Desk;

#[tokio::test]
async fn a_hostile_caller_is_shown_as_text_and_reaches_nothing() -> Result<()> {
    let desk = Desk::with(1).await?;
    let callers = [
        "1&calc",
        "%PATH%^|<>\"'",
        "a \"b c\" --data-dir Z:\\",
        "--data-dir",
        "/resetnoask",
        "\" /exit",
        "1\r\n2",
        "hook end",
        "",
        &"9".repeat(10_000),
        &"я\" ".repeat(3_000),
    ];
    for user in callers {
        desk.phone.ring(user).await?;
        all_show(&desk.tabs, "data-call", Some("incoming")).await?;
        desk.tabs[0].click("reject").await?;
        all_show(&desk.tabs, "data-call", Some("idle")).await?;
        desk.phone.until(|state| state.calls.is_empty()).await?;
    }
    let state = desk.phone.until(|state| state.hooks.len() == 3 * callers.len()).await?;
    assert!(state.hooks.iter().all(|hook| hook.code == Some(0)), "{:?}", state.hooks);
    assert!(!state.reset && state.messages.is_empty() && state.overlaps == 0);
    let (commands, posted) = desk.commands().await?;
    assert!(posted && commands.iter().all(|command| command == "/hangupincoming"), "{commands:?}");
    Ok(())
}
