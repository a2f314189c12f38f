//! Programs of a package's tests that must not compile.
//!
//! What the compiler says of a program `name.rs` is recorded beside it, in `name.stderr`. The words
//! of errors change from one compiler to the next, so they are compared on the pinned toolchain
//! alone: the one whose version is the `rust-version` of the workspace. On any other, the codes and
//! the lines of the errors decide.
//!
//! ```no_run
//! course_cases::must_not_compile("compile_fail");
//! ```

#![allow(clippy::panic, reason = "a test that calls this reports by panicking")]

mod record;
mod room;

use std::path::Path;
use std::process::Command;

pub use record::{Errors, recorded};
pub use room::{CaseError, received};

/// The toolchain whose words are recorded.
const PINNED: &str = env!("CARGO_PKG_RUST_VERSION");

/// Fails unless every program in a folder of the package under test is rejected as it is recorded.
///
/// # Panics
///
/// If a program compiles, if its errors are others than those that are recorded, or if nothing is
/// recorded. `TRYBUILD=overwrite` records anew what the pinned toolchain says.
pub fn must_not_compile(folder: &str) {
    if is_pinned() {
        trybuild::TestCases::new().compile_fail(format!("{folder}/*.rs"));
        return;
    }
    match complaints(Path::new("."), folder) {
        Ok(complaints) if complaints.is_empty() => {}
        Ok(complaints) => panic!("{}", complaints.join("\n")),
        Err(error) => panic!("the programs in {folder} cannot be judged: {error}"),
    }
}

/// What the compiler at hand says otherwise of the programs in a folder of a package than is
/// recorded, by codes and lines.
///
/// # Errors
///
/// When the programs cannot be read, or cargo cannot compile what they use.
pub fn complaints(package: &Path, folder: &str) -> Result<Vec<String>, CaseError> {
    let mut complaints = Vec::new();
    for (name, received) in received(package, folder)? {
        let file = package.join(folder).join(format!("{name}.stderr"));
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let expected = recorded(&text);
        if expected.is_empty() {
            complaints.push(format!("{folder}/{name}.stderr records no error"));
        } else if received.is_empty() {
            complaints.push(format!("{folder}/{name}.rs compiles"));
        } else if received != expected {
            complaints.push(format!(
                "{folder}/{name}.rs: expected {expected:?}, received {received:?}"
            ));
        }
    }
    Ok(complaints)
}

/// Whether the compiler at hand is the one whose words and warnings the course knows.
#[must_use]
pub fn is_pinned() -> bool {
    is_release_of(PINNED, &version())
}

/// What the compiler that cargo calls says of its version.
fn version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// Whether a version such as `rustc 1.95.2 (0123abcde 2026-04-14)` is a release of 1.95.
fn is_release_of(pinned: &str, version: &str) -> bool {
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    let patch = number
        .strip_prefix(pinned)
        .and_then(|rest| rest.strip_prefix('.'));
    patch.is_some_and(|patch| patch.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_releases_of_the_pinned_version_are_the_pinned_toolchain() {
        let of = |number: &str| {
            is_release_of("1.95", &format!("rustc {number} (0123abcde 2026-04-14)\n"))
        };
        assert!(of("1.95.0"));
        assert!(of("1.95.2"));
        for other in [
            "1.95.0-beta.3",
            "1.95.0-nightly",
            "1.950.0",
            "1.94.0",
            "1.96.0",
        ] {
            assert!(!of(other), "{other}");
        }
        assert!(!is_release_of("1.95", ""));
    }

    #[test]
    fn the_pinned_toolchain_is_the_oldest_that_builds_the_course() {
        assert_eq!(PINNED.split('.').count(), 2, "{PINNED}");
    }
}
