//! Programs that are judged by the compiler at hand.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::path::Path;

#[test]
fn programs_that_are_rejected_as_recorded_are_held() {
    course_cases::must_not_compile("rejected");
}

/// Also where the compiler is the pinned one, which compares words otherwise.
#[test]
fn codes_and_lines_hold_on_every_compiler() {
    let complaints = course_cases::complaints(Path::new("."), "rejected").unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Other words, as a newer compiler has them, are the one difference that is none.
#[test]
fn each_difference_but_that_of_words_is_told() {
    let complaints = course_cases::complaints(Path::new("."), "misstated").unwrap();
    assert_eq!(
        complaints,
        [
            "misstated/another_code.rs: expected {(6, \"E0499\")}, received {(6, \"E0382\")}",
            "misstated/it_compiles.rs compiles",
            "misstated/nothing_is_recorded.stderr records no error",
        ]
    );
}
