//! Counted things and durations: the rules and the forms are the language's, the arithmetic is here.

use super::Texts;

/// The forms of a counted thing, in the order of the language's rule; `{}` stands for the number.
pub type Forms = &'static [&'static str];

/// What is counted, and by which rule.
#[allow(missing_docs)] // the names say what each is for; the files of the languages show it
pub struct Counts {
    /// Which of the forms goes with a number.
    pub rule: fn(u64) -> usize,
    pub hours: Forms,
    pub minutes: Forms,
    pub seconds: Forms,
    /// Beside the call that is shown.
    pub more_calls: Forms,
    /// Heading of the list of calls beside the one that is shown.
    pub other_calls: Forms,
}

impl Texts {
    /// The number with its thing, in the right form.
    pub fn counted(&self, number: u64, forms: Forms) -> String {
        let form = forms.get((self.counts.rule)(number)).copied().unwrap_or("{}");
        // By single characters: the search for longer texts is a kilobyte of its own.
        let (before, after) = form.split_once('{').unwrap_or((form, ""));
        [before, &number.to_string(), after.trim_start_matches('}')].concat()
    }

    /// A duration as it is said: "1 minute 5 seconds".
    pub fn spoken(&self, seconds: u64) -> String {
        let counts = &self.counts;
        let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let parts = [(h, counts.hours), (m, counts.minutes), (s, counts.seconds)];
        // A call that was hung up at once lasted 0 seconds, not nothing.
        let said = parts.iter().enumerate().filter(|(at, (number, _))| *number > 0 || (*at == 2 && seconds == 0));
        said.map(|(_, (number, forms))| self.counted(*number, forms)).collect::<Vec<_>>().join(" ")
    }

    /// That a call is over, and how long it was if it was connected.
    pub fn ended(&self, seconds: Option<u64>) -> String {
        match seconds {
            Some(seconds) => [self.ended, ", ", &self.spoken(seconds)].concat(),
            None => self.ended.to_owned(),
        }
    }
}
