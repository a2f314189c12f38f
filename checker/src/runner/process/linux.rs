//! Linux: limits set from outside, strays adopted and killed, time measured.
//!
//! The checker is a *child subreaper*: a process whose parent ends becomes the checker's child
//! instead of the init process's, whatever session or group it is in. So what a test leaves
//! behind, however well it hides, is found among the checker's children: the kernel lists adopted
//! children under the checker's first thread. Whose they are is told by a mark that every process
//! inherits and that none without privileges can take off: the highest number of file locks that
//! it may hold, a limit that has no effect since Linux 2.4.25. Each test has a number of its own,
//! and an editor that the checker starts for the user has none.
//!
//! This needs `CONFIG_PROC_CHILDREN`, which all distributions set. Without it, only groups are
//! killed. How long tasks ran and waited is told by `schedstat`, which needs `CONFIG_SCHED_INFO`;
//! without it, a process that could run is taken to have waited whenever it did not run.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::str::FromStr;
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use rustix::param::clock_ticks_per_second;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitOptions, getpid, getrlimit, kill_process,
    kill_process_group, prlimit, set_child_subreaper, waitpgid, waitpid,
};

use super::super::{Spent, Usage};
use super::PAUSE;
use crate::catalog::manifest::Limits;

const MIB: u64 = 1 << 20;
/// How long strays may take to end once they are killed.
const STRAYS_END: Duration = Duration::from_secs(1);
/// What a mark is at most, so that nobody takes it for no limit.
const LARGEST_MARK: u64 = 1 << 60;

/// What tells the processes of one test from all others; none if the system refused it.
pub(super) type Mark = Option<u64>;

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

/// Starts a child and marks it.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Mark)> {
    static ADOPT: Once = Once::new();
    // A kernel that refuses is older than Linux 3.4; groups are killed nonetheless.
    ADOPT.call_once(|| {
        let _ = set_child_subreaper(Some(getpid()));
    });
    let child = command.spawn()?;
    let mark = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .and_then(set_mark);
    Ok((child, mark))
}

fn set_mark(pid: Pid) -> Mark {
    // A checker that itself runs in a test may only go lower.
    let own = getrlimit(Resource::Locks).maximum;
    let highest = own.unwrap_or(LARGEST_MARK).min(LARGEST_MARK);
    let mut random = [0; 8];
    getrandom::fill(&mut random).ok()?;
    let mark = 1 + u64::from_le_bytes(random).checked_rem(highest.saturating_sub(1))?;
    let limit = Rlimit {
        current: Some(mark),
        maximum: Some(mark),
    };
    prlimit(Some(pid), Resource::Locks, limit).ok()?;
    Some(mark)
}

/// Whether a process belongs to the test with this mark.
fn is_marked(pid: i32, mark: Mark) -> bool {
    let Some(mark) = mark else { return false };
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    mark_in(&limits) == Some(mark)
}

fn mark_in(limits: &str) -> Option<u64> {
    let mut lines = limits.lines();
    let numbers = lines.find_map(|line| line.strip_prefix("Max file locks"))?;
    let highest = numbers.split_ascii_whitespace().nth(1)?;
    highest.parse().ok()
}

/// Waits for a child that has ended.
pub(super) fn reap(child: &mut Child) -> io::Result<ExitStatus> {
    child.wait()
}

/// Waits for those members of a group that were adopted and have ended.
pub(super) fn reap_group(group: Pid) {
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
}

/// What a process, its descendants and its strays use, and did since the last time that this was
/// asked.
pub(super) fn usage(pid: Pid, mark: Mark, meter: &mut Meter, interval: Duration) -> Usage {
    let root = pid.as_raw_pid();
    let mut found = HashSet::from([root]);
    let mut open = vec![root];
    let strays = adopted()
        .into_iter()
        .filter(|stray| is_marked(*stray, mark));
    open.extend(strays.filter(|stray| found.insert(*stray)));
    let mut seen = Seen::default();
    while let Some(pid) = open.pop() {
        let stat = Stat::of(pid);
        seen.processes.extend(stat);
        for thread in threads(pid) {
            seen.tasks.push(Task::of(pid, thread));
            let children = children_of_thread(pid, thread).into_iter();
            open.extend(children.filter(|child| found.insert(*child)));
        }
    }
    Usage {
        tasks: Some(seen.tasks.len() as u64),
        memory: None,
        is_stopped: seen.is_stopped(),
        spent: Some(meter.spent(&seen, interval)),
    }
}

/// All that there is to see of a test at one time.
#[derive(Debug, Default)]
struct Seen {
    processes: Vec<Stat>,
    tasks: Vec<Task>,
}

impl Seen {
    fn is_stopped(&self) -> bool {
        let mut alive = self
            .processes
            .iter()
            .filter(|stat| !stat.has_ended())
            .peekable();
        alive.peek().is_some() && alive.all(|stat| matches!(stat.state, 'T' | 't'))
    }
}

/// What tasks ran and waited by the last look.
#[derive(Debug, Default)]
pub(super) struct Meter {
    tasks: HashMap<i32, Counted>,
    /// What was seen of tasks while they were there.
    ran: Duration,
    waited: Duration,
    /// What tasks ran that ended between two looks.
    ran_unseen: Duration,
    /// What they ran by the account of whole processes, where that is all there is.
    ran_by_account: Duration,
}

/// What was counted of a task.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    ran: Duration,
    /// Including time that the kernel adds to its own account when the task runs again.
    waited: Duration,
    turns: u64,
}

impl Meter {
    fn spent(&mut self, seen: &Seen, interval: Duration) -> Spent {
        // Also of children that ended and of threads that did.
        let account = seen.processes.iter().map(|stat| stat.ran).sum::<Duration>();
        let mut spent = Spent::default();
        let mut tasks = HashMap::with_capacity(seen.tasks.len());
        for task in &seen.tasks {
            let Some(told) = task.told else { continue };
            let counted = self.tasks.get(&task.id).copied();
            // Another task may have got the number of one that ended.
            let counted = counted.filter(|counted| counted.ran <= told.ran);
            let mut counted = counted.unwrap_or_default();
            let ran = told.ran - counted.ran;
            let room = interval.saturating_sub(ran);
            let waits = ran.is_zero() && told.turns == counted.turns && task.can_run();
            let waited = if waits {
                // The kernel tells of a wait when it is over.
                room
            } else {
                told.waited.saturating_sub(counted.waited).min(room)
            };
            counted.ran = told.ran;
            counted.waited += waited;
            counted.turns = told.turns;
            tasks.insert(task.id, counted);
            spent.ran += ran;
            spent.waited += waited;
        }
        self.tasks = tasks;
        self.ran += spent.ran;
        self.waited += spent.waited;
        if self.ran.is_zero() && !account.is_zero() {
            return self.by_account(seen, account, interval);
        }

        let unseen = account
            .saturating_sub(self.ran)
            .saturating_sub(self.ran_unseen);
        self.ran_unseen += unseen;
        // They waited as others of the test did.
        let share = self.waited.as_secs_f64() / self.ran.as_secs_f64().max(1e-3);
        spent.ran += unseen;
        spent.waited += unseen.mul_f64(share).min(interval);
        spent
    }

    /// Where the kernel does not tell what tasks waited.
    fn by_account(&mut self, seen: &Seen, account: Duration, interval: Duration) -> Spent {
        let ran = account.saturating_sub(self.ran_by_account);
        self.ran_by_account = self.ran_by_account.max(account);
        let can_run = seen.processes.iter().any(|stat| stat.state == 'R');
        let waited = if can_run {
            interval.saturating_sub(ran)
        } else {
            Duration::ZERO
        };
        Spent { ran, waited }
    }
}

/// A thread, and what the kernel tells of it.
#[derive(Debug)]
struct Task {
    process: i32,
    id: i32,
    told: Option<Told>,
}

/// What `schedstat` says: time on a processor, time of waiting for one, turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    ran: Duration,
    waited: Duration,
    turns: u64,
}

impl Task {
    fn of(process: i32, id: i32) -> Task {
        let told = fs::read_to_string(format!("/proc/{process}/task/{id}/schedstat"));
        Task {
            process,
            id,
            told: told.ok().and_then(|line| Told::parse(&line)),
        }
    }

    fn can_run(&self) -> bool {
        let path = format!("/proc/{}/task/{}/stat", self.process, self.id);
        Stat::read(&path).is_some_and(|stat| stat.state == 'R')
    }
}

impl Told {
    fn parse(line: &str) -> Option<Told> {
        let mut numbers = line.split_ascii_whitespace().map(str::parse);
        let mut number = || numbers.next()?.ok();
        Some(Told {
            ran: Duration::from_nanos(number()?),
            waited: Duration::from_nanos(number()?),
            turns: number()?,
        })
    }
}

/// Kills the strays of the test with this mark.
pub(super) fn sweep(mark: Mark) {
    let deadline = Instant::now() + STRAYS_END;
    while sweep_once(mark) && Instant::now() < deadline {
        thread::sleep(PAUSE);
    }
}

/// Returns whether there may be more to do.
fn sweep_once(mark: Mark) -> bool {
    let mut is_unfinished = false;
    for pid in adopted() {
        if !is_marked(pid, mark) {
            continue;
        }
        let (Some(stat), Some(stray)) = (Stat::of(pid), Pid::from_raw(pid)) else {
            continue;
        };
        is_unfinished = true;
        if stat.has_ended() {
            let _ = waitpid(Some(stray), WaitOptions::NOHANG);
        } else if stat.group == pid {
            // Fails only if it is gone, and then it is waited for on the next round.
            let _ = kill_process_group(stray, Signal::KILL);
        } else {
            let _ = kill_process(stray, Signal::KILL);
        }
    }
    is_unfinished
}

/// The children of the first thread: adopted ones, and own ones that it started.
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

/// What is needed of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    state: char,
    group: i32,
    /// Processor time of all threads, and of children that were waited for.
    ran: Duration,
}

impl Stat {
    fn of(pid: i32) -> Option<Stat> {
        Stat::read(&format!("/proc/{pid}/stat"))
    }

    fn read(path: &str) -> Option<Stat> {
        fs::read_to_string(path)
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
        let mut ticks: u64 = 0;
        // The four accounts of a process: its own time as user and in the kernel, and that of its
        // children.
        for number in 14..=17 {
            ticks = ticks.saturating_add(field(&fields, number)?);
        }
        let nanos = ticks.saturating_mul(1_000_000_000 / clock_ticks_per_second().max(1));
        Some(Stat {
            state: field(&fields, 3)?,
            group: field(&fields, 5)?,
            ran: Duration::from_nanos(nanos),
        })
    }

    fn has_ended(self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(50);

    #[test]
    fn a_process_is_read_whatever_its_name_is() {
        let line = "42 (a) R 1 (b) T 7 43 44 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 987 1000 10";
        let expected = Stat {
            state: 'T',
            group: 43,
            ran: Duration::from_nanos(26 * 1_000_000_000 / clock_ticks_per_second()),
        };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("42 (sleep) Z"), None);
    }

    #[test]
    fn a_mark_is_read_among_the_limits() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\n\
                      Max open files            1024                 4096                 files\n\
                      Max file locks            71                   72                   locks\n";
        assert_eq!(mark_in(limits), Some(72));
        assert_eq!(mark_in("Max file locks  unlimited  unlimited  locks"), None);
        assert_eq!(mark_in(""), None);
    }

    fn told(ran: u64, waited: u64, turns: u64) -> Option<Told> {
        Some(Told {
            ran: Duration::from_millis(ran),
            waited: Duration::from_millis(waited),
            turns,
        })
    }

    /// A look at tasks, in a process with an account in milliseconds.
    fn seen(account: u64, tasks: &[(i32, Option<Told>)]) -> Seen {
        Seen {
            processes: vec![Stat {
                state: 'S',
                group: 1,
                ran: Duration::from_millis(account),
            }],
            tasks: tasks
                .iter()
                // A process that does not exist cannot run.
                .map(|(id, told)| Task {
                    process: -1,
                    id: *id,
                    told: *told,
                })
                .collect(),
        }
    }

    fn spent(ran: u64, waited: u64) -> Spent {
        Spent {
            ran: Duration::from_millis(ran),
            waited: Duration::from_millis(waited),
        }
    }

    #[test]
    fn what_tasks_did_since_the_last_look_is_added_up() {
        let mut meter = Meter::default();
        let first = seen(30, &[(1, told(10, 5, 1)), (2, told(20, 0, 1))]);
        assert_eq!(meter.spent(&first, LOOK), spent(30, 5));
        let second = seen(40, &[(1, told(20, 45, 3)), (2, told(20, 0, 1))]);
        assert_eq!(meter.spent(&second, LOOK), spent(10, 40));
        let third = seen(40, &[(1, told(20, 45, 3)), (2, told(20, 0, 1))]);
        assert_eq!(meter.spent(&third, LOOK), spent(0, 0));
    }

    #[test]
    fn a_wait_over_several_looks_counts_when_it_is_told() {
        let mut meter = Meter::default();
        assert_eq!(
            meter.spent(&seen(10, &[(1, told(10, 0, 1))]), LOOK),
            spent(10, 0)
        );
        // More than fits into this look counts in the next one.
        assert_eq!(
            meter.spent(&seen(20, &[(1, told(20, 60, 2))]), LOOK),
            spent(10, 40)
        );
        assert_eq!(
            meter.spent(&seen(20, &[(1, told(20, 60, 2))]), LOOK),
            spent(0, 20)
        );
    }

    #[test]
    fn tasks_that_end_between_looks_count_with_what_others_waited() {
        let mut meter = Meter::default();
        let first = seen(10, &[(1, told(10, 20, 1))]);
        assert_eq!(meter.spent(&first, LOOK), spent(10, 20));
        // The account of the process has grown by more than its one task ran.
        let second = seen(30, &[(1, told(15, 30, 2))]);
        assert_eq!(meter.spent(&second, LOOK), spent(5 + 15, 10 + 30));
    }

    #[test]
    fn a_number_that_is_used_again_is_another_task() {
        let mut meter = Meter::default();
        assert_eq!(
            meter.spent(&seen(40, &[(1, told(40, 5, 9))]), LOOK),
            spent(40, 5)
        );
        let ran = meter.spent(&seen(50, &[(1, told(10, 3, 1))]), LOOK).ran;
        assert_eq!(ran, Duration::from_millis(10));
    }

    #[test]
    fn without_schedstat_a_process_that_can_run_waits_when_it_does_not_run() {
        let mut meter = Meter::default();
        let mut look = seen(10, &[(1, None)]);
        look.processes[0].state = 'R';
        assert_eq!(meter.spent(&look, LOOK), spent(10, 40));
        let asleep = seen(20, &[(1, told(0, 0, 0))]);
        assert_eq!(meter.spent(&asleep, LOOK), spent(10, 0));
    }

    #[test]
    fn the_account_of_a_task_is_the_kernels() {
        let since = Instant::now();
        let before = Told::parse(&fs::read_to_string("/proc/thread-self/schedstat").unwrap());
        while since.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
        let after = Told::parse(&fs::read_to_string("/proc/thread-self/schedstat").unwrap());
        let (before, after) = (before.unwrap(), after.unwrap());
        let passed = (after.ran - before.ran) + (after.waited - before.waited);
        assert!(passed >= Duration::from_millis(10), "{before:?} {after:?}");
    }
}
