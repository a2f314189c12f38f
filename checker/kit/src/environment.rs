//! The environment of programs that a test starts.

use std::process::Command;

/// What the checker says to a crate under test, and so to its programs.
const PASSED_ON: &str = "CHECKER_MUTANT";

/// Starts a program with no variables but those that are added afterwards.
///
/// One is passed on that no right program looks at: it chooses the mistake, when a suite is proved
/// on a crate that holds many.
pub fn clear(command: &mut Command) -> &mut Command {
    command.env_clear();
    if let Some(value) = std::env::var_os(PASSED_ON) {
        command.env(PASSED_ON, value);
    }
    command
}

/// Whether a variable is the test's own, and not one that [`clear`] passes on.
pub fn is_shown(name: &std::ffi::OsStr) -> bool {
    name != PASSED_ON
}
