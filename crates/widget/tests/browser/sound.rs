//! The ringtone: when it is heard, when not, and what the operator can do about it.

use js_sys::{Array, Float32Array, Function, Reflect};
use protocol::{Call, CallState, ConnectionStatus, GlobalState};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlInputElement, KeyboardEvent, KeyboardEventInit, StorageEvent, StorageEventInit};

use crate::page::{Page, call, get, idle, object, with};

const KEY: &str = "sip-phone-alerts";

/// Stands for the browser's audio: `allowed` is what autoplay policy and loudspeaker have to say.
const STUB: &str = "
    const real = { AudioContext, userActivation: Object.getOwnPropertyDescriptor(navigator, 'userActivation') };
    const heard = { allowed, playing: [], open: 0, made: 0, gain: null };
    window.AudioContext = class {
      state = 'suspended'; currentTime = 0; destination = {}; onstatechange = null;
      constructor() {
        heard.open++; heard.made++;
        setTimeout(() => {
          if (!heard.allowed || this.state === 'closed') return;
          this.state = 'running';
          this.onstatechange?.();
        });
      }
      createBuffer(_channels, length, sampleRate) {
        const data = new Float32Array(length);
        return { length, sampleRate, data, copyToChannel: (part, _, at) => data.set(part.slice(0, length - at), at) };
      }
      createBufferSource() {
        return {
          connect() {},
          start() { heard.playing.push(this); },
          stop() {
            heard.playing = heard.playing.filter((it) => it !== this);
            setTimeout(() => this.onended?.());
          },
        };
      }
      createGain() {
        heard.gain = { value: 1, setTargetAtTime() {} };
        return { connect() {}, gain: heard.gain };
      }
      close() {
        if (this.state === 'closed') throw new Error('closed twice');
        this.state = 'closed';
        heard.open--;
        return Promise.resolve();
      }
    };
    Object.defineProperty(navigator, 'userActivation', { configurable: true, value: { hasBeenActive: touched } });
    heard.restore = () => {
      window.AudioContext = real.AudioContext;
      delete navigator.userActivation;
    };
    return heard;";

/// The loudspeaker that the test listens to.
struct Speaker(JsValue);

impl Speaker {
    /// In a page that was touched or not, in a browser that lets it play or not.
    fn new(touched: bool, allowed: bool) -> Self {
        storage().remove_item(KEY).unwrap();
        let make = Function::new_with_args("touched, allowed", STUB);
        Self(make.call2(&JsValue::NULL, &touched.into(), &allowed.into()).unwrap())
    }

    fn allow(&self, allowed: bool) {
        Reflect::set(&self.0, &"allowed".into(), &allowed.into()).unwrap();
    }

    fn number(&self, name: &str) -> f64 {
        get(&self.0, name).as_f64().unwrap()
    }

    fn playing(&self) -> Array {
        get(&self.0, "playing").unchecked_into()
    }

    /// The one tune that plays.
    fn tune(&self) -> Vec<f32> {
        let sources = self.playing();
        assert_eq!(sources.length(), 1);
        assert!(get(&sources.get(0), "loop").is_truthy());
        let samples: Float32Array = get(&get(&sources.get(0), "buffer"), "data").unchecked_into();
        samples.to_vec()
    }

    fn volume(&self) -> f64 {
        get(&get(&self.0, "gain"), "value").as_f64().unwrap()
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        let restore: Function = get(&self.0, "restore").unchecked_into();
        restore.call0(&JsValue::NULL).unwrap();
        storage().remove_item(KEY).unwrap();
    }
}

fn storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

fn role(page: &Page, sound: &str) {
    page.say("TAB_ROLE", &object(&[("primary", true.into()), ("sound", sound.into()), ("notices", false.into())]));
}

fn ringing() -> GlobalState {
    with(call("a", CallState::Incoming))
}

async fn plays(page: &Page, speaker: &Speaker, count: u32) {
    page.until(&format!("{count} play"), || speaker.playing().length() == count).await;
}

async fn reports(page: &Page, sound: bool) {
    page.until(&format!("sound: {sound}"), || {
        page.last("TAB_REPORT")
            .or_else(|| page.last("INIT_PORT").map(|init| get(&init, "tab")))
            .is_some_and(|report| get(&report, "sound") == sound)
    })
    .await;
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| sample.abs().max(peak))
}

#[wasm_bindgen_test]
async fn it_rings_in_the_chosen_tab_and_stops_with_the_ringing() {
    let speaker = Speaker::new(true, true);
    let page = Page::showing(&idle()).await;
    reports(&page, true).await;
    role(&page, "here");
    page.sync(&idle()).await;
    assert_eq!(speaker.number("made"), 0.0, "nothing is opened before somebody calls");
    page.sync(&ringing()).await;
    plays(&page, &speaker, 1).await;
    role(&page, "elsewhere");
    plays(&page, &speaker, 0).await;
    role(&page, "here");
    plays(&page, &speaker, 1).await;
    page.sync(&GlobalState { connection_status: ConnectionStatus::Reconnecting, ..ringing() }).await;
    plays(&page, &speaker, 0).await;
    page.sync(&ringing()).await;
    plays(&page, &speaker, 1).await;
    page.sync(&with(call("a", CallState::Talking))).await;
    plays(&page, &speaker, 0).await;
    page.until("all closed", || speaker.number("open") == 0.0).await;
}

#[wasm_bindgen_test]
async fn removed_while_it_rings_it_is_silent() {
    let speaker = Speaker::new(true, true);
    let page = Page::showing(&ringing()).await;
    role(&page, "here");
    plays(&page, &speaker, 1).await;
    drop(page);
    let other = Page::showing(&idle()).await;
    plays(&other, &speaker, 0).await;
    other.until("all closed", || speaker.number("open") == 0.0).await;
}

#[wasm_bindgen_test]
async fn in_a_call_a_further_one_only_knocks() {
    let speaker = Speaker::new(true, true);
    let page = Page::showing(&ringing()).await;
    role(&page, "here");
    plays(&page, &speaker, 1).await;
    let ring = speaker.tune();
    assert!((0.3..1.0).contains(&peak(&ring)), "loud, and not distorted: {}", peak(&ring));
    assert!(ring[0].abs() < 0.01 && ring[ring.len() - 1].abs() < 0.001, "it repeats without a click");
    let talking = with(call("a", CallState::Talking));
    page.sync(&GlobalState { other_calls: vec![call("b", CallState::Incoming)], ..talking.clone() }).await;
    plays(&page, &speaker, 1).await;
    page.until("a knock", || peak(&speaker.tune()) < peak(&ring) / 2.0).await;
    let held = Call { held: true, ..call("a", CallState::Talking) };
    page.sync(&GlobalState { other_calls: vec![call("b", CallState::Incoming)], ..with(held) }).await;
    page.until("a ring", || peak(&speaker.tune()) == peak(&ring)).await;
}

#[wasm_bindgen_test]
async fn a_browser_that_lets_no_tab_play_is_told_of_and_unlocked_by_a_click() {
    let speaker = Speaker::new(false, false);
    let page = Page::showing(&idle()).await;
    role(&page, "blocked");
    page.sync(&idle()).await;
    assert_eq!(speaker.number("made"), 0.0, "nobody calls, so nothing is asked");
    page.sync(&ringing()).await;
    page.until("sound-blocked", || page.part("sound-blocked").is_some()).await;
    assert_eq!((speaker.number("made"), speaker.number("open")), (1.0, 0.0));
    reports(&page, false).await;
    page.sync(&idle()).await;
    assert!(page.part("sound-blocked").is_none());
    page.sync(&ringing()).await;
    page.until("sound-blocked again", || page.part("sound-blocked").is_some()).await;
    assert_eq!(speaker.number("made"), 1.0, "asked once is enough");
    speaker.allow(true);
    page.click("sound-blocked");
    reports(&page, true).await;
    page.until("it goes", || page.part("sound-blocked").is_none()).await;
    role(&page, "here");
    plays(&page, &speaker, 1).await;
}

#[wasm_bindgen_test]
async fn a_browser_that_allows_it_unasked_rings_at_the_first_call() {
    let speaker = Speaker::new(false, true);
    let page = Page::showing(&ringing()).await;
    reports(&page, true).await;
    assert_eq!(speaker.playing().length(), 0, "asking is not heard");
    assert!(page.part("sound-blocked").is_none());
}

#[wasm_bindgen_test]
async fn a_chosen_tab_that_is_not_heard_says_so() {
    let speaker = Speaker::new(true, false);
    let page = Page::showing(&idle()).await;
    reports(&page, true).await;
    role(&page, "here");
    page.sync(&ringing()).await;
    reports(&page, false).await;
    role(&page, "blocked");
    page.until("sound-blocked", || page.part("sound-blocked").is_some()).await;
    page.until("all closed", || speaker.number("open") == 0.0).await;
    assert_eq!(speaker.playing().length(), 0);
}

#[wasm_bindgen_test]
async fn silence_and_volume_are_set_by_the_operator_and_remembered() {
    let speaker = Speaker::new(true, true);
    let page = Page::showing(&ringing()).await;
    role(&page, "here");
    plays(&page, &speaker, 1).await;
    assert!(page.part("volume").is_none());
    page.click("sound");
    page.until("settings", || page.part("volume").is_some()).await;
    assert_eq!(page.part("sound").unwrap().get_attribute("aria-expanded").unwrap(), "true");
    let range: HtmlInputElement = page.part("volume").unwrap().unchecked_into();
    assert_eq!(range.value(), "70");
    page.fill("volume", "20");
    page.until("quiet", || (speaker.volume() - 0.04).abs() < 1e-6).await;
    page.click("silence");
    plays(&page, &speaker, 0).await;
    page.until("pressed", || page.part("silence").unwrap().get_attribute("aria-pressed").as_deref() == Some("true"))
        .await;
    drop(page);
    let page = Page::showing(&ringing()).await;
    role(&page, "blocked");
    page.click("sound");
    page.until("settings", || page.part("volume").is_some()).await;
    let range: HtmlInputElement = page.part("volume").unwrap().unchecked_into();
    assert_eq!(range.value(), "20");
    assert!(page.part("sound-blocked").is_none(), "who wants silence misses nothing");
    // Another tab.
    role(&page, "here");
    storage().set_item(KEY, r#"{"volume":100,"silent":false}"#).unwrap();
    let init = StorageEventInit::new();
    init.set_key(Some(KEY));
    let told = StorageEvent::new_with_event_init_dict("storage", &init).unwrap();
    web_sys::window().unwrap().dispatch_event(&told).unwrap();
    plays(&page, &speaker, 1).await;
    assert_eq!((speaker.volume(), range.value().as_str()), (1.0, "100"));
}

#[wasm_bindgen_test]
async fn what_is_remembered_may_be_anything() {
    let speaker = Speaker::new(true, true);
    for text in ["", "null", "7", "{", r#"{"volume":1e9,"silent":"yes"}"#] {
        storage().set_item(KEY, text).unwrap();
        let page = Page::showing(&ringing()).await;
        role(&page, "here");
        plays(&page, &speaker, 1).await;
        assert!(speaker.volume() <= 1.0);
        drop(page);
    }
}

#[wasm_bindgen_test]
async fn escape_closes_the_settings_and_gives_the_focus_back() {
    let speaker = Speaker::new(true, true);
    let page = Page::showing(&idle()).await;
    page.click("sound");
    page.until("settings", || page.part("volume").is_some()).await;
    page.click("play");
    page.until("heard", || speaker.playing().length() == 1).await;
    page.part("volume").unwrap().focus().unwrap();
    let init = KeyboardEventInit::new();
    init.set_key("Escape");
    init.set_bubbles(true);
    let escape = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    page.part("volume").unwrap().dispatch_event(&escape).unwrap();
    page.until("closed", || page.part("volume").is_none()).await;
    page.until("focus", || page.shadow.active_element().is_some_and(|it| it.matches("[part=sound]").unwrap())).await;
    plays(&page, &speaker, 0).await;
}
