//! The phone by keyboard alone: nothing here touches a mouse.

use anyhow::{Result, bail};
use e2e::{Site, Tab};
use intranet::Page;
use serde_json::json;

const PLAIN: &str = include_str!("../pages/plain.html");

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const SPACE: &str = " ";
const DOWN: &str = "\u{e015}";

/// Tabs on until this part has the focus.
async fn tab_to(tab: &Tab, part: &str) -> Result<()> {
    tab.wait_part(part).await?;
    let has = format!("return phone.shadowRoot.activeElement?.part.contains('{part}') === true");
    for _ in 0..60 {
        if tab.script(&has, vec![]).await? == true {
            return Ok(());
        }
        tab.press(TAB).await?;
    }
    bail!("no number of Tab keys leads to the part {part}")
}

async fn focus_is_in(tab: &Tab, part: &str) -> Result<()> {
    tab.wait_for(&format!("return phone.shadowRoot.activeElement?.closest('[part~={part}]') != null")).await.map(drop)
}

#[tokio::test]
async fn a_whole_day_without_a_mouse() -> Result<()> {
    let site = Site::with([("/", Page::html(PLAIN))]).await?;
    let tab = site.open("/").await?;

    tab_to(&tab, "status").await?;
    tab.press(DOWN).await?;
    tab.wait_for("return phone.dataset.operator !== 'offline' && part('status').value === phone.dataset.operator")
        .await?;

    tab_to(&tab, "number").await?;
    tab.press("204").await?;
    tab.press(ENTER).await?;
    tab.wait_call("dialing").await?;
    site.backend.post("/api/sim/answer", json!({})).await?;
    tab.wait_call("talking").await?;

    for (part, attribute) in [("mute", "data-muted"), ("hold", "data-held")] {
        for value in [Some(""), None] {
            tab_to(&tab, part).await?;
            tab.press(SPACE).await?;
            tab.wait_attribute(attribute, value).await?;
        }
    }
    tab_to(&tab, "dtmf").await?;
    tab.press(ENTER).await?;
    tab.wait_part("keypad").await?;
    tab_to(&tab, "key").await?;
    tab.press(SPACE).await?;
    tab.wait_for("return phone.shadowRoot.querySelector('.tones').textContent === '1'").await?;
    tab.press(ESCAPE).await?;
    focus_is_in(&tab, "dtmf").await?;
    tab_to(&tab, "transfer").await?;
    tab.press(ENTER).await?;
    focus_is_in(&tab, "number").await?;
    tab.press(ESCAPE).await?;
    focus_is_in(&tab, "transfer").await?;
    tab_to(&tab, "minimize").await?;
    tab.press(ENTER).await?;
    tab.wait_for("return part('minimize').getAttribute('aria-expanded') === 'false' && part('timer') != null").await?;
    focus_is_in(&tab, "minimize").await?;
    tab.press(ENTER).await?;
    tab_to(&tab, "hangup").await?;
    tab.press(ENTER).await?;
    tab.wait_call("idle").await?;

    tab_to(&tab, "sound").await?;
    tab.press(ENTER).await?;
    tab_to(&tab, "volume").await?;
    tab.press(ESCAPE).await?;
    focus_is_in(&tab, "sound").await?;

    let before = tab.script("return phone.getBoundingClientRect().x", vec![]).await?;
    tab_to(&tab, "move").await?;
    tab.press(ENTER).await?;
    tab.wait_for(&format!(
        "return phone.getBoundingClientRect().x !== {before} || phone.getBoundingClientRect().y < 100"
    ))
    .await?;
    Ok(())
}

#[tokio::test]
async fn the_overlay_takes_the_focus_and_gives_it_back() -> Result<()> {
    let page = PLAIN.replace("</p>", "</p><input id='field'>");
    let site = Site::with([("/", Page::html(page))]).await?;
    let tab = site.open("/").await?;
    let ring = || site.backend.post("/api/sim/incoming", json!({ "number": "100", "display_name": "Anna" }));
    let back = "return document.activeElement.id === 'field' && field.value";

    tab.script("field.focus()", vec![]).await?;
    ring().await?;
    focus_is_in(&tab, "incoming").await?;
    // Keys that were meant for the page must neither answer nor reject.
    tab.press(" \u{e007}x").await?;
    tab.wait_call("incoming").await?;
    tab_to(&tab, "reject").await?;
    tab.press(ENTER).await?;
    tab.wait_call("idle").await?;
    tab.wait_for(&format!("{back} === ''")).await?;

    ring().await?;
    focus_is_in(&tab, "incoming").await?;
    tab.press(ESCAPE).await?;
    tab.wait_for(&format!("{back} === ''")).await?;
    tab.press("note").await?;
    tab.wait_for(&format!("{back} === 'note'")).await?;
    site.backend.post("/api/sim/hangup", json!({})).await?;
    tab.wait_call("idle").await?;

    ring().await?;
    tab_to(&tab, "answer").await?;
    tab.press(SPACE).await?;
    tab.wait_call("talking").await?;
    tab_to(&tab, "hangup").await?;
    tab.press(ENTER).await?;
    tab.wait_call("idle").await
}
