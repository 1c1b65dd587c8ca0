//! RELIABILITY.md against the tests: each that it names is there.

use std::fs;
use std::path::Path;

/// `GROUP::NAME`, in back quotes.
fn named(document: &str) -> Vec<(&str, &str)> {
    let section = document.split("## Faults of the backend alone").nth(1).unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter_map(|quoted| quoted.split_once("::")).collect()
}

#[test]
fn each_fault_of_the_backend_has_the_test_that_is_named() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(package.join("../../RELIABILITY.md")).unwrap();
    let named = named(&document);
    assert!(named.len() > 25, "{named:?}");
    for (group, name) in named {
        let has_it = |tests: &str| {
            let text = fs::read_to_string(package.join("tests").join(tests).join(group).with_extension("rs"));
            text.is_ok_and(|text| text.contains(&format!("fn {name}()")))
        };
        assert!(["it", "microsip"].into_iter().any(has_it), "{group}::{name}");
    }
}
