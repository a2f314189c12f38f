//! Where the stores are, and how much goes into them.

use std::env;

use tempfile::TempDir;

/// An empty folder, removed when it is dropped. It lies below the target directory: the system's
/// folder for temporary files may be in memory, where a sync costs nothing.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// `count`, or a hundredth of it if nothing is measured: if cargo runs the benchmarks as tests, or
/// criterion is asked for a test.
pub(crate) fn scaled(count: u64) -> u64 {
    let is_given = |wanted: &str| env::args().any(|argument| argument == wanted);
    if is_given("--bench") && !is_given("--test") {
        count
    } else {
        count / 100
    }
}
