//! One tab and the phone in it, as an operator sees and uses it.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::{DevTools, until};

/// A tab of a [`crate::Browser`].
pub struct Tab {
    client: Client,
    turn: Arc<Mutex<()>>,
    window: WindowHandle,
    target: String,
    /// For looking into the page: the driver would bring the tab to the front, which is a use of it.
    eye: Mutex<Eye>,
}

struct Eye {
    devtools: DevTools,
    session: String,
}

const PHONE: &str = "const phone = document.querySelector('sip-phone-widget');
    const part = (name) => phone?.shadowRoot?.querySelector(`[part~=\"${name}\"]`);";

/// Waits until an attribute of the phone has this value, or is gone, in all of these tabs.
///
/// # Errors
/// In one of them it never does.
pub async fn all_show(tabs: &[Tab], attribute: &str, value: Option<&str>) -> Result<()> {
    for tab in tabs {
        tab.wait_attribute(attribute, value).await?;
    }
    Ok(())
}

impl Tab {
    pub(crate) async fn new(
        client: Client,
        turn: Arc<Mutex<()>>,
        window: WindowHandle,
        mut devtools: DevTools,
    ) -> Result<Self> {
        // The driver of Chrome calls a window by its DevTools target.
        let target = String::from(window.clone());
        let session = devtools.enter(&target).await?;
        Ok(Self { client, turn, window, target, eye: Mutex::new(Eye { devtools, session }) })
    }

    /// Its name in DevTools.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    /// Takes the driver's one window for this tab, and brings it to the front.
    async fn focus(&self) -> Result<MutexGuard<'_, ()>> {
        let turn = self.turn.lock().await;
        self.client.switch_to_window(self.window.clone()).await?;
        Ok(turn)
    }

    /// Runs a script in the page, wherever the tab is; `phone` is the element, `part(name)` a part of it, `arguments` are
    /// these. What it returns is waited for.
    ///
    /// # Errors
    /// The script throws, or the tab is gone.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        let expression = format!("(function () {{ {PHONE}\n{script}\n}})(...{})", Value::Array(arguments));
        let Eye { devtools, session } = &mut *self.eye.lock().await;
        devtools.run(session, &expression).await
    }

    /// Waits until the script returns something true, and returns it.
    ///
    /// # Errors
    /// It never does.
    pub async fn wait_for(&self, script: &str) -> Result<Value> {
        let ask = || async {
            let value = self.script(script, vec![]).await?;
            Ok(Some(value).filter(|value| !matches!(value, Value::Null | Value::Bool(false))))
        };
        until(&format!("`{script}`"), ask).await.with_context(|| "in a tab")
    }

    /// Waits until the phone is there and shows the backend's state.
    ///
    /// # Errors
    /// It never does.
    pub async fn wait_ready(&self) -> Result<()> {
        self.wait_attribute("data-connection", Some("connected")).await
    }

    /// Waits until an attribute of the phone has this value, or is gone.
    ///
    /// # Errors
    /// It never does; the error tells the value that it has instead.
    pub async fn wait_attribute(&self, name: &str, value: Option<&str>) -> Result<()> {
        let script = format!("return phone?.getAttribute('{name}') === {}", json!(value));
        if let Err(error) = self.wait_for(&script).await {
            bail!("{name} is {}, not {value:?} ({error:#})", self.attribute(name).await?);
        }
        Ok(())
    }

    /// An attribute of the phone.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn attribute(&self, name: &str) -> Result<Value> {
        self.script("return phone?.getAttribute(arguments[0])", vec![json!(name)]).await
    }

    /// Waits until the phone's `data-call` is this.
    ///
    /// # Errors
    /// It never is.
    pub async fn wait_call(&self, state: &str) -> Result<()> {
        self.wait_attribute("data-call", Some(state)).await
    }

    /// Waits until a part is shown.
    ///
    /// # Errors
    /// It never is.
    pub async fn wait_part(&self, name: &str) -> Result<()> {
        self.wait_for(&format!("return part('{name}') != null")).await.map(drop)
    }

    /// Whether a part is in the shadow tree.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn has_part(&self, name: &str) -> Result<bool> {
        Ok(self.script(&format!("return part('{name}') != null"), vec![]).await? == json!(true))
    }

    /// The text of a part.
    ///
    /// # Errors
    /// It is not shown.
    pub async fn text(&self, name: &str) -> Result<String> {
        let text = self.script("return part(arguments[0])?.textContent", vec![json!(name)]).await?;
        Ok(text.as_str().with_context(|| format!("the part {name} is not shown"))?.trim().to_owned())
    }

    /// Clicks a part with the mouse, once it is shown and enabled.
    ///
    /// # Errors
    /// It never can be clicked.
    pub async fn click(&self, name: &str) -> Result<()> {
        self.wait_for(&format!("const p = part('{name}'); return p != null && !p.disabled")).await?;
        let _turn = self.focus().await?;
        Ok(self.part(name).await?.click().await?)
    }

    /// Types into a part.
    ///
    /// # Errors
    /// It is not shown or takes no text.
    pub async fn type_into(&self, name: &str, text: &str) -> Result<()> {
        self.wait_part(name).await?;
        let _turn = self.focus().await?;
        Ok(self.part(name).await?.send_keys(text).await?)
    }

    /// Chooses a value of the operator's status.
    ///
    /// # Errors
    /// There is no such value.
    pub async fn choose_status(&self, value: &str) -> Result<()> {
        let _turn = self.focus().await?;
        Ok(self.part("status").await?.select_by_value(value).await?)
    }

    /// Presses keys, one after another, wherever the focus is; special ones as WebDriver has them (`\u{e004}` is Tab).
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn press(&self, keys: &str) -> Result<()> {
        let _turn = self.focus().await?;
        let strokes = keys.chars().flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        let actions = strokes.fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        Ok(self.client.perform_actions(actions).await?)
    }

    async fn part(&self, name: &str) -> Result<Element> {
        let phone = self.client.find(Locator::Css("sip-phone-widget")).await?;
        Ok(phone.shadow_root().await?.find(Locator::Css(&format!("[part~=\"{name}\"]"))).await?)
    }

    /// The element's `state`.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn state(&self) -> Result<Value> {
        self.script("return phone?.state", vec![]).await
    }

    /// What the page's Content-Security-Policy has refused.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn violations(&self) -> Result<Value> {
        self.script("return pageViolations", vec![]).await
    }

    /// Goes to another page.
    ///
    /// # Errors
    /// It does not come.
    pub async fn visit(&self, url: &str) -> Result<()> {
        let _turn = self.focus().await?;
        Ok(self.client.goto(url).await?)
    }

    /// Goes back to the page before.
    ///
    /// # Errors
    /// There is none.
    pub async fn back(&self) -> Result<()> {
        let _turn = self.focus().await?;
        Ok(self.client.back().await?)
    }

    /// Loads the page again and waits for its phone.
    ///
    /// # Errors
    /// It does not come.
    pub async fn reload(&self) -> Result<()> {
        let turn = self.focus().await?;
        self.client.refresh().await?;
        drop(turn);
        self.wait_ready().await
    }

    /// Closes a tab where it is: one that has crashed, which the driver must not touch; or one that shall not come to the front.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn bury(self, devtools: &mut DevTools) -> Result<()> {
        let _turn = self.turn.lock().await;
        let driven = self.client.window().await.is_ok_and(|window| window != self.window);
        devtools.call(None, "Target.closeTarget", json!({ "targetId": self.target })).await?;
        if driven { Ok(()) } else { self.settle_driver().await }
    }

    /// Closes the tab.
    ///
    /// # Errors
    /// It is gone already.
    pub async fn close(self) -> Result<()> {
        let _turn = self.focus().await?;
        self.client.close_window().await?;
        self.settle_driver().await
    }

    /// The driver does nothing more, not even open another tab, while its window is one that is gone.
    async fn settle_driver(&self) -> Result<()> {
        if let Some(other) = self.client.windows().await?.into_iter().next() {
            self.client.switch_to_window(other).await?;
        }
        Ok(())
    }
}
