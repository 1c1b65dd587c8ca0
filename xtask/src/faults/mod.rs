//! `cargo xtask faults`: makes each fault many times, prints what was measured, and writes it into RELIABILITY.md.

mod table;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::bundle::target_dir;
use crate::{checks, cmd};
use table::Table;

/// How often each fault is made, unless it is said otherwise.
const TRIES: u32 = 20;
/// Where the table is published.
const DOCUMENT: &str = "RELIABILITY.md";

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    tries: u32,
    /// Rows under way at a time.
    jobs: u32,
    /// Parts of the names of rows; without any, all.
    rows: Vec<String>,
}

pub(crate) fn faults(words: &[&str]) -> Result<()> {
    let Options { tries, jobs, mut rows } = options(words)?;
    if rows.is_empty() {
        rows.push("faults::".to_owned());
    }
    let out = target_dir()?.join("faults.tsv");
    if out.exists() {
        fs::remove_file(&out)?;
    }
    let mut test = checks::e2e_tests()?;
    test.args(["--test", "e2e", "--", "--nocapture", &format!("--test-threads={jobs}")]);
    test.args(&rows);
    test.env("SIP_PHONE_TRIES", tries.to_string()).env("SIP_PHONE_FAULTS_OUT", &out);
    let outcome = cmd::run(&mut test);

    // What was measured is worth seeing, also where a row failed.
    let measured = Table::read(&fs::read_to_string(&out).unwrap_or_default());
    if measured.is_empty() {
        outcome?;
        bail!("no row has that name; they are in {DOCUMENT}");
    }
    println!("\n{}", measured.to_text());
    let path = cmd::root().join(DOCUMENT);
    let document = fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    fs::write(
        &path,
        measured.complete(tries).written_into(&document).with_context(|| format!("{DOCUMENT} has lost its markers"))?,
    )?;
    println!("written into {DOCUMENT}");
    outcome
}

fn options(words: &[&str]) -> Result<Options> {
    // One at a time: what is measured shall not be the machine's load.
    let mut options = Options { tries: TRIES, jobs: 1, rows: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            option @ ("--tries" | "--jobs") => {
                let number = words.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
                let number = number.with_context(|| format!("{option} takes a number from 1 on"))?;
                *(if option == "--tries" { &mut options.tries } else { &mut options.jobs }) = number;
            }
            row if !row.starts_with('-') => options.rows.push(row.to_owned()),
            other => bail!("`{other}` is not understood: cargo xtask faults [--tries N] [--jobs N] [ROW]..."),
        }
    }
    Ok(options)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{Options, options};

    #[test]
    fn options_come_in_any_order_and_nonsense_is_refused() {
        let read = |words: &[&str]| options(words).unwrap();
        assert_eq!(read(&[]), Options { tries: 20, jobs: 1, rows: vec![] });
        let some = Options { tries: 3, jobs: 2, rows: vec!["half_open".to_owned(), "panic".to_owned()] };
        assert_eq!(read(&["--jobs", "2", "half_open", "--tries", "3", "panic"]), some);
        for wrong in [&["--tries"][..], &["--jobs", "0"], &["--tries", "0"], &["--tries", "x"], &["--fast"]] {
            assert!(options(wrong).is_err(), "{wrong:?}");
        }
    }
}
