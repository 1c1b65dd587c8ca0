//! The table of faults: read from what the tests have written, line by line, and put between the markers of a document.

use std::collections::BTreeMap;

/// The table in the document is between lines that begin with these.
const MARKERS: [&str; 2] = ["<!-- faults", "<!-- /faults"];

/// The rows, in the order in which they were measured.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    test: String,
    fault: String,
    made: String,
    promised: String,
    /// Milliseconds of each try, sorted.
    took: Vec<u64>,
}

impl Table {
    /// Of lines `test`, `fault`, `made`, `promised`, milliseconds, separated by tabs.
    pub(super) fn read(lines: &str) -> Self {
        let mut table = Self::default();
        for line in lines.lines() {
            let mut fields = line.split('\t').map(str::to_owned);
            let mut next = || fields.next().unwrap_or_default();
            let (test, fault, made, promised) = (next(), next(), next(), next());
            let Ok(took) = next().parse() else { continue };
            match table.rows.iter_mut().find(|row| row.test == test) {
                Some(row) => row.took.push(took),
                None => table.rows.push(Row { test, fault, made, promised, took: vec![took] }),
            }
        }
        table.rows.iter_mut().for_each(|row| row.took.sort_unstable());
        table
    }

    /// The rows with as many tries: in the others one has failed.
    pub(super) fn complete(mut self, tries: u32) -> Self {
        self.rows.retain(|row| row.took.len() == tries as usize);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// For the screen.
    pub(super) fn to_text(&self) -> String {
        let width = self.rows.iter().map(|row| row.test.len()).max().unwrap_or_default();
        let line = |row: &Row| {
            let (p50, max) = row.measured();
            format!("{:<width$} {:>3} tries   p50 {p50:>8}   max {max:>8}\n", row.test, row.took.len())
        };
        self.rows.iter().map(line).collect()
    }

    /// The document with these rows in place of those of the same tests, which keep their places; `None` without markers.
    pub(super) fn written_into(&self, document: &str) -> Option<String> {
        let [begin, end] = MARKERS.map(|marker| document.lines().position(|line| line.starts_with(marker)));
        let (begin, end) = (begin?, end.filter(|end| Some(*end) > begin)?);
        let lines: Vec<&str> = document.lines().collect();
        let mut fresh: BTreeMap<&str, &Row> = self.rows.iter().map(|row| (row.test.as_str(), row)).collect();
        let mut rows = Vec::new();
        for line in lines[begin + 1..end].iter().filter(|line| line.contains("| `")) {
            let test = line.rsplit('`').nth(1).unwrap_or_default();
            rows.push(fresh.remove(test).map_or_else(|| (*line).to_owned(), Row::to_markdown));
        }
        rows.extend(self.rows.iter().filter(|row| fresh.contains_key(row.test.as_str())).map(Row::to_markdown));
        let head = [
            "| fault | how it is made | what is promised | tries | p50 | max | test |",
            "|---|---|---|---|---|---|---|",
        ];
        let all = lines[..=begin].iter().chain(&head).copied();
        let all = all.chain(rows.iter().map(String::as_str)).chain(lines[end..].iter().copied());
        Some(all.flat_map(|line| [line, "\n"]).collect())
    }
}

impl Row {
    /// Median and longest, in words.
    fn measured(&self) -> (String, String) {
        let median = self.took.get((self.took.len().saturating_sub(1)) / 2);
        [median, self.took.last()].map(|took| words(took.copied().unwrap_or_default())).into()
    }

    fn to_markdown(&self) -> String {
        let Self { test, fault, made, promised, took } = self;
        let (p50, max) = self.measured();
        format!("| {fault} | {made} | {promised} | {} | {p50} | {max} | `{test}` |", took.len())
    }
}

/// `85 ms`, `31.4 s`.
fn words(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::Table;

    const DOCUMENT: &str =
        "Before\n<!-- faults -->\n| x | y | z | 1 | 1 ms | 1 ms | `faults::b` |\n<!-- /faults -->\nAfter\n";

    #[test]
    fn what_was_measured_takes_its_place_in_the_document() {
        let lines =
            "faults::a\tA\tby\tso\t30\nfaults::b\tB\tby\tso\t7\nfaults::a\tA\tby\tso\t10\nfaults::a\tA\tby\tso\t1250\n";
        let table = Table::read(lines);
        assert!(
            table.to_text().starts_with("faults::a   3 tries   p50    30 ms   max    1.2 s\n"),
            "{}",
            table.to_text()
        );
        let written = table.written_into(DOCUMENT).unwrap();
        let expected = "Before\n<!-- faults -->
| fault | how it is made | what is promised | tries | p50 | max | test |
|---|---|---|---|---|---|---|
| B | by | so | 1 | 7 ms | 7 ms | `faults::b` |
| A | by | so | 3 | 30 ms | 1.2 s | `faults::a` |
<!-- /faults -->\nAfter\n";
        assert_eq!(written, expected);
        assert_eq!(table.written_into(&written).as_deref(), Some(expected));
        assert_eq!(table.written_into("no markers"), None);
        let complete = table.complete(3).written_into(DOCUMENT).unwrap();
        assert!(complete.contains("| A |") && complete.contains("| x |"), "{complete}");
    }
}
