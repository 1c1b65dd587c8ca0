//! `bench [browser | backend] [--rounds N] [--only FIGURE,…] [--against BACKEND] [--quick]`: the product and its peer side by side, and what the backend bears. Started by
//! `cargo xtask bench`, which builds what it needs; of the release build, as that is what is measured.
//!
//! Nothing is asserted of a time: what comes out is a table.

mod browser;
mod figure;
mod front;
mod load;
mod machine;
mod options;
mod samples;
mod side;
mod stats;
mod table;

use std::process::ExitCode;

use anyhow::{Context, Result};

use machine::Machine;
use options::{Options, Part};
use table::Table;

/// Where the tables are published.
const DOCUMENT: &str = "BENCHMARKS.md";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let options = match Options::read(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    match bench(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(options: &Options) -> Result<()> {
    let machine = Machine::look().await?;
    machine.warn_if_busy();
    if options.includes(Part::Browser) {
        let table = browser::measure(&options.plan).await?;
        let note = format!("{machine}, {} rounds.", options.plan.rounds);
        publish("browser", &note, &table, options.written)?;
    }
    if options.includes(Part::Backend) {
        let table = load::measure(&options.plan).await?;
        publish("backend", &format!("{machine}."), &table, options.written)?;
    }
    Ok(())
}

/// On the screen as soon as it is there; into the document where the run was a whole one.
fn publish(name: &str, note: &str, table: &Table, written: bool) -> Result<()> {
    println!("\n{note}\n\n{}", table.to_text());
    if !written {
        return Ok(());
    }
    let path = machine::workspace_root()?.join(DOCUMENT);
    let document = std::fs::read_to_string(&path).with_context(|| format!("{DOCUMENT} can't be read"))?;
    let document = table::replaced(&document, name, &format!("{note}\n\n{}", table.to_markdown()));
    let document =
        document.with_context(|| format!("{DOCUMENT} has lost its markers <!-- {name} --> and <!-- /{name} -->"))?;
    std::fs::write(&path, document).with_context(|| format!("{DOCUMENT} can't be written"))?;
    println!("written into {DOCUMENT}");
    Ok(())
}
