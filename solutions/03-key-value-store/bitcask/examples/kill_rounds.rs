//! Kills `kv pipe` while it writes, round after round, and looks whether every write that it has
//! acknowledged is there.
//!
//! ```console
//! $ cargo build --release --package bitcask-solution --bin kv
//! $ cargo run --release --package bitcask-solution --example kill_rounds -- --rounds 1000
//! ```
//!
//! `kill_rounds [--rounds N] [--seed N] [KV]` takes the program KV, or the `kv` that was built
//! beside it. The same seed gives the same writes and the same numbers of answers to wait for. The
//! exit code is 0 if nothing was lost, 1 at the first difference, and 2 if a round cannot be run.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitCode, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

const ROUNDS: u64 = 1_000;
/// Few keys, so that most writes overwrite or delete something.
const KEYS: u64 = 40;
/// A round waits for fewer answers than this before it kills.
const MOST_AWAITED: u64 = 40;
/// So many commands are under way, at most, when the kill does not wait for their answers.
const AHEAD: u64 = 30;
/// The length that most values stay below, in bytes.
const SHORT: u64 = 60;
/// The length that the others stay below: more pages than a kernel copies at once.
const LONG: u64 = 40_000;
/// The limit of a data file in bytes: the next one is begun every few dozen records.
const MAX_FILE_SIZE: &str = "65536";
/// A merge comes after so many rounds, which also keeps the store small.
const ROUNDS_BETWEEN_MERGES: u64 = 50;
/// Progress is told after so many rounds.
const ROUNDS_BETWEEN_REPORTS: u64 = 100;
/// No single answer takes this long.
const LIMIT: Duration = Duration::from_secs(60);

type Failure = Box<dyn Error>;
/// Keys and their values.
type Contents = BTreeMap<String, String>;

fn main() -> ExitCode {
    let outcome = Arguments::parse().and_then(|arguments| run(&arguments));
    match outcome {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(difference)) => {
            eprintln!("kill_rounds: {difference}");
            ExitCode::from(1)
        }
        Err(failure) => {
            eprintln!("kill_rounds: {failure}");
            ExitCode::from(2)
        }
    }
}

struct Arguments {
    rounds: u64,
    seed: u64,
    program: PathBuf,
}

impl Arguments {
    fn parse() -> Result<Self, Failure> {
        let (mut rounds, mut seed, mut program) = (ROUNDS, 1, None);
        let mut words = env::args_os().skip(1);
        while let Some(word) = words.next() {
            let mut number = || -> Result<u64, Failure> {
                let text = words.next().ok_or("a number is missing")?;
                Ok(text.to_string_lossy().parse()?)
            };
            match word.to_str() {
                Some("--rounds") => rounds = number()?,
                Some("--seed") => seed = number()?,
                Some(option) if option.starts_with("--") => {
                    return Err("usage: kill_rounds [--rounds N] [--seed N] [KV]".into());
                }
                _ => program = Some(PathBuf::from(word)),
            }
        }
        let program = match program {
            // A relative path would be looked for elsewhere.
            Some(program) => fs::canonicalize(program)?,
            None => beside()?,
        };
        Ok(Self {
            rounds,
            seed,
            program,
        })
    }
}

/// The `kv` that cargo has put beside this program, or one folder above.
fn beside() -> Result<PathBuf, Failure> {
    let name = format!("kv{}", env::consts::EXE_SUFFIX);
    let own = env::current_exe()?;
    let mut folders = own.ancestors().skip(1).take(2);
    let found = folders.find_map(|folder| Some(folder.join(&name)).filter(|path| path.is_file()));
    found.ok_or_else(|| format!("no {name} beside {}: build it, or name it", own.display()).into())
}

/// What was found so far.
#[derive(Default)]
struct Figures {
    rounds: u64,
    acknowledged: u64,
    /// Keys whose acknowledged state is gone.
    lost: usize,
    /// Kills that met a command whose answer had not come.
    unanswered: u64,
    /// How many of these had taken effect.
    effective: u64,
}

impl Figures {
    fn tell(&self) {
        println!(
            "rounds {}, acknowledged writes {}, lost {}; \
             killed before an answer {}, of which the write was there {}",
            self.rounds, self.acknowledged, self.lost, self.unanswered, self.effective
        );
    }
}

/// Runs all rounds in a new folder, which is kept if something is wrong. Returns what is.
fn run(arguments: &Arguments) -> Result<Option<String>, Failure> {
    let folder = env::temp_dir().join(format!("kill-rounds-{}", std::process::id()));
    fs::create_dir(&folder)?;
    let mut figures = Figures::default();
    let outcome = run_in(&folder, arguments, &mut figures);
    figures.tell();
    if matches!(outcome, Ok(None)) {
        fs::remove_dir_all(&folder)?;
    } else {
        eprintln!("the store is kept in {}", folder.display());
    }
    outcome
}

fn run_in(
    folder: &Path,
    arguments: &Arguments,
    figures: &mut Figures,
) -> Result<Option<String>, Failure> {
    let program = &arguments.program;
    let mut dice = Dice(arguments.seed);
    let mut state = State::default();
    loop {
        let mut pipe = Pipe::start(program, folder)?;
        let difference = state.compare(&mut pipe, figures)?;
        if difference.is_some() || figures.rounds == arguments.rounds {
            return Ok(difference);
        }
        figures.rounds += 1;
        state = round(pipe, state.contents, &mut dice, figures)?;
        if figures.rounds.is_multiple_of(ROUNDS_BETWEEN_MERGES) {
            merge(program, folder)?;
        }
        if figures.rounds.is_multiple_of(ROUNDS_BETWEEN_REPORTS)
            && figures.rounds < arguments.rounds
        {
            figures.tell();
        }
    }
}

/// Writes, kills, and returns what the store should hold.
fn round(
    mut pipe: Pipe,
    mut contents: Contents,
    dice: &mut Dice,
    figures: &mut Figures,
) -> Result<State, Failure> {
    let awaited = dice.below(MOST_AWAITED);
    // Every third kill finds the store idle, the others in the middle of its work.
    let ahead = if dice.below(3) == 0 { 0 } else { AHEAD };
    let write = |number| Write::random(dice, &format!("{}-{number}", figures.rounds));
    let writes: Vec<Write> = (0..awaited + ahead).map(write).collect();
    pipe.send(writes.iter().map(Write::line).collect());
    let mut answers = Vec::new();
    for _ in 0..awaited {
        answers.push(pipe.receive()?);
    }
    // Answers that came before the kill count, received or not.
    answers.extend(pipe.kill()?);
    let mut writes = writes.into_iter();
    for (write, answer) in writes.by_ref().zip(&answers) {
        let expected = write.apply(&mut contents);
        if answer != expected {
            return Err(format!("{answer:?} in answer to {:?}", write.line()).into());
        }
        figures.acknowledged += 1;
    }
    let unanswered = writes.next();
    figures.unanswered += u64::from(unanswered.is_some());
    Ok(State {
        contents,
        unanswered,
    })
}

fn merge(program: &Path, folder: &Path) -> Result<(), Failure> {
    let status = command(program, folder).arg("merge").status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("kv merge: {status}").into())
    }
}

/// What a store should hold after a kill.
#[derive(Default)]
struct State {
    contents: Contents,
    /// This may have taken effect, and nothing after it: a line is read when the one before is
    /// answered.
    unanswered: Option<Write>,
}

impl State {
    /// Compares with what a running store answers, and learns from it what became of the unanswered
    /// write.
    fn compare(
        &mut self,
        pipe: &mut Pipe,
        figures: &mut Figures,
    ) -> Result<Option<String>, Failure> {
        let keys: Vec<String> = (0..KEYS).map(key).collect();
        pipe.send(keys.iter().map(|key| format!("get {key}\n")).collect());
        let mut next = self.contents.clone();
        let unanswered = self.unanswered.take();
        if let Some(write) = &unanswered {
            write.apply(&mut next);
        }
        let mut found = Contents::new();
        for key in &keys {
            let answer = pipe.receive()?;
            if let Some(value) = answer.strip_prefix("= ") {
                found.insert(key.clone(), value.to_owned());
            } else if answer != "absent" {
                return Ok(Some(format!("get {key} answers {answer:?}")));
            }
        }
        if found != self.contents && found != next {
            let differs = |key: &&String| found.get(*key) != self.contents.get(*key);
            let differing: Vec<&String> = keys.iter().filter(differs).collect();
            figures.lost = differing.len();
            return Ok(Some(format!(
                "in round {}, the acknowledged state of these keys is lost: {differing:?}; \
                 unanswered was a write of {:?}",
                figures.rounds,
                unanswered.map(|write| write.key)
            )));
        }
        figures.effective += u64::from(found != self.contents);
        self.contents = found;
        Ok(None)
    }
}

/// A `set`, or, without a value, an `rm`.
struct Write {
    key: String,
    value: Option<String>,
}

impl Write {
    /// A write of a value that no other write has.
    fn random(dice: &mut Dice, prefix: &str) -> Self {
        let key = key(dice.below(KEYS));
        let value = match dice.below(8) {
            0 | 1 => None,
            2 => Some(dice.below(LONG)),
            _ => Some(dice.below(SHORT)),
        };
        let value = value.map(|len| format!("{prefix}{}", ".".repeat(len as usize)));
        Self { key, value }
    }

    fn line(&self) -> String {
        match &self.value {
            Some(value) => format!("set {} {value}\n", self.key),
            None => format!("rm {}\n", self.key),
        }
    }

    /// Does to `contents` what the store does, and returns the store's answer.
    fn apply(&self, contents: &mut Contents) -> &'static str {
        let was_there = match &self.value {
            Some(value) => {
                contents.insert(self.key.clone(), value.clone());
                true
            }
            None => contents.remove(&self.key).is_some(),
        };
        if was_there { "ok" } else { "absent" }
    }
}

fn key(number: u64) -> String {
    format!("key-{number}")
}

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let options = ["--max-file-size", MAX_FILE_SIZE];
    command.args(["--dir", "store"]).args(options);
    command.current_dir(folder);
    command
}

/// A running `kv pipe`. It is killed when this value is dropped.
struct Pipe {
    child: Child,
    lines: mpsc::Sender<Vec<String>>,
    answers: Receiver<String>,
}

impl Pipe {
    fn start(program: &Path, folder: &Path) -> Result<Self, Failure> {
        let mut child = command(program, folder)
            .arg("pipe")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("the program has no input")?;
        let output = child.stdout.take().ok_or("the program has no output")?;
        let (lines, unsent) = mpsc::channel();
        thread::spawn(move || write_all(input, &unsent));
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut answer = String::new();
            // Half a line is no answer.
            while output.read_line(&mut answer).is_ok() && answer.pop() == Some('\n') {
                if sender.send(std::mem::take(&mut answer)).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            lines,
            answers,
        })
    }

    /// Sends lines, and waits for nothing.
    fn send(&self, lines: Vec<String>) {
        // A program that is gone is seen when its answer is missing.
        let _ = self.lines.send(lines);
    }

    fn receive(&mut self) -> Result<String, Failure> {
        let answer = self.answers.recv_timeout(LIMIT);
        answer.map_err(|error| format!("kv pipe gives no answer: {error}").into())
    }

    /// Kills the program as `kill -9` does, and returns the answers that nobody has received.
    fn kill(mut self) -> Result<Vec<String>, Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.answers.iter().collect())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // Both fail only if the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes what is sent until the program is gone or nobody sends any more.
fn write_all(mut input: ChildStdin, lines: &Receiver<Vec<String>>) {
    for line in lines.iter().flatten() {
        if input.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    /// A number from 0 to `end - 1`: a step of `SplitMix64`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % end
    }
}
