//! How Windows makes arguments of a command line: the rules by which a caller's number becomes arguments of a hook.

/// Splits as `CommandLineToArgvW` does: the program by simple quotes, the rest with backslash escapes before quotes.
pub fn split(line: &str) -> Vec<String> {
    let mut rest = line.trim_start_matches([' ', '\t']).chars().peekable();
    let mut arguments = vec![program(&mut rest)];
    loop {
        while rest.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        if rest.peek().is_none() {
            return arguments;
        }
        arguments.push(argument(&mut rest));
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn program(rest: &mut Chars<'_>) -> String {
    let quoted = rest.next_if_eq(&'"').is_some();
    let ends = |c: char| if quoted { c == '"' } else { matches!(c, ' ' | '\t') };
    rest.by_ref().take_while(|c| !ends(*c)).collect()
}

fn argument(rest: &mut Chars<'_>) -> String {
    let mut out = String::new();
    let mut quoted = false;
    while let Some(c) = rest.next_if(|c| quoted || !matches!(c, ' ' | '\t')) {
        match c {
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let before_quote = rest.peek() == Some(&'"');
                out.extend(std::iter::repeat_n('\\', if before_quote { count / 2 } else { count }));
                if before_quote && count % 2 == 1 {
                    out.extend(rest.next());
                }
            }
            '"' if quoted && rest.next_if_eq(&'"').is_some() => out.push('"'),
            '"' => quoted = !quoted,
            other => out.push(other),
        }
    }
    out
}
