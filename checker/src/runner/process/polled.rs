//! macOS and other Unix systems: limits set by a shell, usage asked of `ps`.
//!
//! There is no way to adopt strays here: a process that leaves its group escapes. Threads are not
//! counted, and nothing says how long a process waited for a processor: one that could run is
//! taken to have waited whenever it did not run.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Pid;

use super::super::shell::{self, Preparation};
use super::super::{Spent, Usage};
use crate::catalog::manifest::Limits;

/// What would tell a stray from others: there is nothing here.
pub(super) type Mark = ();

/// What a group ran by the last look.
#[derive(Debug, Default)]
pub(super) struct Meter {
    ran: Duration,
}

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
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Mark)> {
    command.spawn().map(|child| (child, ()))
}

/// Waits for a child that has ended.
pub(super) fn reap(child: &mut Child) -> io::Result<ExitStatus> {
    child.wait()
}

/// The system's first process waits for all but the leader.
pub(super) fn reap_group(_: Pid) {}

/// No stray can be found.
pub(super) fn sweep((): Mark) {}

/// The processes of a group, their resident memory, and what they did.
pub(super) fn usage(group: Pid, (): Mark, meter: &mut Meter, interval: Duration) -> Usage {
    let columns = ["-o", "pgid=", "-o", "rss=", "-o", "time=", "-o", "state="];
    let listed = Command::new("ps")
        .arg("-A")
        .args(columns)
        .stderr(Stdio::null())
        .output();
    listed.map_or_else(
        |_| Usage::default(),
        |output| {
            let listed = String::from_utf8_lossy(&output.stdout);
            sum(&listed, group.as_raw_pid()).usage(meter, interval)
        },
    )
}

/// The processes of a group, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Group {
    processes: u64,
    kibibytes: u64,
    ran: Duration,
    can_run: bool,
    stopped: u64,
}

impl Group {
    fn usage(&self, meter: &mut Meter, interval: Duration) -> Usage {
        let ran = self.ran.saturating_sub(meter.ran);
        meter.ran = self.ran;
        let waited = if self.can_run {
            interval.saturating_sub(ran)
        } else {
            Duration::ZERO
        };
        Usage {
            tasks: Some(self.processes),
            memory: Some(self.kibibytes * 1024),
            is_stopped: self.processes > 0 && self.stopped == self.processes,
            spent: Some(Spent { ran, waited }),
        }
    }
}

/// Adds up the lines of a group: its number, kibibytes, processor time and state of a process.
fn sum(listed: &str, group: i32) -> Group {
    let mut sum = Group::default();
    for line in listed.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [pgid, resident, time, state] = words[..] else {
            continue;
        };
        let (Ok(pgid), Ok(resident)) = (pgid.parse::<i32>(), resident.parse::<u64>()) else {
            continue;
        };
        if pgid != group {
            continue;
        }
        sum.processes += 1;
        sum.kibibytes += resident;
        sum.ran += processor_time(time);
        sum.can_run |= state.starts_with('R');
        sum.stopped += u64::from(state.starts_with('T'));
    }
    sum
}

/// Reads `[[days-]hours:]minutes:seconds[.hundredths]`.
fn processor_time(text: &str) -> Duration {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let days = days.parse::<f64>().unwrap_or(0.0);
    let parts = clock
        .split(':')
        .map(|part| part.parse::<f64>().unwrap_or(0.0));
    let seconds = days * 86_400.0 + parts.fold(0.0, |sum, part| sum * 60.0 + part);
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processes_of_a_group_are_added_up() {
        let listed = "  7 100 0:01.50 R+\n 70 5 1:00.00 R\n  7 200 0:00.25 S\nPGID RSS TIME STAT\n";
        let expected = Group {
            processes: 2,
            kibibytes: 300,
            ran: Duration::from_millis(1_750),
            can_run: true,
            stopped: 0,
        };
        assert_eq!(sum(listed, 7), expected);
    }

    #[test]
    fn processor_times_are_read_in_every_form() {
        for (text, seconds) in [
            ("0:01.50", 1.5),
            ("12:03", 723.0),
            ("01:00:01", 3_601.0),
            ("2-03:00:00", 183_600.0),
            ("odd", 0.0),
        ] {
            assert_eq!(
                processor_time(text),
                Duration::from_secs_f64(seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn a_group_that_can_run_and_does_not_is_waiting() {
        let mut meter = Meter::default();
        let look = Duration::from_millis(200);
        let mut group = Group {
            processes: 1,
            ran: Duration::from_millis(50),
            can_run: true,
            ..Group::default()
        };
        let spent = group.usage(&mut meter, look).spent.unwrap();
        assert_eq!(spent.waited, Duration::from_millis(150));
        group.can_run = false;
        let spent = group.usage(&mut meter, look).spent.unwrap();
        assert_eq!(spent, Spent::default());
    }
}
