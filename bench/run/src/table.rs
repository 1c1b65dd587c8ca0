//! A table, for the screen and for a document.

/// Rows of words, the first of which is the head.
#[derive(Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// One without rows yet.
    pub fn new<const N: usize>(head: [&str; N]) -> Self {
        Self(vec![head.map(str::to_owned).to_vec()])
    }

    /// One more row.
    pub fn push<const N: usize>(&mut self, row: [String; N]) {
        self.0.push(row.to_vec());
    }

    /// For the screen: the first column to the left, the others to the right.
    pub fn to_text(&self) -> String {
        let width = |column: usize| {
            self.0.iter().filter_map(|row| row.get(column)).map(|word| word.chars().count()).max().unwrap_or_default()
        };
        let line = |row: &Vec<String>| {
            let words = row.iter().enumerate().map(|(column, word)| match column {
                0 => format!("{word:<0$}", width(0)),
                _ => format!("{word:>0$}", width(column)),
            });
            words.collect::<Vec<_>>().join("  ") + "\n"
        };
        self.0.iter().map(line).collect()
    }

    /// For the document.
    pub fn to_markdown(&self) -> String {
        let mut rows = self.0.iter().map(|row| format!("| {} |\n", row.join(" | ")));
        let head = rows.next().unwrap_or_default();
        let rule = self.0.first().map_or(0, Vec::len);
        head + &format!("|{}\n", "---|".repeat(rule)) + &rows.collect::<String>()
    }
}

/// The document with this text between the lines that begin with `<!-- name` and `<!-- /name`; `None` without them.
pub fn replaced(document: &str, name: &str, text: &str) -> Option<String> {
    let lines: Vec<&str> = document.lines().collect();
    let find = |marker: String| lines.iter().position(|line| line.starts_with(&marker));
    let begin = find(format!("<!-- {name}"))?;
    let end = find(format!("<!-- /{name}")).filter(|end| *end > begin)?;
    let all = lines[..=begin].iter().copied().chain(text.lines()).chain(lines[end..].iter().copied());
    Some(all.flat_map(|line| [line, "\n"]).collect())
}

#[cfg(test)]
mod tests {
    use super::{Table, replaced};

    #[test]
    fn a_table_takes_its_place_in_the_document() {
        let mut table = Table::new(["figure", "ours"]);
        table.push(["cold".to_owned(), "97 ms".to_owned()]);
        assert_eq!(table.to_text(), "figure   ours\ncold    97 ms\n");
        let markdown = table.to_markdown();
        assert_eq!(markdown, "| figure | ours |\n|---|---|\n| cold | 97 ms |\n");
        let document = "a\n<!-- browser: by whom -->\nold\n<!-- /browser -->\nb\n";
        let expected = format!("a\n<!-- browser: by whom -->\n{markdown}<!-- /browser -->\nb\n");
        assert_eq!(replaced(document, "browser", &markdown).as_deref(), Some(expected.as_str()));
        assert_eq!(replaced(document, "backend", &markdown), None);
    }
}
