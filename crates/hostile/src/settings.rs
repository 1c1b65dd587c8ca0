//! Settings, from the command line, from variables, and from a file that somebody edited.

use std::fs;

use backend::cli::Options;
use backend::config::{Settings, Surroundings};
use backend::guard::Guard;
use backend::origin::Origin;
use tempfile::TempDir;

/// The options, by the names of their variables.
const NAMES: [&str; 6] = ["LISTEN", "ENGINE", "MICROSIP", "PUBLIC_ORIGIN", "ALLOW_ORIGIN", "TOKEN"];

thread_local! {
    /// Where the file is: one directory for all inputs of a run.
    static PLACE: TempDir = TempDir::new().expect("there is room for a temporary file");
}

/// The input is a `sip-phone.toml`, and also the value of each option.
pub fn settings(input: &[u8]) {
    PLACE.with(|place| {
        let file = place.path().join("sip-phone.toml");
        fs::write(&file, input).expect("a temporary file can be written");
        read(place, &Options::default(), &|_| None);
        fs::remove_file(&file).expect("it was written");

        let text = String::from_utf8_lossy(input);
        for name in NAMES {
            let only = |variable: &str| (variable.strip_prefix("SIP_PHONE_") == Some(name)).then(|| text.to_string());
            read(place, &Options::default(), &only);
        }
        let value = Some(text.to_string());
        for options in [
            Options { listen: value.clone(), token: Some("t".to_owned()), ..Options::default() },
            Options { engine: value.clone(), ..Options::default() },
            Options { public_origin: value.clone(), ..Options::default() },
            Options { allow_origin: value.clone().map(|one| vec![one]), ..Options::default() },
            Options { token: value, ..Options::default() },
        ] {
            read(place, &options, &|_| None);
        }
        if let Ok(origin) = text.parse::<Origin>() {
            is_plain(&origin);
        }
    });
}

fn read(place: &TempDir, options: &Options, variable: &dyn Fn(&str) -> Option<String>) {
    let data_dir = Some(place.path().to_owned());
    let around = Surroundings { variable, working_dir: place.path(), data_dir };
    match Settings::read(options, &around) {
        Ok(settings) => {
            assert!(settings.listen.ip().is_loopback() || settings.token.is_some(), "the network may use the phone");
            settings.allow_origins.iter().chain(&settings.public_origin).for_each(is_plain);
            // The policy of frames is made of them.
            let allowed = Guard::new(&settings, settings.listen).allowed_origins().to_owned();
            assert_eq!(allowed.split(' ').filter(|one| !one.is_empty()).count(), settings.allow_origins.len());
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && text.lines().count() == 1, "a mistake is one line: {text:?}");
        }
    }
}

/// Stands in a header without meaning anything else there.
fn is_plain(origin: &Origin) {
    let text = origin.as_str();
    assert!(text.starts_with(if origin.is_https() { "https://" } else { "http://" }), "{text}");
    assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b"*;,'\"<>&".contains(&b)), "{text}");
    assert!(!origin.host().is_empty() && !origin.host().contains('/'), "{text}");
    assert_eq!(text.parse::<Origin>().as_ref(), Ok(origin), "reading twice changes nothing");
}
