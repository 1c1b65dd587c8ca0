//! What does not work just now: told to the log when it changes, and by `/healthz` for as long as it lasts.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// What can be lost while the phone goes on working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The operator's status is not kept for the next start.
    Status,
    /// Ended calls are kept in memory only.
    History,
    /// Calls that are up would be forgotten if the backend were killed.
    OpenCalls,
    /// MicroSIP's hooks can't find this backend.
    Hooks,
    /// Hooks that fired while the backend was away can't be read, or not be put away.
    MissedHooks,
}

impl Part {
    /// What is lost without it, for people.
    const fn loss(self) -> &'static str {
        match self {
            Self::Status => "the operator's status is set, but not kept for the next start",
            Self::History => "calls that end are kept in memory only, until they can be written",
            Self::OpenCalls => "calls that are up will be forgotten if the backend is killed",
            Self::Hooks => "the softphone's hooks can't reach the backend: it hears of no call",
            Self::MissedHooks => "what happened at the softphone while the backend was away may be missing",
        }
    }
}

/// One thing that does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which part.
    pub part: Part,
    /// Why, and what is lost by it.
    pub message: String,
}

/// What does not work just now.
#[derive(Debug, Default)]
pub struct Health(Mutex<BTreeMap<Part, String>>);

impl Health {
    /// Notes whether a part works; a failure says why. The log hears of it when it changes.
    pub fn note(&self, part: Part, works: Result<(), String>) {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = problems.get(&part);
        match works {
            Ok(()) if before.is_none() => return,
            Err(cause) if before == Some(&cause) => return,
            Ok(()) => drop(problems.remove(&part)),
            Err(ref cause) => drop(problems.insert(part, cause.clone())),
        }
        drop(problems);
        match works {
            Ok(()) => tracing::info!(?part, "works again"),
            Err(cause) => tracing::error!(?part, "{cause}: {}", part.loss()),
        }
    }

    /// All that does not work, in a fixed order.
    pub fn problems(&self) -> Vec<Problem> {
        let problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told =
            |(part, cause): (&Part, &String)| Problem { part: *part, message: format!("{cause}: {}", part.loss()) };
        problems.iter().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_lasts_until_the_part_works_again() {
        let health = Health::default();
        assert_eq!(health.problems(), []);
        health.note(Part::Status, Ok(()));
        health.note(Part::History, Err("full".to_owned()));
        health.note(Part::Status, Err("gone".to_owned()));
        health.note(Part::History, Err("fuller".to_owned()));
        let problems = health.problems();
        assert_eq!(problems.iter().map(|p| p.part).collect::<Vec<_>>(), [Part::Status, Part::History]);
        assert!(problems[1].message.starts_with("fuller: "), "{problems:?}");
        assert_eq!(serde_json::to_value(Part::OpenCalls).unwrap(), "open_calls");
        health.note(Part::History, Ok(()));
        assert_eq!(health.problems().len(), 1);
    }
}
