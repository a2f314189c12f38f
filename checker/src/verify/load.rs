//! The load of `verify --stress`.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};

/// As on a machine that builds something else, with more jobs than it has cores.
const LOOPS_PER_CORE: usize = 4;

/// Another program that keeps every core busy until dropped.
///
/// It has a session of its own, as the other programs of a busy machine do. Linux shares the
/// processors among sessions first.
#[derive(Debug)]
pub(super) struct Load(Child);

impl Load {
    pub(super) fn start() -> io::Result<Load> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(BUSY).stdin(Stdio::piped());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Load)
    }

    /// Whether the cores are busy still.
    pub(super) fn is_at_work(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It ends by itself with its input, at the latest when this process ends.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// The command of the program that is the load.
pub const BUSY: &str = "busy";

/// Keeps every core busy until the end of the input.
pub fn keep_busy(mut input: impl Read) {
    #[cfg(unix)]
    // Fails if it leads a session already.
    let _ = rustix::process::setsid();
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    for _ in 0..cores * LOOPS_PER_CORE {
        std::thread::spawn(|| {
            loop {
                std::hint::spin_loop();
            }
        });
    }
    // The threads end with the process.
    let _ = io::copy(&mut input, &mut io::sink());
}
