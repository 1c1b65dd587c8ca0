//! What the operator has set, remembered for all tabs of the page's origin.

use js_sys::{JSON, Object};
use wasm_bindgen::JsValue;

use crate::browser;
use crate::js;

/// Where it is kept, as one JSON object.
pub(super) const KEY: &str = "sip-phone-alerts";

/// How the operator wants to be told of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Of the ringtone, in percent.
    pub(crate) volume: u8,
    /// No ringtone.
    pub(crate) silent: bool,
    /// Desktop notifications, as far as the browser shows them.
    pub(crate) notices: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { volume: 70, silent: false, notices: true }
    }
}

impl Wishes {
    /// What is remembered; a storage that is forbidden, or holds something else, remembers nothing.
    pub(super) fn load() -> Self {
        let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let kept = text.and_then(|text| JSON::parse(&text).ok()).unwrap_or(JsValue::NULL);
        let before = Self::default();
        Self {
            volume: js::get(&kept, "volume").as_f64().map_or(before.volume, |it| it.clamp(0.0, 100.0) as u8),
            silent: js::get(&kept, "silent").as_bool().unwrap_or(before.silent),
            notices: js::get(&kept, "notices").as_bool().unwrap_or(before.notices),
        }
    }

    /// Remembers it, if the storage lets it.
    pub(super) fn save(self) {
        let kept = Object::new();
        js::set(&kept, "volume", &self.volume.into());
        js::set(&kept, "silent", &self.silent.into());
        js::set(&kept, "notices", &self.notices.into());
        if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&kept)) {
            let _ = storage.set_item(KEY, &String::from(text));
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    browser::window().local_storage().ok().flatten()
}
