//! A learner's server, started as a user would start it.

use crate::{Scenario, time};
use std::{
    io::Read,
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// More output than this is not kept.
const KEPT_BYTES: usize = 1 << 20;

/// A running server. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    stdout: Captured,
    stderr: Captured,
}

impl Server {
    /// Starts `command` and waits until it has printed its address: the first line of its
    /// standard output in which a word is a socket address (`listening on 127.0.0.1:4000`).
    ///
    /// Fails if there is none within [`Patience`](time::Patience) of `limit`, or if the program ends.
    #[track_caller]
    pub fn start(scenario: &Scenario, command: &mut Command, limit: Duration) -> Self {
        scenario.step(format!("start {}", shown(command)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => scenario.fail("the program starts", error),
        };
        let stdout = Captured::of(child.stdout.take());
        let stderr = Captured::of(child.stderr.take());
        let mut address = None;
        let mut ended = None;
        time::eventually(limit, || {
            ended = child.try_wait().ok().flatten();
            address = printed_address(&stdout.text());
            address.is_some() || ended.is_some()
        });
        if let Some(address) = address {
            return Self {
                child,
                address,
                stdout,
                stderr,
            };
        }
        kill(&mut child);
        let output = format!("{}{}", stdout.to_end(), stderr.to_end());
        scenario.fail(
            format_args!("within {limit:?}, a line on the standard output with the address"),
            match ended {
                Some(status) => format!("the program ended ({status}); its output: {output:?}"),
                None => format!("no such line; its output: {output:?}"),
            },
        )
    }

    /// The address that the server printed.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the server has written to its standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What the server has written to its error stream so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Kills the server at once, as `kill -9` does, and waits for its end.
    pub fn kill(&mut self) {
        kill(&mut self.child);
    }

    /// Waits until the server has ended by itself; fails if it has not within
    /// [`Patience`](time::Patience) of `limit`.
    #[track_caller]
    pub fn wait(&mut self, scenario: &Scenario, limit: Duration) -> ExitStatus {
        let mut ended = None;
        time::eventually(limit, || {
            ended = self.child.try_wait().ok().flatten();
            ended.is_some()
        });
        ended.unwrap_or_else(|| {
            scenario.fail(
                format_args!("the server ends within {limit:?}"),
                "it still runs",
            )
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An output stream that a thread reads, so that its writer never waits.
#[derive(Debug)]
struct Captured {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Captured {
    fn of(stream: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let Some(mut stream) = stream else { return };
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                let mut kept = lock(&kept);
                let room = KEPT_BYTES.saturating_sub(kept.len());
                kept.extend_from_slice(&buffer[..length.min(room)]);
            }
        });
        Self { bytes, reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.bytes)).into_owned()
    }

    /// What was written, once the writer is gone. A process that inherited the stream may keep it
    /// open; it is not waited for.
    fn to_end(&self) -> String {
        time::eventually(Duration::from_secs(1), || self.reader.is_finished());
        self.text()
    }
}

fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kill(child: &mut Child) {
    // Both fail only if the process is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

/// The program's file name with its arguments.
fn shown(command: &Command) -> String {
    let program = command.get_program();
    let name = std::path::Path::new(program).file_stem().unwrap_or(program);
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first address in a complete line of `output`.
fn printed_address(output: &str) -> Option<SocketAddr> {
    let (complete, _) = output.rsplit_once('\n')?;
    let edge = |c: char| !c.is_ascii_alphanumeric() && c != '[' && c != ':';
    complete.split_whitespace().find_map(|word| {
        let word = word.rsplit_once('/').map_or(word, |(_, address)| address);
        word.parse()
            .or_else(|_| word.trim_matches(edge).parse())
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_the_first_complete_line_that_has_one() {
        let parsed = |output| printed_address(output).map(|address| address.to_string());
        assert_eq!(
            parsed("ready\nlistening on 127.0.0.1:4000\n").unwrap(),
            "127.0.0.1:4000"
        );
        assert_eq!(
            parsed("listening on http://127.0.0.1:4000.\n").unwrap(),
            "127.0.0.1:4000"
        );
        assert_eq!(parsed("listening on [::1]:80\n").unwrap(), "[::1]:80");
        assert_eq!(parsed("127.0.0.1:40"), None);
        assert_eq!(parsed("listening on port 4000\n"), None);
    }
}
