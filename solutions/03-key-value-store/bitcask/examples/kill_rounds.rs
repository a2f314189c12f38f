//! Kills `kv` with `kill -9` again and again while it writes and merges, and looks whether an
//! acknowledged write was lost.
//!
//! `cargo run --package bitcask-solution --example kill_rounds [ROUNDS [SEED [KV]]]`, with 1,000
//! rounds, another seed each time, and the `kv` beside the example, which
//! `cargo build --package bitcask-solution` builds. Exits with 1 at the first loss.

use std::{
    collections::{BTreeMap, BTreeSet, hash_map::RandomState},
    env,
    error::Error,
    fs,
    hash::BuildHasher as _,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Keys that are written. Few, so that files are full of what was overwritten.
const KEYS: u64 = 300;
/// Commands that are sent in a round.
const SENT: u64 = 150;
/// Small files, so that most kills come near a new one.
const MAX_FILE_SIZE: &str = "8192";
/// A merge is killed at a moment within this time.
const MERGE_TIME: Duration = Duration::from_millis(12);

/// What a key may hold: the last acknowledged state, or the one of the command that was under way.
type Possible = BTreeSet<Option<String>>;

/// The store under test, and what is known of it.
struct Rounds {
    kv: PathBuf,
    dir: PathBuf,
    dice: Dice,
    possible: BTreeMap<String, Possible>,
    acknowledged: u64,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let rounds = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let seed = match arguments.next() {
        Some(seed) => seed.parse()?,
        None => RandomState::new().hash_one(0),
    };
    let kv = match arguments.next() {
        Some(path) => path.into(),
        None => beside(&env::current_exe()?).ok_or("no directory above that of the example")?,
    };
    let dir = env::temp_dir().join(format!("kill-rounds-{}", std::process::id()));
    println!(
        "{rounds} rounds with {} in {}, seed {seed}",
        kv.display(),
        dir.display()
    );
    let mut store = Rounds {
        kv,
        dir,
        dice: Dice(seed),
        possible: BTreeMap::new(),
        acknowledged: 0,
    };
    let start = Instant::now();
    for round in 1..=rounds {
        store.write_and_kill(round)?;
        if round % 4 == 0 {
            store.merge_and_kill()?;
        }
        if let Some(loss) = store.first_loss()? {
            println!(
                "round {round}: {loss}; the files are in {}",
                store.dir.display()
            );
            return Ok(ExitCode::FAILURE);
        }
        if round % 100 == 0 || round == rounds {
            println!(
                "round {round}: {} acknowledged writes, none lost, {:.0?}",
                store.acknowledged,
                start.elapsed()
            );
        }
    }
    fs::remove_dir_all(&store.dir)?;
    Ok(ExitCode::SUCCESS)
}

/// The program `kv`, which cargo puts into the directory above that of the examples.
fn beside(example: &Path) -> Option<PathBuf> {
    Some(
        example
            .parent()?
            .parent()?
            .join(format!("kv{}", env::consts::EXE_SUFFIX)),
    )
}

impl Rounds {
    fn command(&self, command: &str) -> Command {
        let mut kv = Command::new(&self.kv);
        kv.arg("--dir").arg(&self.dir);
        kv.args(["--max-file-size", MAX_FILE_SIZE, command]);
        kv.stdin(Stdio::piped()).stdout(Stdio::piped());
        kv
    }

    /// Sends commands, kills the store after some of the answers, and notes what was acknowledged.
    fn write_and_kill(&mut self, round: u64) -> Result<(), Box<dyn Error>> {
        let commands: Vec<(String, Option<String>)> = (0..SENT)
            .map(|number| {
                let key = format!("key{}", self.dice.below(KEYS));
                let value = (self.dice.below(5) > 0).then(|| {
                    let more = ".".repeat(self.dice.below(80) as usize);
                    format!("{round}-{number}{more}")
                });
                (key, value)
            })
            .collect();
        let waited_for = self.dice.below(SENT);
        let mut child = self.command("pipe").spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        let output = child.stdout.take().ok_or("no output")?;
        let lines: String = commands
            .iter()
            .map(|(key, value)| match value {
                Some(value) => format!("set {key} {value}\n"),
                None => format!("rm {key}\n"),
            })
            .collect();
        let writer = thread::spawn(move || {
            // The store is killed before it has read everything.
            let _ = input.write_all(lines.as_bytes());
        });
        let mut answered = 0;
        let mut output = BufReader::new(output);
        let mut answer = String::new();
        loop {
            if answered == waited_for {
                child.kill()?;
            }
            answer.clear();
            // What was answered before the kill is still in the pipe, and counts.
            if output.read_line(&mut answer)? == 0 || !answer.ends_with('\n') {
                break;
            }
            if !matches!(answer.as_str(), "ok\n" | "absent\n") {
                return Err(format!("kv answers {answer:?}").into());
            }
            answered += 1;
        }
        child.wait()?;
        writer
            .join()
            .map_err(|_| "the writing thread has panicked")?;
        self.acknowledged += answered;
        // Each command is answered before the next one is read: all that can have happened without
        // an answer is the one after the last answered.
        for (number, (key, value)) in (0..=answered).zip(commands) {
            let possible = self.possible.entry(key).or_insert_with(|| [None].into());
            if number < answered {
                possible.clear();
            }
            possible.insert(value);
        }
        Ok(())
    }

    /// Begins a merge, and kills it at some moment.
    fn merge_and_kill(&mut self) -> Result<(), Box<dyn Error>> {
        let within = MERGE_TIME.as_nanos() as u64;
        let moment = Duration::from_nanos(self.dice.below(within));
        let mut child = self.command("merge").spawn()?;
        let start = Instant::now();
        while start.elapsed() < moment {
            thread::yield_now();
        }
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks the next process for every key. What it finds is all that is possible from then on.
    fn first_loss(&mut self) -> Result<Option<String>, Box<dyn Error>> {
        let mut child = self.command("pipe").spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let questions: String = self
            .possible
            .keys()
            .map(|key| format!("get {key}\n"))
            .collect();
        let writer = thread::spawn(move || input.write_all(questions.as_bytes()));
        let mut answers = output.lines();
        let mut loss = None;
        for (key, possible) in &mut self.possible {
            let answer = answers.next().ok_or("kv has ended early")??;
            let found = match answer.as_str() {
                "absent" => None,
                answer => Some(answer.strip_prefix("= ").ok_or("no value")?.to_owned()),
            };
            if !possible.contains(&found) {
                loss.get_or_insert(format!("{key} is {found:?}, and could be {possible:?}"));
            }
            *possible = [found].into();
        }
        writer
            .join()
            .map_err(|_| "the writing thread has panicked")??;
        child.wait()?;
        Ok(loss)
    }
}

/// Numbers that look random, the same for the same seed: `SplitMix64`.
struct Dice(u64);

impl Dice {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % end
    }
}
