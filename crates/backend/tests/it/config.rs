//! The settings: sources, precedence, and what is said of mistakes.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use backend::cli::Cli;
use backend::config::{EngineChoice, Settings, Surroundings};
use clap::Parser;
use tempfile::TempDir;

/// A place with a working directory, a data directory and variables.
struct Place {
    work: TempDir,
    data: TempDir,
    variables: HashMap<&'static str, String>,
}

impl Place {
    fn new() -> Self {
        Self { work: TempDir::new().unwrap(), data: TempDir::new().unwrap(), variables: HashMap::new() }
    }

    fn file(self, dir: &Path, text: &str) -> Self {
        fs::write(dir.join("sip-phone.toml"), text).unwrap();
        self
    }

    fn in_work(self, text: &str) -> Self {
        let dir = self.work.path().to_owned();
        self.file(&dir, text)
    }

    fn in_data(self, text: &str) -> Self {
        let dir = self.data.path().to_owned();
        self.file(&dir, text)
    }

    fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    fn read(&self, line: &[&str]) -> Result<Settings, String> {
        let cli = Cli::try_parse_from(["backend"].iter().chain(line)).map_err(|error| error.to_string())?;
        let variable = |name: &str| self.variables.get(name).cloned();
        let data_dir = Some(self.data.path().to_owned());
        let around = Surroundings { variable: &variable, working_dir: self.work.path(), data_dir };
        Settings::read(&cli.options, &around).map_err(|error| error.to_string())
    }
}

#[test]
fn without_anything_the_defaults_hold() {
    let place = Place::new();
    let settings = place.read(&[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:7077");
    assert_eq!((settings.engine, settings.data_dir.as_path()), (EngineChoice::Auto, place.data.path()));
    assert!(settings.allow_origins.is_empty() && settings.public_origin.is_none() && settings.token.is_none());
}

#[test]
fn the_line_wins_over_variables_and_these_over_the_file() {
    let place =
        Place::new().in_work("listen = '127.0.0.1:1'\nengine = 'simulator'\nallow-origin = 'https://a.example'");
    let port = |place: &Place, line: &[&str]| place.read(line).unwrap().listen.port();
    assert_eq!(port(&place, &[]), 1);
    let place = place.variable("SIP_PHONE_LISTEN", "127.0.0.1:2");
    assert_eq!(port(&place, &[]), 2);
    assert_eq!(port(&place, &["--listen", "127.0.0.1:3"]), 3);
    let settings = place.read(&[]).unwrap();
    assert_eq!(settings.engine, EngineChoice::Simulator);
    assert_eq!(settings.allow_origins[0].as_str(), "https://a.example");
}

#[test]
fn the_settings_that_are_handed_out_say_what_may_stand_there() {
    let text = include_str!("../../../dist/sip-phone.toml");
    let as_it_is = Place::new().in_work(text).read(&[]).unwrap();
    assert_eq!(as_it_is.listen.to_string(), "127.0.0.1:7077");
    // Each line with its mark away, all together but for the token, which nobody shall leave as it stands there.
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix('#')).collect();
    let (token, others): (Vec<&str>, Vec<&str>) =
        lines.into_iter().filter(|line| !line.starts_with(' ')).partition(|line| line.starts_with("token"));
    let settings = Place::new().in_work(&others.join("\n")).read(&[]).unwrap();
    assert_eq!(settings.allow_origins.len(), 2);
    assert!(others.len() == 9 && Place::new().in_work(token[0]).read(&[]).is_err());
}

#[test]
fn every_option_has_three_places() {
    let values = [
        ("listen", "127.0.0.1:9", "LISTEN"),
        ("engine", "simulator", "ENGINE"),
        ("microsip", "/opt/microsip.exe", "MICROSIP"),
        ("public-origin", "https://phone.example", "PUBLIC_ORIGIN"),
        ("allow-origin", "https://crm.example", "ALLOW_ORIGIN"),
        ("token", "secret", "TOKEN"),
        ("data-dir", "/data", "DATA_DIR"),
        ("start-microsip", "on", "START_MICROSIP"),
        ("max-streams", "10000", "MAX_STREAMS"),
        ("reject-when-away", "on", "REJECT_WHEN_AWAY"),
    ];
    let names = values.map(|(_, _, name)| &*Box::leak(format!("SIP_PHONE_{name}").into_boxed_str()));
    let options: Vec<String> =
        values.iter().flat_map(|(name, value, _)| [format!("--{name}"), (*value).to_owned()]).collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let file: String = values.iter().map(|(name, value, _)| format!("{name} = {value:?}\n")).collect();
    let by_line = Place::new().read(&options).unwrap();
    let by_file = Place::new().in_work(&file).read(&[]).unwrap();
    let variables =
        names.iter().zip(values).fold(Place::new(), |place, (name, (_, value, _))| place.variable(name, value));
    let by_variables = variables.read(&[]).unwrap();
    let underscores: String =
        values.iter().map(|(name, value, _)| format!("{} = {value:?}\n", name.replace('-', "_"))).collect();
    let by_underscores = Place::new().in_work(&underscores).read(&[]).unwrap();
    for settings in [&by_line, &by_file, &by_underscores, &by_variables] {
        assert_eq!(format!("{settings:?}"), format!("{by_line:?}"));
        assert_eq!(settings.max_streams, 10_000);
        assert!(settings.start_microsip);
        assert!(settings.token.as_ref().is_some_and(|token| token.matches("secret")));
        assert!(settings.reject_when_away);
    }
    assert!(!format!("{by_line:?}").contains("secret"), "a token is never shown");
}

#[test]
fn a_switch_in_the_file_needs_no_quotes() {
    let read = |text| Place::new().in_work(text).read(&[]);
    for (text, expected) in [("start-microsip = true", true), ("start-microsip = \"off\"", false), ("", false)] {
        assert_eq!(read(text).unwrap().start_microsip, expected, "{text}");
    }
}

#[test]
fn a_number_in_the_file_needs_no_quotes() {
    assert_eq!(Place::new().in_work("max-streams = 2000").read(&[]).unwrap().max_streams, 2000);
    assert_eq!(Place::new().read(&[]).unwrap().max_streams, backend::limits::MAX_STREAMS);
}

#[test]
fn rejecting_when_away_is_a_switch() {
    let is_on = |text: &str| Place::new().in_work(text).read(&[]).unwrap().reject_when_away;
    assert!(is_on("reject-when-away = true") && is_on("reject-when-away = 'on'"));
    assert!(!is_on("reject-when-away = false") && !is_on("reject-when-away = 'off'") && !is_on(""));
}

#[test]
fn lists_come_in_each_places_own_form() {
    let texts = |settings: Settings| settings.allow_origins.iter().map(ToString::to_string).collect::<Vec<_>>();
    let both = ["https://a.example", "https://b.example"];
    let line = Place::new().read(&["--allow-origin", both[0], "--allow-origin", both[1]]).unwrap();
    assert_eq!(texts(line), both);
    let variable =
        Place::new().variable("SIP_PHONE_ALLOW_ORIGIN", "https://a.example, https://b.example").read(&[]).unwrap();
    assert_eq!(texts(variable), both);
    let file = Place::new().in_work("allow-origin = ['https://a.example', 'https://b.example']").read(&[]).unwrap();
    assert_eq!(texts(file), both);
}

#[test]
fn the_file_is_found_in_the_working_then_in_the_data_directory() {
    let port = |place: &Place, line: &[&str]| place.read(line).unwrap().listen.port();
    let place = Place::new().in_data("\u{feff}listen = '127.0.0.1:1'");
    assert_eq!(port(&place, &[]), 1);
    let place = place.in_work("listen = '127.0.0.1:2'");
    assert_eq!(port(&place, &[]), 2);
    let named = TempDir::new().unwrap();
    let path = named.path().join("other.toml");
    fs::write(&path, "listen = '127.0.0.1:3'").unwrap();
    assert_eq!(port(&place, &["--config", path.to_str().unwrap()]), 3);
}

#[test]
fn an_empty_variable_sets_nothing() {
    assert_eq!(Place::new().variable("SIP_PHONE_LISTEN", " ").read(&[]).unwrap().listen.port(), 7077);
}

#[test]
fn beyond_loopback_a_token_is_needed() {
    for address in ["0.0.0.0:7077", "10.0.0.1:7077", "[::]:7077"] {
        let error = Place::new().read(&["--listen", address]).unwrap_err();
        assert!(error.contains("--token") && !error.contains('\n'), "{error}");
        assert!(Place::new().read(&["--listen", address, "--token", "secret"]).is_ok());
    }
    for address in ["127.0.0.1:0", "127.8.8.8:1", "[::1]:1", "localhost:1"] {
        assert!(Place::new().read(&["--listen", address]).is_ok(), "{address}");
    }
}

#[test]
fn mistakes_are_one_line_that_names_the_place() {
    for (line, named) in [
        (&["--listen", "7077"][..], "--listen"),
        (&["--listen", "example.com:80"], "--listen"),
        (&["--engine", "asterisk"], "--engine"),
        (&["--public-origin", "phone.example"], "--public-origin"),
        (&["--allow-origin", "*"], "--allow-origin"),
        (&["--allow-origin", "http://[::1]:80"], "IPv6"),
        (&["--allow-origin", "https://a.example/page"], "--allow-origin"),
        (&["--token", "with space"], "--token"),
        (&["--data-dir", ""], "--data-dir"),
        (&["--start-microsip", "perhaps"], "--start-microsip"),
        (&["--max-streams", "0"], "--max-streams"),
        (&["--max-streams=-1"], "--max-streams"),
        (&["--max-streams", "1000001"], "--max-streams"),
        (&["--max-streams", "many"], "--max-streams"),
        (&["--reject-when-away", "maybe"], "--reject-when-away"),
        (&["--config", "/nowhere/x.toml"], "--config"),
    ] {
        let error = Place::new().read(line).unwrap_err();
        assert!(error.contains(named) && !error.contains('\n'), "{line:?}: {error}");
    }
    let error = Place::new().variable("SIP_PHONE_ENGINE", "x").read(&[]).unwrap_err();
    assert!(error.starts_with("SIP_PHONE_ENGINE"), "{error}");
    for (text, named) in [
        ("engine = 'x'", "engine in "),
        ("listen = 7077", "line 1"),
        ("max-streams = 0", "max-streams in "),
        ("max-streams = true", "line 1"),
        ("reject-when-away = 1", "line 1"),
        ("\nlistn = 'x'", "line 2: unknown field `listn`"),
        ("listen = ", "line 1"),
        ("allow-origin = [1]", "line 1"),
        ("token = 'with space'", "token in "),
    ] {
        let error = Place::new().in_work(text).read(&[]).unwrap_err();
        assert!(error.contains(named) && error.contains("sip-phone.toml") && !error.contains('\n'), "{text}: {error}");
        assert!(!error.contains("with space"), "a token is never shown");
    }
    let error = Place::new().in_data("data-dir = '/elsewhere'").read(&[]).unwrap_err();
    assert!(error.contains("data-dir in "), "{error}");
}
