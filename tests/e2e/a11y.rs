//! What axe finds in the phone, in its states, both themes and both languages; and that neither language has a word of the other.

use anyhow::Result;
use e2e::{Site, Tab, npm_file};
use intranet::Page;
use serde_json::{Value, json};

const PLAIN: &str = include_str!("../pages/plain.html");

/// Waits until nothing fades in any more, then has axe look at the phone alone.
const LOOK: &str = "
    const passing = phone.shadowRoot.getAnimations().filter((it) => it.effect.getComputedTiming().endTime < Infinity);
    return Promise.allSettled(passing.map((it) => it.finished))
      .then(() => axe.run(phone, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
      .then(({ violations, passes }) => passes.length < 10 ? ['axe saw next to nothing'] : violations.map(({ id, nodes }) => [id, nodes.map((it) => [it.html, it.failureSummary])]))";

/// All that a person reads or hears of the phone.
const WORDS: &str = "
    const all = [...phone.shadowRoot.querySelectorAll('*')];
    return [phone.shadowRoot.textContent, ...all.flatMap((it) => ['aria-label', 'title', 'placeholder', 'alt'].map((name) => it.getAttribute(name)))]
      .filter(Boolean).join('\\n')";

struct Inspected {
    site: Site,
    tab: Tab,
}

impl Inspected {
    async fn phone(theme: &str, lang: &str) -> Result<Self> {
        let site = Site::with([("/", Page::html(PLAIN))]).await?;
        let tab = site.open("/").await?;
        tab.script(&npm_file("axe-core/axe.min.js")?, vec![]).await?;
        let set = "phone.setAttribute('theme', arguments[0]); phone.lang = arguments[1];
            document.body.style.background = arguments[0] === 'dark' ? '#111' : '#fff'";
        tab.script(set, vec![json!(theme), json!(lang)]).await?;
        tab.wait_for(&format!("return phone.shadowRoot.querySelector('[lang={lang}]') != null")).await?;
        Ok(Self { site, tab })
    }

    async fn is_clean(&self, state: &str) -> Result<()> {
        let found = self.tab.script(LOOK, vec![]).await?;
        assert_eq!(found, json!([]), "{state}: {found:#}");
        Ok(())
    }

    async fn rings(&self, number: &str) -> Result<()> {
        self.site.backend.post("/api/sim/incoming", json!({ "number": number })).await?;
        self.tab.wait_part("incoming").await
    }

    /// Takes the phone through its states and calls `look` in each.
    async fn walk(&self, look: impl AsyncFn(&'static str) -> Result<()>) -> Result<()> {
        let tab = &self.tab;
        look("idle").await?;
        tab.click("sound").await?;
        tab.wait_part("volume").await?;
        look("settings").await?;
        tab.click("sound").await?;
        tab.type_into("number", "12x\u{e007}").await?;
        tab.wait_part("error").await?;
        look("error").await?;
        tab.type_into("number", "\u{e003}\u{e003}\u{e003}200\u{e007}").await?;
        tab.wait_call("dialing").await?;
        look("dialing").await?;
        tab.click("hangup").await?;
        tab.wait_call("idle").await?;
        self.rings("100").await?;
        look("incoming").await?;
        tab.click("answer").await?;
        tab.wait_call("talking").await?;
        look("talking").await?;
        tab.click("dtmf").await?;
        tab.wait_part("keypad").await?;
        look("pad").await?;
        tab.click("transfer").await?;
        tab.wait_part("number").await?;
        look("transfer").await?;
        tab.click("mute").await?;
        tab.wait_attribute("data-muted", Some("")).await?;
        self.rings("300").await?;
        look("second call").await?;
        tab.click("answer").await?;
        tab.wait_part("calls").await?;
        look("two calls").await?;
        tab.click("minimize").await?;
        tab.wait_for("return part('minimize').getAttribute('aria-expanded') === 'false'").await?;
        look("pill").await
    }
}

#[tokio::test]
async fn axe_finds_nothing_in_the_light_theme_in_english() -> Result<()> {
    let phone = Inspected::phone("light", "en").await?;
    phone.walk(async |state| phone.is_clean(state).await).await
}

#[tokio::test]
async fn axe_finds_nothing_in_the_dark_theme_in_russian() -> Result<()> {
    let phone = Inspected::phone("dark", "ru").await?;
    phone.walk(async |state| phone.is_clean(state).await).await
}

#[tokio::test]
async fn each_language_is_complete_and_changed_live() -> Result<()> {
    let phone = Inspected::phone("auto", "ru").await?;
    let cyrillic = |text: &str| text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
    // A key's letters, a number's plus: not words of a language.
    let latin = |text: &str| text.chars().any(|c| c.is_ascii_alphabetic());
    phone
        .walk(async |state| {
            let tab = &phone.tab;
            for (lang, other) in [("ru", &latin as &dyn Fn(&str) -> bool), ("en", &cyrillic)] {
                tab.script("phone.lang = arguments[0]", vec![json!(lang)]).await?;
                tab.wait_for(&format!("return phone.shadowRoot.querySelector('[lang={lang}]') != null")).await?;
                let words = tab.script(WORDS, vec![]).await?;
                let Value::String(words) = words else { panic!("{words}") };
                let strange: Vec<_> = words.lines().filter(|line| other(line) && !line.contains("sip:")).collect();
                // Where a SIP address is described, its form is the same everywhere.
                assert!(strange.is_empty(), "{state}, {lang}: {strange:?}");
            }
            tab.script("phone.lang = 'ru'", vec![]).await?;
            tab.wait_for("return phone.shadowRoot.querySelector('[lang=ru]') != null").await.map(drop)
        })
        .await
}
