//! The phone on pages of other people's making: of another origin, with hostile styles, of frameworks, or embedded carelessly.

use anyhow::Result;
use e2e::{Site, Tab, all_show, npm_file, until};
use intranet::Page;
use serde_json::{Value, json};

const PLAIN: &str = include_str!("../pages/plain.html");

/// What an operator sees of the phone once nothing moves any more: where its controls are, and how they look.
const LOOK: &str = "if (phone.shadowRoot.getAnimations().length) return false;
    const look = (name) => {
      const it = part(name), { x, y, width, height } = it.getBoundingClientRect(), style = getComputedStyle(it);
      const facts = ['fontSize', 'fontFamily', 'fontStyle', 'color', 'letterSpacing', 'textTransform', 'lineHeight', 'direction', 'backgroundColor'];
      return [name, x, y, width, height, it.checkVisibility({ opacityProperty: true, visibilityProperty: true }), ...facts.map((fact) => style[fact])];
    };
    return ['panel', 'status-bar', 'status', 'number', 'keypad', 'key', 'dial', 'minimize'].map(look)";

async fn rings(site: &Site) -> Result<()> {
    site.backend.post("/api/sim/incoming", json!({ "number": "+74951234567", "display_name": "Anna" })).await.map(drop)
}

/// One connection, however many phones came and went.
async fn one_stream(site: &Site) -> Result<()> {
    let one = || async { Ok((site.backend.sse_connections().await? == 1).then_some(())) };
    until("there is one stream", one).await
}

#[tokio::test]
async fn the_second_demo_page_has_the_phone_under_a_strict_policy() -> Result<()> {
    let site = Site::demo().await?;
    let tabs = [site.open("/").await?, site.open("/?lang=ru").await?];
    rings(&site).await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    tabs[1].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    tabs[1].script("document.querySelector('#rows a').click()", vec![]).await?;
    all_show(&tabs, "data-call", Some("dialing")).await?;
    tabs[1].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    one_stream(&site).await?;
    for tab in &tabs {
        assert_eq!(tab.violations().await?, json!([]), "the policy that README gives is enough");
    }
    assert_eq!(site.browser.complaints().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn the_customers_card_opens_in_one_tab_the_one_used_last() -> Result<()> {
    let site = Site::demo().await?;
    let tabs = [site.open("/").await?, site.open("/").await?, site.open("/").await?];
    tabs[1].choose_status("ready").await?;
    rings(&site).await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    let card = "const card = document.getElementById('card'); return !card.hidden && card.innerText";
    let text = tabs[1].wait_for(card).await?;
    assert!(text.as_str().unwrap().contains("Baltic Trade"), "{text}");
    tabs[2].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    for tab in [&tabs[0], &tabs[2]] {
        assert_eq!(tab.script(card, vec![]).await?, json!(false));
    }
    Ok(())
}

#[tokio::test]
async fn a_pages_styles_do_not_reach_in_and_the_phones_do_not_leak_out() -> Result<()> {
    let hostile = include_str!("../pages/hostile.html");
    let site = Site::with([("/plain", Page::html(PLAIN)), ("/hostile", Page::html(hostile))]).await?;
    let plain = site.open("/plain").await?;
    let hostile = site.open("/hostile").await?;
    let expected = plain.wait_for(LOOK).await?;
    assert_eq!(hostile.wait_for(LOOK).await?, expected);
    // By the mouse, which finds nothing that is out of sight.
    rings(&site).await?;
    hostile.click("answer").await?;
    hostile.wait_call("talking").await?;
    hostile.click("hangup").await?;
    hostile.type_into("number", "205\u{e007}").await?;
    plain.wait_call("dialing").await?;
    let own = "const style = getComputedStyle(document.getElementById('own'));
        return [style.fontSize, style.color, style.marginTop, document.styleSheets.length, document.adoptedStyleSheets.length]";
    assert_eq!(plain.script(own, vec![]).await?, json!(["16px", "rgb(0, 0, 0)", "16px", 0, 0]));
    Ok(())
}

#[tokio::test]
async fn a_bootstrap_page_and_its_open_dialog_leave_the_phone_usable() -> Result<()> {
    let page = include_str!("../pages/bootstrap.html");
    let site = Site::with([
        ("/", Page::html(page)),
        ("/plain", Page::html(PLAIN)),
        ("/bootstrap.css", Page::style(npm_file("bootstrap/dist/css/bootstrap.min.css")?)),
        ("/bootstrap.js", Page::script(npm_file("bootstrap/dist/js/bootstrap.bundle.min.js")?)),
    ])
    .await?;
    let plain = site.open("/plain").await?;
    let tab = site.open("/").await?;
    assert_eq!(tab.wait_for(LOOK).await?, plain.wait_for(LOOK).await?);
    tab.script("document.getElementById('edit').click()", vec![]).await?;
    tab.wait_for("return document.querySelector('#dialog.show') != null").await?;
    rings(&site).await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await?;
    tab.click("hangup").await?;
    tab.wait_call("idle").await?;
    tab.type_into("number", "205").await?;
    assert_eq!(
        tab.script("return part('number').value", vec![]).await?,
        "205",
        "the dialog has not taken the focus away"
    );
    assert_eq!(tab.script("return document.querySelector('#dialog.show') != null", vec![]).await?, true);
    tab.script("document.getElementById('call').click()", vec![]).await?;
    plain.wait_call("dialing").await
}

async fn react() -> Result<(Site, Tab)> {
    let site = Site::with([
        ("/", Page::html(include_str!("../pages/react.html"))),
        ("/app.js", Page::script(include_str!("../pages/react-app.js"))),
        ("/react.js", Page::script(npm_file("react/umd/react.development.js")?)),
        ("/react-dom.js", Page::script(npm_file("react-dom/umd/react-dom.development.js")?)),
    ])
    .await?;
    let tab = site.open("/").await?;
    Ok((site, tab))
}

#[tokio::test]
async fn react_moves_the_phone_and_it_goes_on_as_it_was() -> Result<()> {
    let (site, tab) = react().await?;
    tab.type_into("number", "205").await?;
    tab.script("window.before = phone; show({ last: true })", vec![]).await?;
    let same = "return phone === before && phone.parentElement.nextSibling === null && part('number').value";
    assert_eq!(tab.script(same, vec![]).await?, "205", "what was being typed is still there");
    tab.script("show({ last: false, lang: 'ru' })", vec![]).await?;
    tab.wait_for(
        "return part('panel').getAttribute('aria-label') !== before.title && /[а-я]/i.test(part('status').innerText)",
    )
    .await?;
    rings(&site).await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await?;
    assert_eq!(tab.script("return heard", vec![]).await?, json!(["sip-phone-incoming"]));
    one_stream(&site).await
}

#[tokio::test]
async fn react_unmounts_and_mounts_it_again_and_nothing_is_left_behind() -> Result<()> {
    let (site, tab) = react().await?;
    let frames = "return document.querySelectorAll('iframe').length";
    let at_first = tab.script(frames, vec![]).await?;
    for parent in ["aside", "main", "section", "main"] {
        tab.script(&format!("show({{ phone: false, parent: '{parent}' }})"), vec![]).await?;
        tab.wait_for("return phone == null && document.querySelectorAll('iframe').length === 0").await?;
        tab.script(&format!("show({{ parent: '{parent}' }})"), vec![]).await?;
        tab.wait_ready().await?;
    }
    assert_eq!(tab.script(frames, vec![]).await?, at_first);
    rings(&site).await?;
    tab.wait_call("incoming").await?;
    assert_eq!(tab.script("return heard", vec![]).await?, json!(["sip-phone-incoming"]), "one phone hears it, once");
    one_stream(&site).await
}

#[tokio::test]
async fn with_data_manual_there_is_no_phone_until_the_page_makes_one() -> Result<()> {
    let site = Site::with([("/", Page::html(include_str!("../pages/manual.html")))]).await?;
    let tab = site.open_page("/").await?;
    tab.wait_for("return document.readyState === 'complete' && customElements.get('sip-phone-widget') != null").await?;
    assert_eq!(tab.script("return phone", vec![]).await?, Value::Null);
    assert_eq!(site.backend.sse_connections().await?, 0);
    let place = "const made = document.createElement('sip-phone-widget');
        made.setAttribute('mode', 'inline');
        document.getElementById('place').append(made);";
    tab.script(place, vec![]).await?;
    tab.wait_ready().await?;
    assert_eq!(tab.script("return getComputedStyle(phone).position", vec![]).await?, "static");
    tab.type_into("number", "205\u{e007}").await?;
    tab.wait_call("dialing").await
}

#[tokio::test]
async fn the_script_loaded_again_and_again_makes_one_phone() -> Result<()> {
    let site = Site::with([("/", Page::html(include_str!("../pages/twice.html")))]).await?;
    let tab = site.open("/").await?;
    tab.wait_for("return document.readyState === 'complete'").await?;
    let again = "const script = document.createElement('script');
        script.src = document.querySelector('script').src;
        script.onload = () => { window.again = true; };
        document.body.append(script);";
    tab.script(again, vec![]).await?;
    tab.wait_for("return window.again === true").await?;
    assert_eq!(tab.script("return document.querySelectorAll('sip-phone-widget').length", vec![]).await?, 1);
    rings(&site).await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await?;
    one_stream(&site).await?;
    assert_eq!(site.browser.complaints().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn two_phones_on_a_page_are_one_phone() -> Result<()> {
    let site = Site::with([("/", Page::html(include_str!("../pages/two.html")))]).await?;
    let tab = site.open("/").await?;
    let both = |value: &str| {
        format!(
            "return [...document.querySelectorAll('sip-phone-widget')].every((it) => it.dataset.call === '{value}')"
        )
    };
    tab.wait_for(&both("idle")).await?;
    let listen = "window.primary = [];
        document.addEventListener('sip-phone-incoming', ({ target, detail }) => primary.push([target.id, detail.primary]))";
    tab.script(listen, vec![]).await?;
    rings(&site).await?;
    tab.wait_for(&both("incoming")).await?;
    tab.wait_for("return primary.length === 2").await?;
    let cards = tab.script("return primary.filter(([, primary]) => primary).length", vec![]).await?;
    assert_eq!(cards, 1, "two phones in one tab open one card");
    tab.script("document.getElementById('second').shadowRoot.querySelector('[part=answer]').click()", vec![]).await?;
    tab.wait_for(&both("talking")).await?;
    one_stream(&site).await?;
    tab.script("document.getElementById('second').remove()", vec![]).await?;
    tab.click("hangup").await?;
    tab.wait_call("idle").await?;
    one_stream(&site).await
}

#[tokio::test]
async fn a_phone_taken_off_the_page_and_put_back_finds_its_call() -> Result<()> {
    let site = Site::with([("/", Page::html(PLAIN))]).await?;
    let tab = site.open("/").await?;
    rings(&site).await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await?;
    tab.script("window.kept = phone; phone.remove()", vec![]).await?;
    assert_eq!(tab.script("return [phone, kept.state]", vec![]).await?, json!([null, null]));
    tab.script("document.body.prepend(kept)", vec![]).await?;
    tab.wait_ready().await?;
    tab.wait_call("talking").await?;
    tab.wait_for("return phone.state?.activeCall?.state === 'talking'").await?;
    tab.click("hangup").await?;
    tab.wait_call("idle").await?;
    one_stream(&site).await
}
