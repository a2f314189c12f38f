//! What differs between systems: starting a process that can be killed with all it starts.
//!
//! [`Tree`] is such a process. It has the same face everywhere:
//! `start_test` and `start_tool` start it, `kill` kills it from any thread, `usage` says what it
//! uses and did, `wait_end` blocks until its first process has ended, and `finish` removes what is
//! left.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::Spent;

#[cfg(unix)]
mod shell;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use self::unix::Tree;
#[cfg(windows)]
pub(super) use self::windows::Tree;

/// The time between two looks at what a process does. Where another program must be asked, it is
/// asked less often.
pub(super) const LOOK: Duration = if cfg!(any(target_os = "linux", windows)) {
    Duration::from_millis(50)
} else {
    Duration::from_millis(200)
};

/// A process that was started.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) tree: Arc<Tree>,
    pub(super) child: Child,
    /// Just before its start.
    pub(super) since: Instant,
}

/// What a process and its descendants use, and what they did since the last look, as far as the
/// system says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Processes, and threads on Linux.
    pub(super) tasks: Option<u64>,
    /// Bytes of memory; not asked where the system enforces the limit by itself.
    pub(super) memory: Option<u64>,
    /// Whether all of them are stopped, as by a signal or a debugger.
    pub(super) is_stopped: bool,
    /// What they ran and waited for a processor.
    pub(super) spent: Option<Spent>,
}

/// How a process ended, in terms of every system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// By itself, with a code.
    Code(i32),
    /// It aborted.
    Abort,
    /// By a stack overflow, where the system says so.
    #[cfg_attr(unix, expect(dead_code, reason = "only Windows has a code for it"))]
    StackOverflow,
    /// A file grew over its limit.
    #[cfg_attr(
        all(windows, not(test)),
        expect(dead_code, reason = "only Unix has a signal for it")
    )]
    FileSize,
    /// By an access to memory that is not its own, with the signal's number.
    Segfault(i32),
    /// By another signal.
    #[cfg_attr(windows, expect(dead_code, reason = "only Unix has signals"))]
    Signal(i32),
    /// The system does not say.
    Unknown,
}

impl Exit {
    pub(super) fn of(status: ExitStatus) -> Exit {
        #[cfg(unix)]
        return unix::exit_of(status);
        #[cfg(windows)]
        return windows::exit_of(status);
    }

    /// Why a command was not started at all, if this is how that shows.
    pub(super) fn start_failure(self) -> Option<io::ErrorKind> {
        #[cfg(unix)]
        return shell::start_failure(self);
        #[cfg(windows)]
        return None;
    }
}
