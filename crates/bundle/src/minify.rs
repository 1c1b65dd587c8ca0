//! The served scripts without what only people read.

use anyhow::{Result, bail};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// The same classic script, shorter.
///
/// # Errors
/// It is none.
pub(crate) fn minify(name: &str, script: &str) -> Result<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, script, SourceType::script()).parse();
    if let Some(error) = parsed.diagnostics.first() {
        bail!("{name} is no script: {error}");
    }
    let mut program = parsed.program;
    let minified = Minifier::new(MinifierOptions::default()).minify(&allocator, &mut program);
    let code =
        Codegen::new().with_options(CodegenOptions::minify()).with_scoping(minified.scoping).build(&program).code;
    Ok(code)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::minify;

    #[test]
    fn names_that_others_use_stay_and_the_rest_is_short() {
        let script =
            "// Why.\n(() => { const long = self.answer; self.onmessage = () => long + 1; })();\nlet shared = 1;";
        let short = minify("a.js", script).unwrap();
        assert!(short.len() < script.len() / 2 + 30, "{short}");
        assert!(
            short.contains("self.answer") && short.contains("self.onmessage") && short.contains("shared"),
            "{short}"
        );
        assert!(!short.contains("Why") && !short.contains("long"), "{short}");
    }

    #[test]
    fn what_is_no_script_is_refused_by_its_name() {
        assert!(minify("broken.js", "let = ;").unwrap_err().to_string().contains("broken.js"));
    }
}
