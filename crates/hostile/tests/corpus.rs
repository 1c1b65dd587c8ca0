//! Every file of the seed corpora, and so every input that was ever a finding, fed to its parser.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use hostile::TARGETS;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names(dir: &Path) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    fs::read_dir(dir).unwrap().map(|entry| stem(entry.unwrap().path())).collect()
}

#[test]
fn every_seed_is_taken_or_refused_and_breaks_no_promise() {
    for target in TARGETS {
        let dir = fuzz().join("corpus").join(target.name);
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let input = fs::read(&path).unwrap();
            assert!(catch_unwind(|| (target.feed)(&input)).is_ok(), "see above: fuzz/corpus/{}", {
                path.strip_prefix(fuzz().join("corpus")).unwrap().display()
            });
        }
    }
}

/// A parser without a fuzz target, or a target without seeds, would go unnoticed.
#[test]
fn every_parser_has_a_fuzz_target_and_seeds() {
    let parsers: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), parsers);
    assert_eq!(names(&fuzz().join("corpus")), parsers);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in parsers {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n")), "{name}");
        assert!(fs::read_dir(fuzz().join("corpus").join(&name)).unwrap().count() > 4, "{name} has too few seeds");
    }
}
