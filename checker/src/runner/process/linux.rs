//! Linux: limits set from outside, and strays adopted and killed.
//!
//! The checker is a *child subreaper*: a process whose parent ends becomes the checker's child
//! instead of the init process's, whatever session or group it is in. So what a test leaves
//! behind, however well it hides, is found among the checker's children. Which of them are
//! strays follows from two facts: the checker knows the children that it started itself, and the
//! kernel lists adopted children under the checker's first thread, which starts none outside of
//! this module. A stray belongs to a test that ran when it was started; it is killed as soon as
//! all tests that this may have been are over, so that no running test loses a process.
//!
//! This needs `CONFIG_PROC_CHILDREN`, which all distributions set. Without it, only groups are
//! killed.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::str::FromStr;
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::param::clock_ticks_per_second;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, getpid, kill_process, kill_process_group, prlimit,
    set_child_subreaper, waitpgid, waitpid,
};
use rustix::time::{ClockId, clock_gettime};

use super::super::{SPARED, Usage};
use super::PAUSE;
use crate::catalog::manifest::Limits;

const MIB: u64 = 1 << 20;
/// How long strays may take to end once they are killed.
const STRAYS_END: Duration = Duration::from_secs(1);

/// When a process was started, in ticks since the system was, as in `/proc/<pid>/stat`.
pub(super) type Birth = u64;

/// The children that the checker started itself and has not waited for.
static CHILDREN: LazyLock<Mutex<HashMap<i32, Birth>>> = LazyLock::new(Mutex::default);
/// Held shared while a child is started, and alone while strays are told from children: in
/// between, a child exists that is not listed yet.
static STARTING: RwLock<()> = RwLock::new(());

fn children() -> MutexGuard<'static, HashMap<i32, Birth>> {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The command as it is: limits are set from outside.
pub(super) fn limited(command: Command, _: &Limits) -> Command {
    command
}

/// Sets the limits of a process that runs already.
pub(super) fn limit(pid: Pid, limits: &Limits) -> io::Result<()> {
    let bounds = [
        // What is mapped writable. Address space alone would charge each thread with the arena that
        // its allocator reserves but never touches.
        (Resource::Data, limits.memory_mib.saturating_mul(MIB)),
        (Resource::Fsize, limits.file_mib.saturating_mul(MIB)),
        (Resource::Core, 0),
    ];
    for (resource, bytes) in bounds {
        let limit = Rlimit {
            current: Some(bytes),
            maximum: Some(bytes),
        };
        prlimit(Some(pid), resource, limit)?;
    }
    Ok(())
}

/// Starts a child and lists it.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Birth)> {
    static ADOPT: Once = Once::new();
    // A kernel that refuses is older than Linux 3.4; groups are killed nonetheless.
    ADOPT.call_once(|| {
        let _ = set_child_subreaper(Some(getpid()));
    });

    let _starting = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    let birth = now();
    let child = command.spawn()?;
    if let Ok(pid) = i32::try_from(child.id()) {
        children().insert(pid, birth);
    }
    Ok((child, birth))
}

/// Waits for a listed child that has ended, and takes it off the list.
pub(super) fn reap(child: &mut Child) -> io::Result<ExitStatus> {
    // One step for the list: once the child is waited for, its number may be that of another
    // child, which must not be taken off.
    let mut children = children();
    let status = child.wait()?;
    if let Ok(pid) = i32::try_from(child.id()) {
        children.remove(&pid);
    }
    Ok(status)
}

/// Waits for those members of a group that were adopted and have ended.
pub(super) fn reap_group(group: Pid) {
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
}

/// The processes and threads of a process that was started at `since`, and of its descendants.
///
/// A stray that has left the group counts for every test that it may belong to: better that a
/// test is blamed for what another one of the same learner did than that nobody is.
pub(super) fn usage(pid: Pid, since: Birth) -> Usage {
    let root = pid.as_raw_pid();
    let mut found = HashSet::from([root]);
    let mut open = vec![root];
    let adopted = adopted();
    if !adopted.is_empty() {
        let own = children().clone();
        let counts = |stray: i32| {
            !own.contains_key(&stray)
                && Stat::of(stray).is_some_and(|stat| {
                    let is_a_stray = stat.birth >= since && !own.contains_key(&stat.group);
                    stat.group == root || is_a_stray
                })
        };
        let strays = adopted.into_iter().filter(|stray| counts(*stray));
        open.extend(strays.filter(|stray| found.insert(*stray)));
    }
    let mut tasks = 0;
    while let Some(pid) = open.pop() {
        for thread in threads(pid) {
            tasks += 1;
            let children = children_of_thread(pid, thread).into_iter();
            open.extend(children.filter(|child| found.insert(*child)));
        }
    }
    Usage {
        tasks: Some(tasks),
        memory: None,
    }
}

/// Kills the strays that a test may have left which was started at `since` and is over.
pub(super) fn sweep(since: Birth) {
    let deadline = Instant::now() + STRAYS_END;
    while sweep_once(since) && Instant::now() < deadline {
        thread::sleep(PAUSE);
    }
}

/// Returns whether there may be more to do.
fn sweep_once(since: Birth) -> bool {
    let own = children().clone();
    // The common case, without keeping anybody from starting a child.
    if adopted().iter().all(|pid| own.contains_key(pid)) {
        return false;
    }
    let _nothing_starts = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    let own = children().clone();
    let mut is_unfinished = false;
    for pid in adopted() {
        if own.contains_key(&pid) {
            continue;
        }
        let (Some(stat), Some(stray)) = (Stat::of(pid), Pid::from_raw(pid)) else {
            continue;
        };
        if stat.birth < since {
            // Older than the test. Another test's end saw to it, or it is none of ours.
            continue;
        }
        if stat.has_ended {
            let _ = waitpid(Some(stray), WaitOptions::NOHANG);
            continue;
        }
        let has_owner =
            own.contains_key(&stat.group) || own.values().any(|started| *started <= stat.birth);
        if has_owner || is_spared(pid) {
            continue;
        }
        // Both fail only if it is gone, and then it is waited for on the next round.
        if stat.group == pid {
            let _ = kill_process_group(stray, Signal::KILL);
        } else {
            let _ = kill_process(stray, Signal::KILL);
        }
        is_unfinished = true;
    }
    is_unfinished
}

/// The children of the first thread: adopted ones, and own ones that this thread started.
fn adopted() -> Vec<i32> {
    let checker = getpid().as_raw_pid();
    children_of_thread(checker, checker)
}

fn threads(pid: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    entries.filter_map(name).collect()
}

fn children_of_thread(pid: i32, thread: i32) -> Vec<i32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{thread}/children"));
    list.map_or_else(
        |_| Vec::new(),
        |list| {
            list.split_ascii_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect()
        },
    )
}

/// Whether a process, or the one that started it, was started by [`spare`](super::super::spare).
fn is_spared(pid: i32) -> bool {
    let wanted = format!("{SPARED}=");
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|variables| {
        variables
            .split(|byte| *byte == 0)
            .any(|variable| variable.starts_with(wanted.as_bytes()))
    })
}

/// What is needed of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    has_ended: bool,
    group: i32,
    birth: Birth,
}

impl Stat {
    fn of(pid: i32) -> Option<Stat> {
        fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()
            .and_then(|line| Stat::parse(&line))
    }

    fn parse(line: &str) -> Option<Stat> {
        // The name is in parentheses and may itself contain anything.
        let (_, fields) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        fn field<T: FromStr>(fields: &[&str], number: usize) -> Option<T> {
            // Numbered from 1 as in proc(5); the state, after the name, is the third.
            fields.get(number - 3)?.parse().ok()
        }
        let state: char = field(&fields, 3)?;
        Some(Stat {
            has_ended: matches!(state, 'Z' | 'X'),
            group: field(&fields, 5)?,
            birth: field(&fields, 22)?,
        })
    }
}

/// Now, as a process's birth would be told.
fn now() -> Birth {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    let ticks = clock_ticks_per_second();
    seconds * ticks + nanos * ticks / 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_is() {
        let line = "42 (a) R 1 (b) S 7 43 44 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 987 1000 10";
        let expected = Stat {
            has_ended: false,
            group: 43,
            birth: 987,
        };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("42 (sleep) Z"), None);
    }

    #[test]
    fn the_clock_agrees_with_the_births_of_processes() {
        let before = now();
        let mut child = Command::new("sleep").arg("100").spawn().unwrap();
        let after = now();
        let stat = Stat::of(i32::try_from(child.id()).unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        let birth = stat.unwrap().birth;
        assert!(
            (before..=after).contains(&birth),
            "{before} {birth} {after}"
        );
    }
}
