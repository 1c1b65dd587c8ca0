//! What is heard: struck tones, computed when they are needed. Each partial is a decaying resonator, so no sine is computed
//! per sample, and begins softly, so nothing clicks.

use js_sys::Math;
use wasm_bindgen::JsValue;
use web_sys::{AudioBuffer, AudioContext};

/// Samples per second: plenty for these tones, and less work than at the loudspeaker's rate.
const RATE: f32 = 22_050.0;
/// Length of the soft beginning, in samples: 6 ms.
const ATTACK: f32 = 132.0;
/// Samples computed at once.
const CHUNK: usize = 1024;

/// A short piece that can be repeated without a seam.
pub(super) struct Tune {
    notes: &'static [Note],
    /// Seconds until it begins again; the last note has died away by then.
    seconds: f32,
}

/// One struck tone.
struct Note {
    /// Seconds from the beginning.
    at: f32,
    hertz: f32,
    /// Seconds in which it falls to a third.
    decay: f32,
    level: f32,
}

const fn note(at: f32, hertz: f32, decay: f32, level: f32) -> Note {
    Note { at, hertz, decay, level }
}

/// A call rings: two bursts of an open fourth (E5, A5), then a pause.
pub(super) static RING: Tune = Tune {
    notes: &[
        note(0.0, 659.26, 0.16, 0.4),
        note(0.16, 880.0, 0.16, 0.36),
        note(0.32, 659.26, 0.16, 0.4),
        note(0.48, 880.0, 0.22, 0.36),
        note(1.1, 659.26, 0.16, 0.4),
        note(1.26, 880.0, 0.16, 0.36),
        note(1.42, 659.26, 0.16, 0.4),
        note(1.58, 880.0, 0.22, 0.36),
    ],
    seconds: 4.0,
};

/// A further call rings while the operator talks: two knocks, quiet enough to talk on.
pub(super) static KNOCK: Tune =
    Tune { notes: &[note(0.0, 440.0, 0.05, 0.12), note(0.2, 440.0, 0.05, 0.12)], seconds: 4.0 };

impl Tune {
    /// Computes it.
    ///
    /// # Errors
    /// The browser lacks the memory.
    pub(super) fn render(&self, context: &AudioContext) -> Result<AudioBuffer, JsValue> {
        let length = self.seconds * RATE;
        let buffer = context.create_buffer(1, length as u32, RATE)?;
        // The octave, softer and shorter, makes a bell of a tone.
        let octave = |note: &Note| Partial::new(note.at, note.hertz * 2.0, note.decay * 0.5, note.level * 0.3);
        let tone = |note: &Note| Partial::new(note.at, note.hertz, note.decay, note.level);
        let mut partials: Vec<_> = self.notes.iter().flat_map(|note| [tone(note), octave(note)]).collect();
        for begin in (0..length as usize).step_by(CHUNK) {
            let mut chunk = [0.0; CHUNK];
            for partial in &mut partials {
                partial.add_to(&mut chunk);
            }
            buffer.copy_to_channel_with_start_in_channel(&chunk, 0, begin as u32)?;
        }
        Ok(buffer)
    }
}

/// A sine that dies away: y(n) = a y(n-1) - b y(n-2).
struct Partial {
    wait: usize,
    a: f32,
    b: f32,
    before: [f32; 2],
    age: f32,
}

impl Partial {
    fn new(at: f32, hertz: f32, decay: f32, level: f32) -> Self {
        let angle = f64::from(std::f32::consts::TAU * hertz / RATE);
        let r = Math::exp(f64::from(-1.0 / (decay * RATE))) as f32;
        let (sin, cos) = (Math::sin(angle) as f32, Math::cos(angle) as f32);
        let wait = (at * RATE) as usize;
        Self { wait, a: 2.0 * r * cos, b: r * r, before: [level * sin, 0.0], age: 0.0 }
    }

    fn add_to(&mut self, chunk: &mut [f32]) {
        let skip = self.wait.min(chunk.len());
        self.wait -= skip;
        for sample in &mut chunk[skip..] {
            let now = self.a * self.before[0] - self.b * self.before[1];
            self.before = [now, self.before[0]];
            self.age += 1.0;
            *sample += now * (self.age / ATTACK).min(1.0);
        }
    }
}
