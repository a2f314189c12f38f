//! Windows: job objects.
//!
//! A process belongs to its job before it has read its token, and whatever it starts belongs to
//! it too. Closing the job's only handle, which also happens when the checker ends, kills all of
//! it. The size of files is not limited, and nothing is known of what processes ran and waited.

use std::io;
use std::os::windows::io::AsRawHandle;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use win32job::utils::get_process_memory_info;
use win32job::{ExtendedLimitInfo, Job};

use super::{Exit, Started, Usage};
use crate::catalog::manifest::Limits;

/// `STATUS_STACK_OVERFLOW`
const STACK_OVERFLOW: i32 = 0xC000_00FD_u32.cast_signed();
/// `STATUS_STACK_BUFFER_OVERRUN`, with which `abort` ends a process.
const FAIL_FAST: i32 = 0xC000_0409_u32.cast_signed();
/// `STATUS_ACCESS_VIOLATION`
const ACCESS_VIOLATION: i32 = 0xC000_0005_u32.cast_signed();

/// A process and its descendants.
#[derive(Debug)]
pub(in super::super) struct Tree {
    /// `None` once all of it was killed.
    job: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    job: Job,
    /// The first process's handle, which is open as long as this value exists.
    process: isize,
}

impl Tree {
    /// Starts a test's process, which does nothing before it has read its token.
    pub(in super::super) fn start_test(command: Command, _: &Limits) -> io::Result<Started> {
        Tree::start(command)
    }

    /// Starts a command.
    pub(in super::super) fn start_tool(
        mut command: Command,
        _memory_mib: Option<u64>,
        _file_mib: Option<u64>,
    ) -> io::Result<Started> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Tree::start(command)
    }

    fn start(mut command: Command) -> io::Result<Started> {
        let mut limits = ExtendedLimitInfo::new();
        limits.limit_kill_on_job_close();
        let job = Job::create_with_limit_info(&limits).map_err(io::Error::other)?;
        let since = Instant::now();
        let mut child = command.spawn()?;
        let process = child.as_raw_handle() as isize;
        if let Err(error) = job.assign_process(process) {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::other(error));
        }
        let tree = Tree {
            job: Mutex::new(Some(Running { job, process })),
        };
        Ok(Started {
            tree: Arc::new(tree),
            child,
            since,
        })
    }

    /// Kills all of it. Does nothing once it is finished.
    pub(in super::super) fn kill(&self) {
        drop(
            self.job
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }

    /// The processes of the job, and the memory of the first one. `None` once it is finished.
    pub(in super::super) fn usage(&self, _interval: Duration) -> Option<Usage> {
        let job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
        let running = job.as_ref()?;
        let processes = running.job.query_process_id_list();
        let memory = get_process_memory_info(running.process);
        Some(Usage {
            tasks: processes.ok().map(|list| list.len() as u64),
            memory: memory.ok().map(|memory| memory.private_usage as u64),
            ..Usage::default()
        })
    }

    /// Blocks until the first process has ended.
    pub(in super::super) fn wait_end(&self, child: &mut Child) -> io::Result<()> {
        child.wait().map(drop)
    }

    /// Kills what is left.
    pub(in super::super) fn finish(&self, child: &mut Child) -> io::Result<ExitStatus> {
        self.kill();
        child.wait()
    }
}

pub(super) fn exit_of(status: ExitStatus) -> Exit {
    match status.code() {
        Some(STACK_OVERFLOW) => Exit::StackOverflow,
        Some(FAIL_FAST) => Exit::Abort,
        Some(code @ ACCESS_VIOLATION) => Exit::Segfault(code),
        Some(code) => Exit::Code(code),
        None => Exit::Unknown,
    }
}
