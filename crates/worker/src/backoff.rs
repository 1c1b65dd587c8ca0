//! Exponential backoff with jitter, from a seed: the same seed makes the same delays.

/// Delays between attempts: each drawn from the upper half of a ceiling that doubles from 0.5 s to 5 s, so that many
/// browsers that lost one backend do not come back in step, and none waits less than 0.25 s or more than 5 s.
#[derive(Debug)]
pub struct Backoff {
    attempt: u32,
    random: u64,
}

const FIRST_CEILING_MS: u64 = 500;
const LAST_CEILING_MS: u64 = 5_000;

impl Backoff {
    /// Fresh, with this source of jitter.
    pub fn new(seed: u64) -> Self {
        Self { attempt: 0, random: seed | 1 }
    }

    /// Whether no delay has been drawn since the last reset.
    pub fn is_fresh(&self) -> bool {
        self.attempt == 0
    }

    /// From the shortest delay again.
    pub fn reset(&mut self) {
        self.attempt = 0;
    }

    /// The next delay, in milliseconds.
    pub fn next_delay_ms(&mut self) -> u64 {
        let ceiling = FIRST_CEILING_MS.saturating_mul(1 << self.attempt.min(10)).min(LAST_CEILING_MS);
        self.attempt = self.attempt.saturating_add(1);
        // xorshift64: quality is of no importance here, size is.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ceiling / 2 + self.random % (ceiling / 2 + 1)
    }
}
