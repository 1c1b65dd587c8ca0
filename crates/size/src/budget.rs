//! What a cold tab has to load, and what it may weigh.

use anyhow::{Context, Result, bail};
use bundle::{Bundle, File};

/// What a page loads before its phone is up, by the names that do not change, and the bytes that each may have under brotli.
/// Lower one whenever the file has become smaller; raise one only with a reason in BENCHMARKS.md.
const BUDGETS: [(&str, &str, usize); 4] = [
    ("/sip-phone-widget.js", "loader and glue of the widget", 6_900),
    ("/sip-phone-widget-", "the widget", 96_800),
    ("/sip-worker.js", "boot script and glue of the worker", 3_200),
    ("/sip-worker-", "the worker", 34_800),
];

/// The files of a cold tab.
pub(crate) struct Report(Vec<Line>);

struct Line {
    what: &'static str,
    path: String,
    raw: usize,
    brotli: usize,
    budget: usize,
}

/// Finds and compresses what a cold tab loads.
pub(crate) fn report(bundle: &Bundle) -> Result<Report> {
    let lines = BUDGETS.map(|(name, what, budget)| {
        let is_it = |file: &&File| file.path == name || (file.path.starts_with(name) && file.path.ends_with(".wasm"));
        let file = bundle.files.iter().find(is_it).with_context(|| format!("{name} is not in the bundle"))?;
        let brotli = bundle::brotli(&file.bytes)?.map_or(file.bytes.len(), |small| small.len());
        Ok(Line { what, path: file.path.clone(), raw: file.bytes.len(), brotli, budget })
    });
    lines.into_iter().collect::<Result<_>>().map(Report)
}

impl Report {
    pub(crate) fn to_text(&self) -> String {
        let sum = |of: fn(&Line) -> usize| self.0.iter().map(of).sum::<usize>();
        let row = |what: &str, raw: usize, brotli: usize, budget: usize| {
            format!("{what:<36} {raw:>9} {brotli:>9} {budget:>9}\n")
        };
        let mut text = format!("{:<36} {:>9} {:>9} {:>9}\n", "a cold tab, bytes", "raw", "brotli", "budget");
        text.extend(self.0.iter().map(|line| row(line.what, line.raw, line.brotli, line.budget)));
        text + &row("together", sum(|line| line.raw), sum(|line| line.brotli), sum(|line| line.budget))
    }

    /// # Errors
    /// A file has outgrown its budget.
    pub(crate) fn check(&self) -> Result<()> {
        let over = self.0.iter().find(|line| line.brotli > line.budget);
        if let Some(Line { what, path, brotli, budget, .. }) = over {
            bail!(
                "{path} ({what}) has {brotli} bytes under brotli, its budget is {budget}: `cargo xtask size` says what it is made of"
            );
        }
        Ok(())
    }
}
