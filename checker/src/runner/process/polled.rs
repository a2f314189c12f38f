//! macOS and other Unix systems: limits set by a shell, usage asked of `ps`.
//!
//! There is no way to adopt strays here: a process that leaves its group escapes. Threads are not
//! counted.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::Pid;

use super::super::Usage;
use super::super::shell::{self, Preparation};
use crate::catalog::manifest::Limits;

/// When a process was started: of no use here.
pub(super) type Birth = ();

/// The command in a shell that sets the limits.
pub(super) fn limited(command: Command, limits: &Limits) -> Command {
    let mut shell = shell::wrap(
        &command,
        Preparation {
            guard: false,
            // Most of these systems do not enforce it: the monitor looks at the memory in use.
            memory_mib: None,
            file_mib: Some(limits.file_mib),
        },
    );
    shell
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell
}

/// Nothing more to limit.
pub(super) fn limit(_: Pid, _: &Limits) -> io::Result<()> {
    Ok(())
}

/// Starts a child.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Birth)> {
    command.spawn().map(|child| (child, ()))
}

/// Waits for a child that has ended.
pub(super) fn reap(child: &mut Child) -> io::Result<ExitStatus> {
    child.wait()
}

/// The system's first process waits for all but the leader.
pub(super) fn reap_group(_: Pid) {}

/// No stray can be found.
pub(super) fn sweep((): Birth) {}

/// The processes of a group and their resident memory.
pub(super) fn usage(group: Pid, (): Birth) -> Usage {
    let listed = Command::new("ps")
        .args(["-A", "-o", "pgid=", "-o", "rss="])
        .stderr(Stdio::null())
        .output();
    listed.map_or_else(
        |_| Usage::default(),
        |output| sum(&String::from_utf8_lossy(&output.stdout), group.as_raw_pid()),
    )
}

/// Adds up the lines of a group: its number and the kibibytes of a process.
fn sum(listed: &str, group: i32) -> Usage {
    let (mut tasks, mut kibibytes) = (0, 0);
    for line in listed.lines() {
        let mut words = line.split_ascii_whitespace();
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        if let (Some(pgid), Some(resident)) = (number(), number())
            && i32::try_from(pgid) == Ok(group)
        {
            tasks += 1;
            kibibytes += resident;
        }
    }
    Usage {
        tasks: Some(tasks),
        memory: Some(kibibytes * 1024),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processes_of_a_group_are_added_up() {
        let expected = Usage {
            tasks: Some(2),
            memory: Some(300 * 1024),
        };
        assert_eq!(sum("  7 100\n 70 5\n  7 200\nPGID RSS\n", 7), expected);
    }
}
