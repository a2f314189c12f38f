//! Sessions and process groups.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, test_kill_process_group,
    waitid,
};

use super::shell::{self, Preparation};
use super::{Exit, Started, Usage};
use crate::catalog::manifest::Limits;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod os;
#[cfg(not(target_os = "linux"))]
#[path = "polled.rs"]
mod os;

/// How long the last members of a killed group are waited for.
const GROUP_END: Duration = Duration::from_secs(1);
/// The time between two looks at something that is about to end.
const PAUSE: Duration = Duration::from_micros(200);

/// A process that leads a group, and its descendants.
#[derive(Debug)]
pub(in super::super) struct Tree {
    pid: Pid,
    mark: os::Mark,
    meter: Mutex<os::Meter>,
    /// Whether the process was waited for. Its number may belong to another one from then on, so
    /// nothing is sent to it without this lock.
    is_reaped: Mutex<bool>,
}

impl Tree {
    /// Starts a test's process, which does nothing before it has read its token but begin a session
    /// of its own: between fork and exec, only unsafe code could do that here.
    pub(in super::super) fn start_test(command: Command, limits: &Limits) -> io::Result<Started> {
        let started = Tree::start(os::limited(command, limits))?;
        if let Err(error) = os::limit(started.tree.pid, limits) {
            return Err(started.abandon(error));
        }
        Ok(started)
    }

    /// Starts a command, which is killed when the checker is.
    pub(in super::super) fn start_tool(
        command: Command,
        memory_mib: Option<u64>,
        file_mib: Option<u64>,
    ) -> io::Result<Started> {
        let mut shell = shell::wrap(
            &command,
            Preparation {
                guard: true,
                memory_mib,
                file_mib,
            },
        );
        shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        Tree::start(shell)
    }

    fn start(mut command: Command) -> io::Result<Started> {
        let since = Instant::now();
        let (mut child, mark) = os::spawn(&mut command)?;
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
            // No system has such numbers.
            child.kill()?;
            return Err(io::Error::other("the process has no proper number"));
        };
        let tree = Tree {
            pid,
            mark,
            meter: Mutex::default(),
            is_reaped: Mutex::new(false),
        };
        Ok(Started {
            tree: Arc::new(tree),
            child,
            since,
        })
    }

    /// Kills the group. Does nothing once it is finished.
    pub(in super::super) fn kill(&self) {
        self.unless_reaped(|| {
            // Both, since a test has no group before it has a session, and can leave it. They fail
            // only if there is nobody to kill.
            let _ = kill_process_group(self.pid, Signal::KILL);
            let _ = kill_process(self.pid, Signal::KILL);
        });
    }

    /// What the process and its descendants use, and did in the interval since this was last
    /// asked. `None` once it is finished.
    pub(in super::super) fn usage(&self, interval: Duration) -> Option<Usage> {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        self.unless_reaped(|| os::usage(self.pid, self.mark, &mut meter, interval))
    }

    /// Blocks until the first process has ended, and leaves it to be waited for.
    pub(in super::super) fn wait_end(&self, _: &mut Child) -> io::Result<()> {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        loop {
            match waitid(WaitId::Pid(self.pid), ended) {
                Err(Errno::INTR) => {}
                result => return result.map(drop).map_err(io::Error::from),
            }
        }
    }

    /// Kills the group and whatever left it, and waits until all of it is gone.
    pub(in super::super) fn finish(&self, child: &mut Child) -> io::Result<ExitStatus> {
        // The number is the group's for as long as its leader is not waited for.
        self.kill();
        let status = {
            let mut is_reaped = self
                .is_reaped
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *is_reaped = true;
            os::reap(child)?
        };
        let deadline = Instant::now() + GROUP_END;
        loop {
            os::reap_group(self.pid);
            if test_kill_process_group(self.pid).is_err() || Instant::now() >= deadline {
                break;
            }
            thread::sleep(PAUSE);
        }
        os::sweep(self.mark);
        Ok(status)
    }

    fn unless_reaped<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let is_reaped = self
            .is_reaped
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (!*is_reaped).then(act)
    }
}

impl Started {
    /// Ends what was just started, since it cannot be used; gives the reason back.
    fn abandon(mut self, why: io::Error) -> io::Error {
        match self.tree.finish(&mut self.child) {
            Ok(_) => why,
            Err(error) => error,
        }
    }
}

pub(super) fn exit_of(status: ExitStatus) -> Exit {
    let is = |number: i32, signal: Signal| number == signal.as_raw();
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(number)) if is(number, Signal::ABORT) => Exit::Abort,
        (None, Some(number)) if is(number, Signal::XFSZ) => Exit::FileSize,
        (None, Some(number)) if is(number, Signal::SEGV) || is(number, Signal::BUS) => {
            Exit::Segfault(number)
        }
        (None, Some(number)) => Exit::Signal(number),
        (None, None) => Exit::Unknown,
    }
}
