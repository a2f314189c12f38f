//! Measures *edit → verdict*: a real change to one function body, then the time until the
//! verdict, beside what a learner would otherwise wait for, alternating in one run.
//!
//! `cargo bench --package checker --bench latency --profile dev` measures; `-- --smoke` runs
//! every step once, to prove that it works.

#![allow(
    clippy::expect_used,
    reason = "a benchmark that cannot run has nothing to report"
)]

#[path = "latency/page.rs"]
mod page;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use checker::catalog::Exercise;
use checker::catalog::package::Root;
use checker::check::Checker;
use checker::harness::cargo;
use checker::workspace::Workspace;
use toml::{Table, Value};

/// One exercise to measure.
struct Subject {
    /// What it stands for.
    label: &'static str,
    /// Where its course is, relative to the repository.
    course: &'static str,
    id: &'static str,
    /// The function whose body changes, and its file.
    edited: (&'static str, &'static str),
    /// The goal for checker ÷ plain `cargo test`.
    goal: f64,
}

const SUBJECTS: [Subject; 2] = [
    Subject {
        label: "std only",
        course: "",
        id: "lru-cache",
        edited: ("src/cache.rs", "len"),
        goal: 0.55,
    },
    Subject {
        label: "tokio",
        course: "checker/tests/fixtures/course",
        id: "ticker",
        edited: ("src/interval.rs", "remaining"),
        goal: 0.4,
    },
];

fn main() {
    // `cargo test --all-targets` runs benchmarks with this flag; there is nothing to test then.
    let arguments: Vec<String> = std::env::args().collect();
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    if !smoke && !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let rounds = if smoke { 1 } else { 9 };
    println!(
        "edit to verdict, medians of {rounds} rounds in milliseconds, {} cores\n",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    println!(
        "{:<10} {:>6} {:>9} {:>9} {:>9} {:>9}   {:>7} {:>7} {:>8}",
        "exercise", "tests", "checker", "+ cases", "cargo", "by hand", "÷ cargo", "goal", "÷ hand"
    );
    // An exercise's id as an argument measures that one alone, `page` none of them.
    let ids: Vec<&str> = SUBJECTS.iter().map(|subject| subject.id).collect();
    let asked = arguments
        .iter()
        .find(|argument| ids.contains(&argument.as_str()));
    let only_page = arguments.iter().any(|argument| argument == "page");
    for subject in SUBJECTS.iter().filter(|_| !only_page) {
        if asked.is_none_or(|id| id == subject.id) {
            measure(subject, rounds);
        }
    }
    page::measure(rounds);
    startup(if smoke { 1 } else { 30 });
}

fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .parent()
        .expect("the package lies in the repository")
        .to_path_buf()
}

fn measure(subject: &Subject, rounds: usize) {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let with_cases = Course::assemble(subject, &scratch.path().join("with-cases"), true);
    let course = Course::assemble(subject, &scratch.path().join("course"), false);
    let plain = course.plain_package(&scratch.path().join("plain"));
    let names = course.test_names();

    let mut times: [Vec<Duration>; 4] = Default::default();
    // The first round builds dependencies and is not counted.
    for round in 0..=rounds {
        let took = [
            edit(subject, &[course.learner()], round, || course.check()),
            edit(subject, &[with_cases.learner()], round, || {
                with_cases.check()
            }),
            edit(subject, std::slice::from_ref(&plain), round, || {
                cargo_test(&plain)
            }),
            edit(subject, &[course.room_crate()], round, || {
                course.by_hand(&names)
            }),
        ];
        if round > 0 {
            for (list, time) in times.iter_mut().zip(took) {
                list.push(time);
            }
        }
    }
    let [checker, cases, plain, hand] = times.map(|mut list| median(&mut list));
    println!(
        "{:<10} {:>6} {checker:>9.0} {cases:>9.0} {plain:>9.0} {hand:>9.0}   {:>7.2} {:>7.2} {:>8.2}",
        subject.label,
        names.len(),
        checker / plain,
        subject.goal,
        checker / hand,
    );
}

/// Changes a function's body in each crate, then times the work.
fn edit(subject: &Subject, crates: &[PathBuf], round: usize, work: impl FnOnce()) -> Duration {
    let (file, function) = subject.edited;
    for dir in crates {
        let path = dir.join(file);
        let text = fs::read_to_string(&path).expect("the edited file");
        fs::write(&path, with_changed_body(&text, function, round)).expect("the edited file");
    }
    let started = Instant::now();
    work();
    started.elapsed()
}

/// The text with a statement at the start of the function's body that differs in each round.
fn with_changed_body(text: &str, function: &str, round: usize) -> String {
    const MARK: &str = "let _edited_in_round = ";
    if let Some(at) = text.find(MARK) {
        let from = at + MARK.len();
        let to = from + text[from..].find(';').expect("the end of the statement");
        return format!("{}{round}{}", &text[..from], &text[to..]);
    }
    let at = text
        .find(&format!("fn {function}("))
        .expect("the edited function");
    let body = at + text[at..].find('{').expect("its body") + 1;
    format!("{} {MARK}{round};{}", &text[..body], &text[body..])
}

/// A copy of a course in which the reference solution takes the learner's place.
struct Course {
    checker: Checker,
    id: String,
}

impl Course {
    fn assemble(subject: &Subject, root: &Path, with_cases: bool) -> Course {
        let course = repository().join(subject.course);
        for part in ["exercises", "solutions", "checker/suites"] {
            copy(&course.join(part), &root.join(part));
        }
        copy(&repository().join("checker/kit"), &root.join("checker/kit"));
        for file in ["Cargo.toml", "Cargo.lock"] {
            let own = course.join(file);
            let from = if own.exists() {
                own
            } else {
                repository().join(file)
            };
            fs::copy(from, root.join(file)).expect("a manifest");
        }
        let workspace = Workspace::at(root).expect("the assembled course");
        let checker = Checker::open(workspace).expect("the assembled course");
        let exercise = checker
            .catalog
            .find(subject.id)
            .expect("the exercise")
            .clone();
        let learner = root.join(exercise.stub_dir());
        fs::remove_dir_all(learner.join("src")).expect("the stub");
        copy(
            &root.join(exercise.solution_dir()).join("src"),
            &learner.join("src"),
        );
        for kind in ["compile_fail", "miri"] {
            let cases = root.join(exercise.suite_dir()).join(kind);
            if !with_cases && cases.exists() {
                fs::remove_dir_all(cases).expect("the cases");
            }
        }
        Course {
            checker,
            id: subject.id.to_owned(),
        }
    }

    fn root(&self) -> &Path {
        self.checker.workspace.root()
    }

    fn exercise(&self) -> &Exercise {
        self.checker.catalog.find(&self.id).expect("the exercise")
    }

    fn learner(&self) -> PathBuf {
        self.root().join(self.exercise().stub_dir())
    }

    /// What a learner does: the program, as installed, in a process of its own.
    fn check(&self) {
        let status = Command::new(env!("CARGO_BIN_EXE_checker"))
            .arg("--course")
            .arg(self.root())
            .args(["check", &self.id, "--json"])
            .stdout(Stdio::null())
            .env_remove("CARGO_TARGET_DIR")
            .status()
            .expect("the checker");
        assert!(status.success(), "the reference solution passes");
    }

    fn room(&self) -> PathBuf {
        let rooms = self.checker.workspace.build_dir().join("rooms");
        let mut found = fs::read_dir(rooms).expect("a room").filter_map(Result::ok);
        found.next().expect("a room").path()
    }

    fn room_crate(&self) -> PathBuf {
        self.room().join(self.exercise().stub_dir())
    }

    /// The same harness built with cargo by hand, its tests run in as many processes.
    fn by_hand(&self, names: &[String]) {
        let room = self.room();
        let mut command = cargo::command_in(&room);
        // Where the tests find the learner's programs, as the checker says it.
        for binary in &self.exercise().manifest.binaries {
            let path = room.join("programs").join(&binary.name);
            let path = toml::Value::String(path.display().to_string());
            let setting = format!("env.CARGO_BIN_EXE_{}={path}", binary.name);
            command.args(["--config", &setting]);
        }
        command
            .args([
                "test",
                "--no-run",
                "--offline",
                "--test",
                "suite",
                "--message-format=json",
            ])
            .arg("--target-dir")
            .arg(self.checker.workspace.build_dir())
            .stderr(Stdio::null());
        let output = command.output().expect("cargo");
        let binary = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|line| line["target"]["name"] == "suite")
            .find_map(|line| Some(line.get("executable")?.as_str()?.to_owned()))
            .expect("the suite's binary");
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                        run_alone(&binary, name, &self.room());
                    }
                });
            }
        });
    }

    fn test_names(&self) -> Vec<String> {
        let suite = self.exercise().suite(self.checker.catalog.source());
        let phases = suite.expect("the suite").phases.into_iter();
        phases
            .flat_map(|phase| {
                let tests = phase.source.tests.into_iter();
                tests.map(move |test| format!("{}::{}", phase.module, test.name))
            })
            .collect()
    }

    /// What a learner would have without the checker: the same tests as integration tests of
    /// their crate, one file a phase, in cargo's default profile.
    fn plain_package(&self, dir: &Path) -> PathBuf {
        let exercise = self.exercise();
        copy(&self.learner().join("src"), &dir.join("src"));
        let suite = self.root().join(exercise.suite_dir());
        let root = fs::read_to_string(suite.join("src/lib.rs")).expect("the suite's root");
        let modules: Vec<String> = exercise
            .phase_numbers()
            .filter_map(|number| exercise.phase_module(number))
            .collect();
        let mut targets = Vec::new();
        for module in &modules {
            let target = dir.join("tests").join(module);
            copy(&suite.join("src"), &target);
            fs::remove_file(target.join("lib.rs")).expect("the copied root");
            let mut own = root.clone();
            for other in modules.iter().filter(|other| *other != module) {
                own = own.replace(&format!("mod {other};"), &format!("mod {other} {{}}"));
            }
            fs::write(target.join("main.rs"), own).expect("a test");
            let mut table = Table::new();
            table.insert("name".into(), Value::String(module.clone()));
            table.insert(
                "path".into(),
                Value::String(format!("tests/{module}/main.rs")),
            );
            targets.push(Value::Table(table));
        }
        fs::write(dir.join("Cargo.toml"), self.plain_manifest(targets)).expect("a manifest");
        fs::copy(self.root().join("Cargo.lock"), dir.join("Cargo.lock")).expect("a lock file");
        dir.to_path_buf()
    }

    fn plain_manifest(&self, targets: Vec<Value>) -> String {
        let exercise = self.exercise();
        let read = |path: &str| fs::read_to_string(self.root().join(path)).expect("a manifest");
        let root = Root::parse(&read("Cargo.toml")).expect("the root manifest");
        let kit = self.checker.workspace.build_dir().join("kit");
        let place = |name: &str| (name == "suite-kit").then(|| kit.display().to_string());
        let resolve = |dir: String| {
            let path = format!("{dir}/Cargo.toml");
            root.resolve(&path, &read(&path), &place)
                .expect("a manifest")
        };
        let (stub, suite) = (resolve(exercise.stub_dir()), resolve(exercise.suite_dir()));
        // The kit is laid out by the first check.
        self.check();
        let mut package = Table::new();
        package.insert("name".into(), Value::String(self.id.clone()));
        package.insert("version".into(), Value::String("0.0.0".to_owned()));
        package.insert("edition".into(), Value::String(stub.edition));
        let mut manifest = Table::new();
        manifest.insert("package".into(), Value::Table(package));
        manifest.insert("test".into(), Value::Array(targets));
        if !exercise.manifest.binaries.is_empty() {
            let binaries = exercise.manifest.binaries.iter().map(|binary| {
                let mut table = Table::new();
                table.insert("name".into(), Value::String(binary.name.clone()));
                table.insert("path".into(), Value::String(binary.path.clone()));
                Value::Table(table)
            });
            manifest.insert("bin".into(), Value::Array(binaries.collect()));
        }
        manifest.insert("dependencies".into(), Value::Table(stub.dependencies));
        manifest.insert("dev-dependencies".into(), Value::Table(suite.dependencies));
        manifest.insert("workspace".into(), Value::Table(Table::new()));
        manifest.to_string()
    }
}

fn cargo_test(dir: &Path) {
    let status = cargo::command_in(dir)
        .args(["test", "--quiet", "--tests"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("cargo");
    assert!(
        status.success(),
        "plain cargo test passes in {}",
        dir.display()
    );
}

fn run_alone(binary: &str, name: &str, dir: &Path) {
    let mut child = Command::new(binary)
        .arg(name)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the suite's binary");
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(b"00000000000000000000000000000000\n")
        .expect("a token");
    let status = child.wait().expect("its end");
    drop(input);
    assert!(status.success(), "{name} passes");
}

fn startup(rounds: usize) {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let started = Instant::now();
            let status = Command::new(env!("CARGO_BIN_EXE_checker"))
                .arg("--course")
                .arg(repository())
                .arg("progress")
                .stdout(Stdio::null())
                .status()
                .expect("the checker");
            assert!(status.success());
            started.elapsed()
        })
        .collect();
    println!(
        "\nchecker progress: {:.1} ms (goal: under 30 ms)",
        median(&mut times)
    );
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("a readable folder");
        let path = to.join(entry.path().strip_prefix(from).expect("a path below"));
        if entry.file_type().is_dir() {
            if entry.file_name() != "target" {
                fs::create_dir_all(path).expect("a folder");
            }
        } else {
            fs::copy(entry.path(), path).expect("a copy");
        }
    }
}
