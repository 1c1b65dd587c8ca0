//! One tune on its way to the loudspeaker. Nothing of it is left when it is dropped: ten tabs must not hold ten audio threads.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioBufferSourceNode, AudioContext, AudioContextState, AudioScheduledSourceNode, GainNode};

use super::tune::Tune;
use crate::browser;
use crate::js;

/// Milliseconds in which a loudspeaker that may be used begins to work, also on a slow machine.
const PATIENCE: i32 = 1500;
/// Seconds in which a tune that is cut off falls silent: at once for the ear, without a click.
const RELEASE: f64 = 0.04;

/// Plays until dropped.
pub(super) struct Player {
    context: AudioContext,
    source: AudioBufferSourceNode,
    gain: GainNode,
}

impl Player {
    /// Begins to play, again and again or once.
    ///
    /// # Errors
    /// The browser has no Web Audio, or no memory for it.
    pub(super) fn start(tune: &Tune, volume: u8, again: bool) -> Result<Self, JsValue> {
        let context = context()?;
        let (source, gain) = (context.create_buffer_source()?, context.create_gain()?);
        let player = Self { context, source, gain };
        player.source.set_buffer(Some(&tune.render(&player.context)?));
        player.source.set_loop(again);
        player.source.connect_with_audio_node(&player.gain)?;
        player.gain.connect_with_audio_node(&player.context.destination())?;
        player.set_volume(volume);
        player.close_after();
        player.scheduled().start()?;
        Ok(player)
    }

    /// Sets the volume, in percent.
    pub(super) fn set_volume(&self, percent: u8) {
        let share = f32::from(percent) / 100.0;
        // The ear's scale is not the loudspeaker's.
        self.gain.gain().set_value(share * share);
    }

    /// The way to the loudspeaker, to see whether it opens.
    pub(super) fn context(&self) -> AudioContext {
        self.context.clone()
    }

    /// When the source ends, nothing is needed any more.
    fn close_after(&self) {
        let context = self.context.clone();
        let ended = Closure::once_into_js(move || close(&context));
        self.scheduled().set_onended(Some(ended.unchecked_ref()));
    }

    /// The source as what begins and ends; its own methods for that are deprecated.
    fn scheduled(&self) -> &AudioScheduledSourceNode {
        &self.source
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let now = self.context.current_time();
        if self.context.state() == AudioContextState::Running {
            let _ = self.gain.gain().set_target_at_time(0.0, now, RELEASE / 4.0);
            let _ = self.scheduled().stop_with_when(now + RELEASE);
        } else {
            // Its end would never come.
            let _ = self.scheduled().stop();
            close(&self.context);
        }
    }
}

/// Opens a way to the loudspeaker; whether it leads there is another question.
///
/// # Errors
/// The browser has no Web Audio.
pub(super) fn context() -> Result<AudioContext, JsValue> {
    let class: Function = js::get(&browser::window(), "AudioContext").dyn_into()?;
    Reflect::construct(&class, &Array::new()).map(JsCast::unchecked_into)
}

/// Closes it, once.
pub(super) fn close(context: &AudioContext) {
    if context.state() != AudioContextState::Closed {
        // Fails for a closed one alone.
        let _ = context.close();
    }
}

/// Whether the browser lets it be heard; `None` if it was closed before that was known.
pub(super) async fn is_heard(context: &AudioContext) -> Option<bool> {
    if context.state() != AudioContextState::Running {
        let settled = Promise::new(&mut |resolve, _| {
            context.set_onstatechange(Some(&resolve));
            let _ = browser::window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE);
        });
        let _ = JsFuture::from(settled).await;
        context.set_onstatechange(None);
    }
    match context.state() {
        AudioContextState::Closed => None,
        state => Some(state == AudioContextState::Running),
    }
}
