//! The documents of the element's surface, custom-elements.json and the types, against the element that is served.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use e2e::{Backend, Browser, Site, Tab};
use intranet::Page;
use protocol::wire::error::ErrorType;
use serde_json::{Value, json};

const TYPES: &str = include_str!("../../www/sip-phone-widget.d.ts");

/// Parts that no test can bring up: a headless browser decides about permissions without asking.
const UNSEEN: [&str; 1] = ["allow"];

/// The element's declaration in the manifest.
struct Manifest(Value);

impl Manifest {
    async fn of(backend: &Backend) -> Result<Self> {
        Ok(Self(backend.fetch("/custom-elements.json").await?["modules"][0]["declarations"][0].clone()))
    }

    fn list(&self, what: &str) -> &[Value] {
        self.0[what].as_array().unwrap()
    }

    fn names(&self, what: &str) -> BTreeSet<&str> {
        self.list(what).iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    fn methods(&self) -> impl Iterator<Item = &Value> {
        self.list("members").iter().filter(|member| member["kind"] == "method")
    }

    /// Attributes that are the page's to set, or those that are only to be read.
    fn attributes(&self, read_only: bool) -> BTreeSet<&str> {
        self.names("attributes").into_iter().filter(|name| name.starts_with("data-") == read_only).collect()
    }

    /// An event's name to the keys of its detail, which its description ends with.
    fn details(&self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let keys = |event: &Value| {
            let (_, keys) = event["description"].as_str()?.split_once("detail: ")?;
            let keys = keys.trim_end_matches('.').split(", ").map(str::to_owned).collect();
            Some((event["name"].as_str()?.to_owned(), keys))
        };
        self.list("events").iter().map(|event| keys(event).with_context(|| event.to_string())).collect()
    }
}

fn set(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// A page that writes down everything that the phone shows and tells, from before it is there.
async fn watched_phone(browser: &Browser, backend: &Backend) -> Result<Tab> {
    let tab = browser.open_page(&format!("http://{}/healthz", backend.address)).await?;
    let watch = "window.parts = {}; window.attributes = {}; window.details = {};
        for (const name of arguments[0]) document.addEventListener(name, ({ detail }) => { details[name] = Object.keys(detail); });
        const phone_ = document.createElement('sip-phone-widget');
        const look = () => {
          for (const it of phone_.shadowRoot?.querySelectorAll('[part]') ?? []) for (const name of it.part) parts[name] = true;
          for (const { name } of phone_.attributes) attributes[name] = true;
        };
        new MutationObserver(look).observe(phone_, { attributes: true });
        document.body.append(phone_);
        const script = document.createElement('script');
        script.src = '/sip-phone-widget.js';
        script.onload = () => new MutationObserver(look).observe(phone_.shadowRoot, { childList: true, subtree: true, attributes: true });
        document.body.append(script);";
    let manifest = Manifest::of(backend).await?;
    tab.script(watch, vec![json!(manifest.names("events"))]).await?;
    tab.wait_ready().await?;
    Ok(tab)
}

#[tokio::test]
async fn the_manifest_names_what_a_page_can_set_call_and_read_and_nothing_else() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let manifest = Manifest::of(&backend).await?;
    let tab = browser.open(&backend.url()).await?;
    let observed = tab.script("return phone.constructor.observedAttributes", vec![]).await?;
    assert_eq!(manifest.attributes(false), set(&observed));
    let own = "const hidden = ['constructor', 'connectedCallback', 'disconnectedCallback', 'attributeChangedCallback'];
        const names = Object.getOwnPropertyNames(phone.constructor.prototype).filter((name) => !hidden.includes(name));
        return [...names, ...Object.keys(phone)]";
    assert_eq!(manifest.names("members"), set(&tab.script(own, vec![]).await?));
    let used = "const text = phone.shadowRoot.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join();
        return [...new Set(text.match(/--sip-phone-[a-z-]+/g))]";
    assert_eq!(manifest.names("cssProperties"), set(&tab.script(used, vec![]).await?));
    Ok(())
}

#[tokio::test]
async fn every_event_part_and_reflected_attribute_of_the_manifest_comes_up_in_use_and_no_other() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let manifest = Manifest::of(&backend).await?;
    let tab = watched_phone(&browser, &backend).await?;

    // Nobody has touched the page yet, so no sound may be played.
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tab.wait_part("sound-blocked").await?;
    backend.post("/api/sim/hangup", json!({})).await?;
    tab.wait_call("idle").await?;
    tab.click("sound").await?;
    tab.wait_part("volume").await?;
    tab.click("sound").await?;
    tab.type_into("number", "call me\u{e007}").await?;
    tab.wait_part("error").await?;
    backend.post("/api/sim/incoming", json!({ "number": "100", "display_name": "Anna" })).await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await?;
    tab.click("mute").await?;
    tab.wait_attribute("data-muted", Some("")).await?;
    tab.click("hold").await?;
    tab.wait_attribute("data-held", Some("")).await?;
    backend.post("/api/sim/incoming", json!({ "number": "200" })).await?;
    tab.click("answer").await?;
    tab.wait_part("calls").await?;
    tab.click("dtmf").await?;
    tab.wait_part("keypad").await?;
    tab.click("minimize").await?;
    tab.wait_for("return part('status-bar') == null").await?;
    backend.post("/api/sim/hangup", json!({})).await?;
    backend.post("/api/sim/hangup", json!({})).await?;
    tab.wait_call("idle").await?;
    tab.wait_for("return details['sip-phone-ended'] != null").await?;

    let mut parts = tab.script("return Object.keys(parts)", vec![]).await?;
    parts.as_array_mut().unwrap().extend(parts_of_a_refused_page().await?);
    let mut documented = manifest.names("cssParts");
    documented.retain(|part| !UNSEEN.contains(part));
    assert_eq!(documented, set(&parts));
    let reflected = tab.script("return Object.keys(attributes)", vec![]).await?;
    assert_eq!(manifest.attributes(true), set(&reflected));
    let told: BTreeMap<String, BTreeSet<String>> = serde_json::from_value(tab.script("return details", vec![]).await?)?;
    assert_eq!(manifest.details()?, told);
    Ok(())
}

/// What shows on a page that the backend does not allow.
async fn parts_of_a_refused_page() -> Result<Vec<Value>> {
    let site = Site::with([("/", Page::html(include_str!("../pages/plain.html")))]).await?;
    let tab = site.open_foreign("/").await?;
    tab.wait_part("trouble").await?;
    let parts = "return [...phone.shadowRoot.querySelectorAll('[part]')].flatMap((it) => [...it.part])";
    Ok(tab.script(parts, vec![]).await?.as_array().unwrap().clone())
}

#[tokio::test]
async fn the_types_say_what_the_manifest_says() -> Result<()> {
    let backend = Backend::simulator().await?;
    let manifest = Manifest::of(&backend).await?;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for method in manifest.methods() {
        let parameters = method["parameters"].as_array().unwrap().iter().map(|it| {
            let mark = if it["optional"] == true { "?" } else { "" };
            format!("{}{mark}: {}", text(&it["name"]), text(&it["type"]["text"]))
        });
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        let line = format!("  {}({parameters}): {};", text(&method["name"]), text(&method["return"]["type"]["text"]));
        assert!(TYPES.lines().any(|it| it == line), "{line}");
    }
    assert_eq!(TYPES.matches("): Promise<").count(), manifest.methods().count());
    for event in manifest.list("events") {
        let line = format!("  '{}': {};", text(&event["name"]), text(&event["type"]["text"]));
        assert!(TYPES.lines().any(|it| it == line), "{line}");
    }
    assert_eq!(
        TYPES.matches("  'sip-phone-").count(),
        manifest.list("events").len() + 2,
        "and the element itself, twice"
    );
    for name in manifest.attributes(false) {
        assert!(TYPES.contains(&format!("\n  {name}?: ")), "{name}");
    }
    for code in ErrorType::ALL {
        assert!(TYPES.contains(&format!("\n  | '{}'", code.as_str())), "{}", code.as_str());
    }
    Ok(())
}
