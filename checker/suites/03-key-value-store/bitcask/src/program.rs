//! The program `kv`, started as a user starts it.

use crate::driven::LIMIT;
use std::{
    ffi::{OsStr, OsString},
    fmt::{self, Display},
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
};
use suite_kit::{
    Scenario, environment,
    temp::TempDir,
    text::escaped,
    threads::{Background, background},
    time::{self, Patience},
};

/// The directory of the store, seen from the one that the program runs in.
const STORE: &str = "store";

/// A folder in which `kv` is run, one process after the other or beside each other.
pub(crate) struct Kv {
    pub(crate) scenario: Arc<Scenario>,
    folder: TempDir,
}

/// What a program has left.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Ended {
    /// The exit code, if the program was not killed.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// What was written to the standard output, as text.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// What was written to the error stream, as text.
    pub(crate) fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for (name, stream) in [("output", &self.stdout), ("error stream", &self.stderr)] {
            match &**stream {
                [] => write!(f, "; nothing on the {name}")?,
                bytes => write!(f, "; on the {name}: \"{}\"", start_of(bytes))?,
            }
        }
        Ok(())
    }
}

impl Kv {
    /// A new, empty folder.
    pub(crate) fn new() -> Self {
        Self {
            scenario: Arc::new(Scenario::new()),
            folder: TempDir::new(),
        }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the directory of the store.
    pub(crate) fn store_path(&self, name: &str) -> PathBuf {
        self.path(STORE).join(name)
    }

    /// `kv` with these arguments, in the folder, and with no variable but `KV_DIR`, which names the
    /// store. Start it with [`Kv::output_of`].
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let mut command = Command::new(path());
        command.args(args).current_dir(self.folder.path());
        environment::clear(&mut command).env("KV_DIR", STORE);
        command
    }

    /// Runs a program with this input to its end.
    #[track_caller]
    pub(crate) fn output_of(&self, command: &mut Command, stdin: &[u8]) -> Ended {
        self.scenario.step(match stdin {
            [] => shown(command),
            input => format!("{} < \"{}\"", shown(command), start_of(input)),
        });
        let mut running = Running::start(&self.scenario, command);
        let input = running.child.stdin.take();
        let stdin = stdin.to_vec();
        // A program need not read its input, and then it cannot be written.
        let writer = background(move || input.map(|mut input| input.write_all(&stdin)));
        let stdout = captured(running.child.stdout.take());
        let ended = running.end(&self.scenario, stdout);
        drop(writer);
        ended
    }

    /// Runs `kv` with these arguments and this input to its end.
    #[track_caller]
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: &[A], stdin: impl AsRef<[u8]>) -> Ended {
        self.output_of(&mut self.command(args), stdin.as_ref())
    }

    /// Runs `kv` with these arguments to its end. Nobody reads its output: the pipe is closed when the
    /// first byte has come.
    #[track_caller]
    pub(crate) fn run_with_closed_output<A: AsRef<OsStr>>(&self, args: &[A]) -> Ended {
        let mut command = self.command(args);
        self.scenario
            .step(format!("{} | head -c 1", shown(&command)));
        let mut running = Running::start(&self.scenario, &mut command);
        let stdout = running.child.stdout.take();
        let first = background(move || {
            let mut byte = [0];
            stdout.map(|mut stdout| stdout.read(&mut byte));
            byte.to_vec()
        });
        running.end(&self.scenario, first)
    }

    /// Runs `kv`, and fails unless it ends with this exit code, this standard output, and something
    /// on the error stream exactly if the code is not 0.
    #[track_caller]
    pub(crate) fn expect<A: AsRef<OsStr>>(
        &self,
        args: &[A],
        stdin: impl AsRef<[u8]>,
        code: i32,
        stdout: impl AsRef<[u8]>,
    ) -> Ended {
        let ended = self.run(args, stdin);
        self.expect_ended(&ended, code);
        self.scenario
            .expect_bytes("the standard output", &ended.stdout, stdout.as_ref());
        ended
    }

    /// Fails unless a program has ended with this exit code, and has written to its error stream
    /// exactly if the code is not 0.
    #[track_caller]
    pub(crate) fn expect_ended(&self, ended: &Ended, code: i32) {
        let is_silent = ended.stderr.is_empty();
        self.scenario.expect(
            ended.code() == Some(code) && is_silent == (code == 0),
            match code {
                0 => "exit code 0, and an empty error stream".to_owned(),
                code => format!("exit code {code}, and a message on the error stream"),
            },
            ended,
        );
    }

    /// Starts `kv pipe`, with these options before the command, and waits until it answers.
    #[track_caller]
    pub(crate) fn pipe(&self, options: &[&str]) -> Pipe {
        let mut command = self.command(options);
        self.piped(command.arg("pipe"))
    }

    /// Starts `kv pipe`, as `command` says, and waits until it answers.
    #[track_caller]
    pub(crate) fn piped(&self, command: &mut Command) -> Pipe {
        let mut pipe = Pipe::start(Arc::clone(&self.scenario), command);
        // The store is open when the first answer comes. No test uses the key.
        pipe.expect("get is-the-store-open", "absent");
        pipe
    }
}

/// A running `kv pipe`. It is killed when this value is dropped.
pub(crate) struct Pipe {
    scenario: Arc<Scenario>,
    running: Running,
    lines: Sender<Vec<u8>>,
    answers: Receiver<Vec<u8>>,
}

impl Pipe {
    #[track_caller]
    fn start(scenario: Arc<Scenario>, command: &mut Command) -> Self {
        scenario.step(format!("{}, which goes on running", shown(command)));
        let mut running = Running::start(&scenario, command);
        let lines = written(running.child.stdin.take());
        let (sender, answers) = mpsc::channel();
        let stdout = running.child.stdout.take();
        drop(background(move || {
            let mut stdout = BufReader::new(stdout?);
            loop {
                let mut answer = Vec::new();
                if stdout.read_until(b'\n', &mut answer).ok()? == 0 {
                    return None::<()>;
                }
                sender.send(answer).ok()?;
            }
        }));
        Self {
            scenario,
            running,
            lines,
            answers,
        }
    }

    /// Sends a line, and waits for nothing.
    pub(crate) fn send(&self, line: impl AsRef<[u8]>) {
        let line = line.as_ref();
        self.note("send", line);
        // A program that is gone is seen when its answer is missing.
        let _ = self.lines.send([line, b"\n"].concat());
    }

    /// The next answer, without its line feed; fails if none comes.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> Vec<u8> {
        let patience = Patience::of(LIMIT);
        let received = loop {
            let is_over = patience.is_over();
            match self.answers.recv_timeout(patience.slice()) {
                Err(RecvTimeoutError::Timeout) if !is_over => {}
                received => break received,
            }
        };
        let what = match received {
            Ok(mut answer) => {
                if answer.pop_if(|last| *last == b'\n').is_some() {
                    self.note("it answers", &answer);
                    return answer;
                }
                format!("no line feed behind \"{}\"", escaped(&answer))
            }
            Err(RecvTimeoutError::Timeout) => format!("none within {LIMIT:?}"),
            Err(RecvTimeoutError::Disconnected) => {
                let ended = self.running.end(&self.scenario, background(Vec::new));
                format!("none, {}: {:?}", ended.status, ended.errors())
            }
        };
        self.scenario
            .fail("an answer, which is a line for each line", what)
    }

    /// Sends a line, and returns the answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, line: impl AsRef<[u8]>) -> Vec<u8> {
        self.send(line);
        self.receive()
    }

    /// Sends a line, and fails unless this is the answer.
    #[track_caller]
    pub(crate) fn expect(&mut self, line: impl AsRef<[u8]>, answer: impl AsRef<[u8]>) {
        let received = self.ask(line);
        self.scenario
            .expect_bytes("the answer", &received, answer.as_ref());
    }

    /// Kills the program as `kill -9` does. Returns the answers, with their line feeds, that it had
    /// written and nobody has received; the last may be incomplete.
    pub(crate) fn kill(mut self) -> Vec<Vec<u8>> {
        self.scenario.step("it is killed");
        self.running.kill();
        self.answers.iter().collect()
    }

    /// Closes the input, and waits for the end. The standard output is what nobody has received.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Ended {
        self.scenario.step("its input ends");
        drop(self.lines);
        let answers = self.answers;
        let stdout = background(move || answers.iter().flatten().collect());
        self.running.end(&self.scenario, stdout)
    }

    fn note(&self, what: &str, line: &[u8]) {
        let text = start_of(line);
        self.scenario.step(format!("{what} \"{text}\""));
    }
}

/// Bytes as text, of which the first are shown.
fn start_of(bytes: &[u8]) -> String {
    const SHOWN: usize = 500;
    match bytes.get(..SHOWN) {
        None => escaped(bytes),
        Some(start) => format!("{}… ({} bytes)", escaped(start), bytes.len()),
    }
}

/// A program that runs. It is killed when this value is dropped.
struct Running {
    child: Child,
    stderr: Option<Background<Vec<u8>>>,
}

impl Running {
    #[track_caller]
    fn start(scenario: &Scenario, command: &mut Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match command.spawn() {
            Ok(mut child) => {
                let stderr = Some(captured(child.stderr.take()));
                Self { child, stderr }
            }
            Err(error) => scenario.fail("the program starts", error),
        }
    }

    fn kill(&mut self) {
        // Both fail only if the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until the program has ended by itself, and its output as well.
    #[track_caller]
    fn end(&mut self, scenario: &Scenario, stdout: Background<Vec<u8>>) -> Ended {
        let mut ended = None;
        time::eventually(LIMIT, || {
            ended = self.child.try_wait().ok().flatten();
            ended.is_some()
        });
        let Some(status) = ended else {
            self.kill();
            scenario.fail(
                format_args!("the program ends within {LIMIT:?}"),
                "it still runs",
            )
        };
        let stdout = stdout.join(scenario, "the standard output", LIMIT);
        let stderr = self.stderr.take();
        let stderr = stderr.map(|stderr| stderr.join(scenario, "the error stream", LIMIT));
        let ended = Ended {
            status,
            stdout,
            stderr: stderr.unwrap_or_default(),
        };
        if status.code() == Some(PANICKED)
            && let Some(missing) = missing_in(&ended.errors())
        {
            panic!("not yet implemented: {missing}");
        }
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The exit code of a program that has panicked.
pub(crate) const PANICKED: i32 = 101;

/// What the `todo!` says that a program has reached.
fn missing_in(errors: &str) -> Option<&str> {
    let mut lines = errors.lines();
    lines.find_map(|line| line.strip_prefix("not yet implemented: "))
}

/// All that comes from a stream, read by a thread, so that its writer never waits.
fn captured(stream: Option<impl Read + Send + 'static>) -> Background<Vec<u8>> {
    background(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What came before an error is kept.
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// A thread writes what is sent, so that the sender never waits; the stream ends with the sender.
fn written(stream: Option<ChildStdin>) -> Sender<Vec<u8>> {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    drop(background(move || {
        let mut stream = stream?;
        // A program that is gone reads no more.
        let write = |bytes: Vec<u8>| stream.write_all(&bytes);
        receiver.iter().try_for_each(write).ok()
    }));
    sender
}

/// A command as a user types it.
fn shown(command: &Command) -> String {
    let mut words: Vec<String> = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value.filter(|_| environment::is_shown(name)) {
            words.push(format!("{}={}", name.display(), value.display()));
        }
    }
    words.push("kv".to_owned());
    words.extend(command.get_args().map(|arg| {
        let arg = arg.as_encoded_bytes();
        let is_plain = !arg.is_empty() && arg.iter().all(|byte| byte.is_ascii_graphic());
        let text = escaped(arg);
        if is_plain {
            text.to_string()
        } else {
            format!("'{text}'")
        }
    }));
    words.join(" ")
}

/// An argument of these bytes, where the system has arguments that are no text.
#[cfg(unix)]
pub(crate) fn argument(bytes: &[u8]) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec()))
}

/// An argument of these bytes, where the system has arguments that are no text.
#[cfg(not(unix))]
pub(crate) fn argument(_: &[u8]) -> Option<OsString> {
    None
}

/// Where cargo has put the program: the learner's, or the reference's beside this suite.
fn path() -> &'static str {
    option_env!("CARGO_BIN_EXE_kv")
        .or(option_env!("CARGO_BIN_EXE_bitcask-suite-kv"))
        .expect("cargo says where the program is")
}
