//! `cargo xtask fuzz`: feeds the parsers of outside input what libFuzzer makes up, with the stable compiler and no installed tool.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bundle::target_dir;
use crate::cmd;

/// Seconds for each target, unless told otherwise.
const SECONDS: u64 = 60;
/// What `cargo fuzz` gives the compiler, without the sanitizers: those need nightly, and look for faults that safe Rust has not.
const RUSTFLAGS: [&str; 9] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Cdebug-assertions",
    "-Ccodegen-units=1",
];
/// Of each input: seconds, bytes; and megabytes of memory for all of them together.
const LIMITS: [&str; 3] = ["-timeout=10", "-max_len=4096", "-rss_limit_mb=1024"];
/// For the fuzzer to start, and to end after its time.
const GRACE: Duration = Duration::from_secs(60);
/// How much of a fuzzer's last words is shown, in lines.
const LAST_WORDS: usize = 40;

/// `cargo xtask fuzz [TARGET] [--seconds N]`.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let (target, seconds) = match *words {
        [] => (None, SECONDS),
        [target] if !target.starts_with('-') => (Some(target), SECONDS),
        ["--seconds", n] => (None, number(n)?),
        [target, "--seconds", n] | ["--seconds", n, target] => (Some(target), number(n)?),
        _ => bail!("it is `cargo xtask fuzz [TARGET] [--seconds N]`; targets: {}", names()?.join(", ")),
    };
    let all = names()?;
    match target {
        None => feed(&all, seconds),
        Some(name) if all.iter().any(|target| target == name) => feed(&[name.to_owned()], seconds),
        Some(name) => bail!("there is no target `{name}`; there are: {}", all.join(", ")),
    }
}

/// Every target, one after the other, for so many seconds each.
pub(crate) fn all(seconds: u64) -> Result<()> {
    feed(&names()?, seconds)
}

fn feed(targets: &[String], seconds: u64) -> Result<()> {
    let programs = build(targets)?;
    let work = programs.join(format!("run-{}", std::process::id()));
    let mut found = Vec::new();
    for target in targets {
        found.extend(feed_one(&programs.join(target), target, seconds, &work.join(target))?);
    }
    fs::remove_dir_all(&work).with_context(|| format!("{} cannot be removed", work.display()))?;
    if found.is_empty() {
        return Ok(());
    }
    bail!(
        "findings: {}\nThey are seeds now, and `cargo test -p hostile` fails until they are mended: see CONTRIBUTING.md",
        found.join(", ")
    );
}

/// Runs one target on a copy of its corpus, and gives the inputs that broke it, by their paths in the repository.
fn feed_one(program: &Path, target: &str, seconds: u64, work: &Path) -> Result<Vec<String>> {
    let seeds = fuzz_dir().join("corpus").join(target);
    let before = files(&seeds)?;
    let (corpus, temporary, log) = (work.join("corpus"), work.join("tmp"), work.join("log"));
    fs::create_dir_all(&corpus).and_then(|()| fs::create_dir_all(&temporary)).context("there is no room to work in")?;
    for seed in &before {
        fs::copy(seeds.join(seed), corpus.join(seed)).with_context(|| format!("{seed:?} cannot be copied"))?;
    }
    let mut fuzzer = Command::new(program);
    fuzzer.args(LIMITS).args(["-verbosity=0", "-print_final_stats=1"]).arg(format!("-max_total_time={seconds}"));
    // Beside the seeds: what was found is to be committed.
    let prefix = seeds.join("");
    fuzzer.arg(format!("-artifact_prefix={}", prefix.display())).arg(&corpus).env("TMPDIR", &temporary);
    fuzzer.stdout(Stdio::null()).stderr(File::create(&log)?).env("RUST_BACKTRACE", "0");
    let started = Instant::now();
    let ended = cmd::run_within(&mut fuzzer, Duration::from_secs(seconds) + GRACE);
    let words = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if ended.is_ok() {
        println!("    {target}: {} inputs in {}", inputs(&words).unwrap_or("?"), cmd::took(started));
        return Ok(Vec::new());
    }
    let lines: Vec<&str> = words.lines().collect();
    println!("{}", lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n"));
    let found: Vec<String> = files(&seeds)?
        .into_iter()
        .filter(|file| !before.contains(file))
        .map(|file| format!("fuzz/corpus/{target}/{}", file.to_string_lossy()))
        .collect();
    // It may have ended for another reason than an input.
    if found.is_empty() { ended.map(|()| found) } else { Ok(found) }
}

/// Builds the targets, and says where they are.
fn build(targets: &[String]) -> Result<PathBuf> {
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    if Command::new(&compiler).arg("--version").output().is_err() {
        bail!("a C++ compiler is missing, of which libFuzzer is built: install g++ or clang++, or name yours in CXX");
    }
    let host = host()?;
    let target_dir = target_dir()?.join("fuzz");
    let mut cargo = cmd::cargo();
    // A target by its name, so that build scripts and macros are built without the flags.
    cargo.args(["build", "--release", "--target", &host, "--manifest-path"]).arg(fuzz_dir().join("Cargo.toml"));
    cargo
        .args(targets.iter().flat_map(|target| ["--bin", target]))
        .arg("--target-dir")
        .arg(&target_dir)
        .env("RUSTFLAGS", RUSTFLAGS.join(" "));
    cmd::run(cargo.env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    Ok(target_dir.join(host).join("release"))
}

/// The targets, by the names of their files.
fn names() -> Result<Vec<String>> {
    let files = files(&fuzz_dir().join("fuzz_targets"))?;
    Ok(files.iter().filter_map(|file| Some(file.to_str()?.strip_suffix(".rs")?.to_owned())).collect())
}

/// The names of a directory's files, sorted.
fn files(dir: &Path) -> Result<Vec<OsString>> {
    let entries = fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let mut names = entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<Vec<_>, _>>()?;
    names.sort();
    Ok(names)
}

fn fuzz_dir() -> PathBuf {
    cmd::root().join("fuzz")
}

/// The compiler's name for this machine.
fn host() -> Result<String> {
    let version = cmd::read(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` does not name the host")
}

/// Of `stat::number_of_executed_units: 42`, the 42.
fn inputs(words: &str) -> Option<&str> {
    words.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).map(str::trim)
}

fn number(text: &str) -> Result<u64> {
    text.parse().ok().filter(|n| *n > 0).with_context(|| format!("`{text}` is no number of seconds"))
}

#[cfg(test)]
mod tests {
    use super::{inputs, number};

    #[test]
    fn the_fuzzers_last_words_are_read() {
        let words = "Done 7 runs in 1 second(s)\nstat::number_of_executed_units: 42\nstat::new_units_added: 1\n";
        assert_eq!(inputs(words), Some("42"));
        assert_eq!(inputs("==1== ERROR: libFuzzer: deadly signal"), None);
    }

    #[test]
    fn seconds_are_a_number() {
        assert_eq!(number("5").ok(), Some(5));
        for text in ["", "0", "-1", "five"] {
            assert!(number(text).is_err(), "{text}");
        }
    }
}
