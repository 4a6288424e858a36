//! Every case of the conformance list (A to G) and every vector of H is a test named by its number, somewhere in the workspace: also what no call can reach is
//! tried on the arithmetic itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const CASES: u32 = 93;
const VECTORS: u32 = 13;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Numbers N of the functions that are marked as tests and named `{prefix}N_...`, also several as in `case_44_45_...`.
fn numbers(prefix: &str) -> BTreeSet<u32> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for member in ["yuma", "pallet", "runtime"] {
        sources(&workspace.join(member), &mut files);
    }
    let mut numbers = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).expect("text");
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            let name = line
                .strip_prefix("fn ")
                .and_then(|rest| rest.strip_prefix(prefix));
            if let (Some(name), true) = (name, is_test) {
                numbers.extend(name.split('_').map_while(|part| part.parse::<u32>().ok()));
            }
            is_test = line == "#[test]" || is_test && line.starts_with("#[");
        }
    }
    numbers
}

#[test]
fn every_case_is_a_test_named_by_its_number() {
    assert_eq!(numbers("case_"), (1..=CASES).collect());
}

#[test]
fn every_vector_is_a_test_named_by_its_number() {
    assert_eq!(numbers("h"), (1..=VECTORS).collect());
}
