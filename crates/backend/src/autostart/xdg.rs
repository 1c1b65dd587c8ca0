//! A file in the desktop's own directory of what starts with it (the Desktop Application Autostart Specification).

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::{AutostartError, NAME};

pub(super) fn add(words: &[String]) -> Result<String, AutostartError> {
    let file = file()?;
    let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let text =
        format!("[Desktop Entry]\nType=Application\nName=SIP Phone\nExec={line}\nTerminal=false\nNoDisplay=true\n");
    let dir = file.parent().unwrap_or(&file);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&file, text));
    written.map_err(|error| AutostartError::System(format!("{}: {error}", file.display())))?;
    Ok(line)
}

pub(super) fn remove() -> Result<(), AutostartError> {
    let file = file()?;
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(AutostartError::System(format!("{}: {error}", file.display())))
        }
        _ => Ok(()),
    }
}

fn file() -> Result<PathBuf, AutostartError> {
    let config = dirs::config_dir().ok_or(AutostartError::NoPlace)?;
    Ok(config.join("autostart").join(format!("{NAME}.desktop")))
}

/// A word as the key `Exec` takes it: quoted, escaped, and escaped once more as every value of such a file is.
fn quoted(word: &str) -> String {
    let mut text = String::from("\"");
    for c in word.chars() {
        match c {
            '\\' => text.push_str(r"\\\\"),
            '`' | '$' => text.extend([r"\\", if c == '$' { "$" } else { "`" }]),
            '%' => text.push_str("%%"),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words() {
        for (word, expected) in [
            ("--listen", r#""--listen""#),
            ("/opt/sip phone/backend", r#""/opt/sip phone/backend""#),
            (r"a\b", r#""a\\\\b""#),
            ("a$b`c%d", r#""a\\$b\\`c%%d""#),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
