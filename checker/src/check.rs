//! Joins the stages: a request becomes a report.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::catalog::compile_fail::CompileFail;
use crate::catalog::note::Note;
use crate::catalog::program::MiriProgram;
use crate::catalog::{
    Catalog, CatalogError, Exercise, Suite, UnknownExercise, compile_fail_name, miri_name, nearest,
};
use crate::harness::durations::Durations;
use crate::harness::{self, Build, BuildError, Built, Room, RoomError, Wait};
use crate::runner::{self, Cancel, Choice, Ended, Job};
use crate::verdict::{
    CompileProblem, Event, Failure, Output, PhaseReport, PhaseStatus, Report, SCHEMA_VERSION,
    TestReport, Verdict,
};
use crate::workspace::Workspace;
use crate::workspace::snapshot::{Snapshot, SnapshotError};

/// A workspace and its course, ready to check.
#[derive(Debug, Clone)]
pub struct Checker {
    /// Where the learner's code stands.
    pub workspace: Workspace,
    /// The exercises.
    pub catalog: Catalog,
}

/// What to check.
#[derive(Debug, Clone)]
pub struct Request {
    /// The exercise's id.
    pub exercise: String,
    /// Whose code.
    pub subject: Subject,
    /// The phase; all of them if none is named.
    pub phase: Option<u32>,
    /// Only tests whose name contains this.
    pub test: Option<String>,
    /// Whether rustc's errors carry colors.
    pub colored: bool,
}

impl Request {
    /// All phases of the learner's own code.
    #[must_use]
    pub fn of(exercise: &str) -> Request {
        Request {
            exercise: exercise.to_owned(),
            subject: Subject::Learner,
            phase: None,
            test: None,
            colored: false,
        }
    }
}

/// Whose code is checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// The learner's.
    Learner,
    /// The reference solution.
    Solution,
    /// The stub as the course has it.
    Stub,
    /// The reference solution with changes; the label keeps rooms of different kinds apart.
    Changed {
        /// Such as `mutant`.
        label: &'static str,
        /// The sources.
        sources: Snapshot,
    },
}

impl Subject {
    /// Keeps the rooms apart.
    fn label(&self) -> &'static str {
        match self {
            Subject::Learner => "learner",
            Subject::Solution => "solution",
            Subject::Stub => "stub",
            Subject::Changed { label, .. } => label,
        }
    }
}

/// What keeps a check from reaching any verdict.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// There is no such exercise.
    #[error(transparent)]
    UnknownExercise(#[from] UnknownExercise),
    /// There is no such phase.
    #[error("`{exercise}` has no phase {asked}; it has phases 1 to {count}")]
    UnknownPhase {
        /// The exercise.
        exercise: String,
        /// What was asked for.
        asked: u32,
        /// How many there are.
        count: usize,
    },
    /// No test has a name like this.
    #[error("{}", unknown_test(.exercise, *.phase, .asked, .nearest.as_deref()))]
    UnknownTest {
        /// The exercise.
        exercise: String,
        /// The phase that was asked for, if one was.
        phase: Option<u32>,
        /// What was asked for.
        asked: String,
        /// The name that comes near, if one does.
        nearest: Option<String>,
    },
    /// The learner's sources cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The course's own files contradict themselves.
    #[error("the course itself is at fault: {0}")]
    Catalog(#[from] CatalogError),
    /// The room could not be laid out.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// Cargo could not do its work.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The seed of random tests is none.
    #[error(
        "CHECKER_SEED is {0:?}, which is not a whole number from 0 to 2^64 - 1; unset it or correct it"
    )]
    Seed(OsString),
    /// The program that keeps the machine busy did not start.
    #[error("no load could be started: {0}")]
    Load(std::io::Error),
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

fn unknown_test(exercise: &str, phase: Option<u32>, asked: &str, nearest: Option<&str>) -> String {
    let of = phase.map_or_else(String::new, |phase| format!("phase {phase} of "));
    let near = nearest.map_or_else(String::new, |name| format!("did you mean `{name}`? "));
    format!(
        "no test of {of}`{exercise}` has `{asked}` in its name; {near}`checker show {exercise} \
         --tests` lists the names"
    )
}

/// One hidden test that was asked for, before it runs.
#[derive(Debug)]
struct Planned {
    phase: u32,
    name: String,
    note: Note,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Function,
    CompileFail(CompileFail),
    Miri(MiriProgram),
}

impl Checker {
    /// Opens the course of a workspace.
    ///
    /// # Errors
    /// When a manifest of the course is malformed.
    pub fn open(workspace: Workspace) -> Result<Checker, CatalogError> {
        let catalog = Catalog::load(workspace.source())?;
        Ok(Checker { workspace, catalog })
    }

    /// Reads the sources of the crate that a request is about.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn snapshot(&self, exercise: &Exercise, subject: &Subject) -> Result<Snapshot, CheckError> {
        match subject {
            Subject::Learner => {
                let dir = self.workspace.exercise_dir(exercise);
                Ok(Snapshot::take(&dir, exercise.id())?)
            }
            Subject::Solution => Ok(self.course_files(&exercise.solution_dir())),
            Subject::Stub => Ok(self.course_files(&exercise.stub_dir())),
            Subject::Changed { sources, .. } => Ok(sources.clone()),
        }
    }

    /// The sources below a crate's folder of the course itself.
    fn course_files(&self, dir: &str) -> Snapshot {
        let source = self.catalog.source();
        let files = source.files_below(&format!("{dir}/src"));
        let relative = files.into_iter().filter_map(|path| {
            let content = source.read(&path).ok()?;
            Some((
                path.strip_prefix(dir)?.trim_start_matches('/').to_owned(),
                content,
            ))
        });
        Snapshot::of(relative.collect())
    }

    /// Runs a check and reports every verdict; `on` hears of each as it comes.
    ///
    /// # Errors
    /// When no verdict can be reached at all: the request names what does not exist, sources
    /// cannot be read, cargo cannot run, or the run was cancelled.
    pub fn check(
        &self,
        request: &Request,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Report, CheckError> {
        self.prepare(request, cancel, on)?.run(cancel, on)
    }

    /// Builds what a request asks for, ready to run once or many times.
    ///
    /// # Errors
    /// As [`Checker::check`].
    pub fn prepare(
        &self,
        request: &Request,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Prepared<'_>, CheckError> {
        let started = Instant::now();
        seed(std::env::var_os("CHECKER_SEED"))?;
        let exercise = self.catalog.find(&request.exercise)?;
        let phases = selected_phases(exercise, request.phase)?;
        let suite = exercise.suite(self.catalog.source())?;
        let planned = plan(exercise, &suite, &phases, request)?;
        let snapshot = self.snapshot(exercise, &request.subject)?;

        let room = Room::prepare(
            &self.workspace.build_dir(),
            &self.catalog,
            exercise,
            &suite,
            request.subject.label(),
            &snapshot,
            Wait {
                cancel,
                tell: &mut |holder| {
                    on(Event::Waiting {
                        holder: holder.to_owned(),
                    });
                },
            },
        )?;
        on(Event::Compiling);
        let build = Build {
            room: &room,
            exercise,
            source: self.catalog.source(),
            phases: match request.subject {
                // What is built once only need not be complete.
                Subject::Changed { .. } => phases.iter().copied().collect(),
                _ => exercise.phase_numbers().collect(),
            },
            colored: request.colored,
        };
        let built = build.run(cancel).map_err(interrupted)?;
        on(Event::Compiled { took: built.took });
        Ok(Prepared {
            checker: self,
            exercise,
            room,
            built,
            phases,
            planned,
            partial: request.test.is_some(),
            is_learners: request.subject == Subject::Learner,
            source_hash: snapshot.hash,
            notices: self.notices(exercise, &request.subject),
            preparation: started.elapsed(),
        })
    }

    /// What the learner should know although it changes no verdict.
    fn notices(&self, exercise: &Exercise, subject: &Subject) -> Vec<String> {
        let mut notices = Vec::new();
        if *subject != Subject::Learner {
            return notices;
        }
        let dir = self.workspace.exercise_dir(exercise);
        if dir.join("build.rs").exists() {
            notices.push("build.rs is left aside: checks never run build scripts".to_owned());
        }
        let own = std::fs::read_to_string(dir.join("Cargo.toml")).ok();
        let solution = format!("{}/Cargo.toml", exercise.solution_dir());
        let courses = self.catalog.source().read_text(&solution).ok();
        if dependencies(own.as_deref()) != dependencies(courses.as_deref()) {
            notices.push(format!(
                "the dependencies in {}/Cargo.toml differ from the course's, which checks use",
                exercise.stub_dir()
            ));
        }
        notices
    }
}

/// A test function of a suite, to be run under variables of its own.
#[derive(Debug, Clone)]
pub struct Run {
    /// The function, such as `p1_core::a_miss_is_none`.
    pub test: String,
    /// Variables of the environment.
    pub variables: Vec<(String, String)>,
}

/// A built request.
#[derive(Debug)]
pub struct Prepared<'a> {
    checker: &'a Checker,
    exercise: &'a Exercise,
    room: Room,
    built: Built,
    phases: Vec<u32>,
    planned: Vec<Planned>,
    partial: bool,
    is_learners: bool,
    source_hash: String,
    notices: Vec<String>,
    preparation: Duration,
}

impl Prepared<'_> {
    /// Why the crate or some phases could not be built, by phase.
    #[must_use]
    pub fn problems(&self) -> &BTreeMap<u32, CompileProblem> {
        &self.built.problems
    }

    /// Where the errors stand that the crate does not compile for: file and line.
    #[must_use]
    pub fn places(&self) -> &[(String, usize)] {
        &self.built.places
    }

    /// Whether the suite has a test function of this name that could be built.
    #[must_use]
    pub fn has(&self, test: &str) -> bool {
        self.function(test).is_some()
    }

    /// The names of a phase's test functions.
    #[must_use]
    pub fn functions(&self, phase: u32) -> Vec<String> {
        let planned = self.planned.iter();
        planned
            .filter(|test| test.phase == phase && matches!(test.kind, Kind::Function))
            .map(|test| test.name.clone())
            .collect()
    }

    fn function(&self, test: &str) -> Option<&Planned> {
        let mut planned = self.planned.iter();
        planned.find(|planned| {
            planned.name == test
                && matches!(planned.kind, Kind::Function)
                && !self.built.problems.contains_key(&planned.phase)
        })
    }

    /// Runs test functions, each under variables of its own, as many at a time as there are
    /// workers; `on` hears of each as it ends, with the run's index.
    ///
    /// # Errors
    /// When the run was cancelled. A run of a test that [`has`](Self::has) does not know is left
    /// out.
    pub fn run_each(
        &self,
        runs: &[Run],
        workers: usize,
        cancel: &Cancel,
        on: &mut dyn FnMut(usize, TestReport),
    ) -> Result<(), CheckError> {
        let Some(binary) = &self.built.binary else {
            return Ok(());
        };
        let mut known: Vec<(usize, &Run, &Planned)> = runs
            .iter()
            .enumerate()
            .filter_map(|(index, run)| Some((index, run, self.function(&run.test)?)))
            .collect();
        let mut durations = Durations::of(&self.room);
        let key = |run: &Run| {
            let values = run.variables.iter().map(|(_, value)| value.as_str());
            values
                .chain([run.test.as_str()])
                .collect::<Vec<_>>()
                .join(" ")
        };
        let keys: Vec<String> = runs.iter().map(key).collect();
        durations.order(&mut known, |(index, ..)| &keys[*index]);
        let jobs: Vec<Job> = known
            .iter()
            .map(|(_, run, test)| {
                let mut job = job(self.exercise, &self.room, binary, test);
                job.env.extend(run.variables.iter().cloned());
                job
            })
            .collect();
        runner::run_all(&jobs, workers, cancel, &mut |job, end| {
            if let Some((index, _, test)) = known.get(job) {
                durations.note(&keys[*index], millis(end.took));
                on(*index, test_report(self.exercise, test, end));
            }
        });
        durations.keep();
        if cancel.is_cancelled() {
            return Err(CheckError::Interrupted);
        }
        Ok(())
    }

    /// Runs the tests that were asked for.
    ///
    /// # Errors
    /// When cargo cannot judge the compile-fail cases, or the run was cancelled.
    pub fn run(&self, cancel: &Cancel, on: &mut dyn FnMut(Event)) -> Result<Report, CheckError> {
        let started = Instant::now();
        let ended = self.run_tests(cancel, on)?;
        let mut reports = Vec::new();
        for &number in &self.phases {
            let report = self.phase_report(number, &ended);
            on(Event::PhaseDone(Box::new(report.clone())));
            reports.push(report);
        }
        let mut notices = self.notices.clone();
        notices.extend(reports.iter().filter_map(Hung::notice));
        Ok(Report {
            schema: SCHEMA_VERSION,
            exercise: self.exercise.id().to_owned(),
            title: self.exercise.manifest.title.clone(),
            source_hash: self.source_hash.clone(),
            notices,
            build_millis: millis(self.built.took),
            total_millis: millis(self.preparation + started.elapsed()),
            phases: reports,
        })
    }

    /// Runs what was planned of the phases that could be built, in the order of the plan.
    fn run_tests(
        &self,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Vec<(u32, TestReport)>, CheckError> {
        let (exercise, room, built) = (self.exercise, &self.room, &self.built);
        let buildable = |test: &&Planned| !built.problems.contains_key(&test.phase);
        let of_kind = |wanted: fn(&Kind) -> bool| -> Vec<&Planned> {
            let planned = self.planned.iter().filter(buildable);
            planned.filter(|test| wanted(&test.kind)).collect()
        };
        let mut functions = of_kind(|kind| matches!(kind, Kind::Function));
        let cases = of_kind(|kind| matches!(kind, Kind::CompileFail(_)));
        let programs = of_kind(|kind| matches!(kind, Kind::Miri(_)));
        let mut ended: BTreeMap<&str, (u32, TestReport)> = BTreeMap::new();
        let mut finish = |test: &'_ Planned, end: Ended| {
            let report = test_report(exercise, test, end);
            on(Event::Tested {
                phase: test.phase,
                test: Box::new(report.clone()),
            });
            report
        };
        // The compiler judges the cases while the tests run.
        let judged = std::thread::scope(|scope| {
            let sources: Vec<CompileFail> = cases
                .iter()
                .filter_map(|test| match &test.kind {
                    Kind::CompileFail(case) => Some(case.clone()),
                    Kind::Function | Kind::Miri(_) => None,
                })
                .collect();
            let judge = scope.spawn(move || {
                let started = Instant::now();
                harness::cases::judge(room, &sources, cancel)
                    .map(|verdicts| (verdicts, started.elapsed()))
            });
            if let Some(binary) = &built.binary {
                let mut durations = Durations::of(room);
                durations.order(&mut functions, |test| &test.name);
                let jobs: Vec<Job> = functions
                    .iter()
                    .map(|test| job(exercise, room, binary, test))
                    .collect();
                let workers = std::thread::available_parallelism().map_or(2, usize::from);
                let hung = Hung::of(self.is_learners, &self.phases);
                let phase_of = |index: usize| functions.get(index).map(|test| test.phase);
                let choice = Choice {
                    wants: &|index| phase_of(index).is_none_or(|phase| !hung.enough(phase)),
                    ended: &|index, end| {
                        if let Some(phase) = phase_of(index) {
                            hung.note(phase, &end.verdict);
                        }
                    },
                };
                runner::run_chosen(&jobs, workers, cancel, choice, &mut |index, end| {
                    if let Some(test) = functions.get(index) {
                        durations.note(&test.name, millis(end.took));
                        ended.insert(&test.name, (test.phase, finish(test, end)));
                    }
                });
                durations.keep();
                let left_out = functions.iter().filter(|test| hung.enough(test.phase));
                for test in left_out.filter(|_| !cancel.is_cancelled()) {
                    if !ended.contains_key(test.name.as_str()) {
                        ended.insert(&test.name, (test.phase, finish(test, Hung::left_out())));
                    }
                }
            }
            judge
                .join()
                .map_err(|_| BuildError::Cargo("a thread panicked".into()))?
        });
        if cancel.is_cancelled() {
            return Err(CheckError::Interrupted);
        }
        let (verdicts, took) = judged.map_err(interrupted)?;
        for (test, verdict) in cases.iter().zip(verdicts) {
            let end = Ended {
                verdict,
                steps: Vec::new(),
                output: Output::default(),
                took,
            };
            ended.insert(&test.name, (test.phase, finish(test, end)));
        }
        let mut installed = None;
        for test in programs {
            let Kind::Miri(program) = &test.kind else {
                continue;
            };
            let started = Instant::now();
            let rest_passes = ended
                .values()
                .filter(|(phase, _)| *phase == test.phase)
                .all(|(_, report)| report.verdict.is_harmless());
            let verdict = if !rest_passes {
                Verdict::Skipped {
                    needs: "the rest of the phase: Miri runs once all of it passes".to_owned(),
                }
            } else if *installed.get_or_insert_with(|| harness::miri::installed(cancel)) {
                harness::miri::judge(room, exercise, program, cancel)
            } else {
                harness::miri::missing()
            };
            let end = Ended {
                verdict,
                steps: Vec::new(),
                output: Output::default(),
                took: started.elapsed(),
            };
            ended.insert(&test.name, (test.phase, finish(test, end)));
        }
        if cancel.is_cancelled() {
            return Err(CheckError::Interrupted);
        }
        let in_order = self
            .planned
            .iter()
            .filter_map(|test| ended.remove(test.name.as_str()));
        Ok(in_order.collect())
    }

    fn phase_report(&self, number: u32, ended: &[(u32, TestReport)]) -> PhaseReport {
        let of_phase = ended.iter().filter(|(phase, _)| *phase == number);
        let tests: Vec<TestReport> = of_phase.map(|(_, test)| test.clone()).collect();
        let problem = self.built.problems.get(&number).cloned();
        let status = if problem.is_some() {
            PhaseStatus::DoesNotCompile
        } else if self.partial {
            PhaseStatus::Partial
        } else {
            PhaseStatus::of(&tests)
        };
        let phase = self.exercise.manifest.phases.get(number as usize - 1);
        PhaseReport {
            number,
            name: phase.map(|phase| phase.name.clone()).unwrap_or_default(),
            title: phase.map(|phase| phase.title.clone()).unwrap_or_default(),
            status,
            problem,
            tests,
            suite_hash: self
                .exercise
                .suite_hash(self.checker.catalog.source(), number),
        }
    }
}

/// How many tests of each phase ran out of time. A learner who waits for a verdict need not wait for
/// the deadline of each: the phase does not pass any more, and a few show why.
struct Hung(BTreeMap<u32, AtomicUsize>);

/// So many tests of a phase may run out of time before those that have not begun are left out.
const HUNG: usize = 3;

impl Hung {
    /// Nothing is left out of the code of others: a mutant is caught by a certain test.
    fn of(is_learners: bool, phases: &[u32]) -> Hung {
        let counted = phases.iter().filter(|_| is_learners);
        Hung(counted.map(|phase| (*phase, AtomicUsize::new(0))).collect())
    }

    fn note(&self, phase: u32, verdict: &Verdict) {
        if let (Verdict::TimedOut(_), Some(count)) = (verdict, self.0.get(&phase)) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn enough(&self, phase: u32) -> bool {
        let count = self.0.get(&phase);
        count.is_some_and(|count| count.load(Ordering::SeqCst) >= HUNG)
    }

    fn verdict() -> Verdict {
        Verdict::Skipped {
            needs: format!("the others of its phase to end: {HUNG} ran out of time before it"),
        }
    }

    /// Tells why tests of a phase were left out, if some were.
    fn notice(phase: &PhaseReport) -> Option<String> {
        let verdict = Hung::verdict();
        let left_out = phase.tests.iter().filter(|test| test.verdict == verdict);
        let tests = match left_out.count() {
            0 => return None,
            1 => "1 test".to_owned(),
            count => format!("{count} tests"),
        };
        let number = phase.number;
        Some(format!(
            "phase {number}: {tests} did not run, because {HUNG} others had run out of time"
        ))
    }

    /// The end of a test that never began.
    fn left_out() -> Ended {
        Ended {
            verdict: Hung::verdict(),
            steps: Vec::new(),
            output: Output::default(),
            took: Duration::ZERO,
        }
    }
}

/// The tests that a request asks for, phase by phase.
fn plan(
    exercise: &Exercise,
    suite: &Suite,
    phases: &[u32],
    request: &Request,
) -> Result<Vec<Planned>, CheckError> {
    let mut planned = Vec::new();
    for phase in suite.phases.iter().filter(|p| phases.contains(&p.number)) {
        let (number, module) = (phase.number, &phase.module);
        let mut add = |name: String, note: &Note, kind: Kind| {
            planned.push(Planned {
                phase: number,
                name,
                note: note.clone(),
                kind,
            });
        };
        for test in &phase.source.tests {
            add(
                format!("{module}::{}", test.name),
                &test.note,
                Kind::Function,
            );
        }
        for case in suite.cases.iter().filter(|case| case.phase == number) {
            let kind = Kind::CompileFail(case.clone());
            add(compile_fail_name(module, &case.name), &case.note, kind);
        }
        for program in suite.programs.iter().filter(|p| p.phase == number) {
            let kind = Kind::Miri(program.clone());
            add(miri_name(module, &program.name), &program.note, kind);
        }
    }
    if let Some(asked) = &request.test {
        let wanted = |test: &Planned| test.name.contains(asked.as_str());
        if !planned.iter().any(wanted) {
            // A name is mistyped with its phase or without.
            let whole = planned.iter().map(|test| test.name.as_str());
            let short = whole.clone().filter_map(|name| name.split("::").last());
            return Err(CheckError::UnknownTest {
                exercise: exercise.id().to_owned(),
                phase: request.phase,
                asked: asked.clone(),
                nearest: nearest(asked, whole.chain(short)),
            });
        }
        planned.retain(wanted);
    }
    Ok(planned)
}

/// Refuses a seed that tests could not read: each would fail for it.
fn seed(value: Option<OsString>) -> Result<(), CheckError> {
    let is_seed = |value: &OsString| {
        let text = value.to_str().map(str::trim);
        text.is_some_and(|text| text.parse::<u64>().is_ok())
    };
    match value {
        Some(value) if !is_seed(&value) => Err(CheckError::Seed(value)),
        _ => Ok(()),
    }
}

/// The dependencies that a manifest declares; none if it cannot be read.
fn dependencies(manifest: Option<&str>) -> Option<toml::Value> {
    let table: toml::Table = manifest?.parse().ok()?;
    Some(table.get("dependencies")?.clone())
}

fn interrupted(error: BuildError) -> CheckError {
    match error {
        BuildError::Interrupted => CheckError::Interrupted,
        error => CheckError::Build(error),
    }
}

fn selected_phases(exercise: &Exercise, asked: Option<u32>) -> Result<Vec<u32>, CheckError> {
    match asked {
        None => Ok(exercise.phase_numbers().collect()),
        Some(number) if exercise.phase_numbers().any(|other| other == number) => Ok(vec![number]),
        Some(number) => Err(CheckError::UnknownPhase {
            exercise: exercise.id().to_owned(),
            asked: number,
            count: exercise.manifest.phases.len(),
        }),
    }
}

fn job(exercise: &Exercise, room: &Room, binary: &Path, test: &Planned) -> Job {
    let mut limits = exercise.manifest.limits;
    limits.seconds = test.note.seconds.unwrap_or(limits.seconds);
    Job {
        binary: binary.to_path_buf(),
        test: test.name.clone(),
        limits,
        dir: room.dir().to_path_buf(),
        // A learner needs the place of a panic; a backtrace through the harness hides it.
        env: vec![("RUST_BACKTRACE".to_owned(), "0".to_owned())],
    }
}

fn test_report(exercise: &Exercise, test: &Planned, ended: Ended) -> TestReport {
    let phase = exercise.manifest.phases.get(test.phase as usize - 1);
    let section = test.note.section.as_deref();
    let anchor = section.or(phase.map(|phase| phase.section.as_str()));
    TestReport {
        name: test.name.clone(),
        behaviour: test.note.behaviour.clone(),
        details: test.note.details.clone(),
        hint: test.note.hint.clone(),
        read_on: format!("{}#{}", exercise.page(), anchor.unwrap_or_default()),
        verdict: with_own_places(ended.verdict, &exercise.stub_dir()),
        steps: ended.steps,
        millis: millis(ended.took),
        output: ended.output,
    }
}

/// A verdict that names places in the learner's crate only: a place in a hidden test or in a
/// library is none where a learner could look.
fn with_own_places(mut verdict: Verdict, crate_dir: &str) -> Verdict {
    let is_own = |place: &mut String| {
        let path = place.replace('\\', "/");
        let below = path.strip_prefix(crate_dir);
        below.is_some_and(|rest| rest.starts_with('/'))
    };
    match &mut verdict {
        Verdict::Failed(Failure { location, .. }) | Verdict::NotImplemented { location, .. } => {
            *location = location.take_if(is_own);
        }
        _ => {}
    }
    verdict
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Manner, TimedOut};

    const DIR: &str = "exercises/01-core-rust/lru-cache";

    #[test]
    fn a_seed_is_a_whole_number() {
        for given in [None, Some("0"), Some(" 41\n"), Some("18446744073709551615")] {
            assert!(seed(given.map(OsString::from)).is_ok(), "{given:?}");
        }
        for given in ["", "abc", "-1", "1.5", "18446744073709551616"] {
            let error = seed(Some(given.into())).unwrap_err().to_string();
            assert!(error.contains("CHECKER_SEED"), "{error}");
        }
    }

    /// The place that is left of one in a failure, and of one in a `todo!`.
    fn left_of(place: &str) -> [Option<String>; 2] {
        let failed = Verdict::Failed(Failure {
            message: "m".to_owned(),
            location: Some(place.to_owned()),
            ..Failure::default()
        });
        let unwritten = Verdict::NotImplemented {
            message: "m".to_owned(),
            location: Some(place.to_owned()),
        };
        [failed, unwritten].map(|verdict| match with_own_places(verdict, DIR) {
            Verdict::Failed(Failure { location, .. })
            | Verdict::NotImplemented { location, .. } => location,
            other => panic!("another verdict: {other:?}"),
        })
    }

    #[test]
    fn places_in_the_learners_crate_are_kept() {
        for place in [
            "exercises/01-core-rust/lru-cache/src/cache.rs:42:9",
            r"exercises\01-core-rust\lru-cache\src\cache.rs:42:9",
        ] {
            assert_eq!(
                left_of(place),
                [Some(place.to_owned()), Some(place.to_owned())]
            );
        }
    }

    #[test]
    fn places_in_hidden_tests_and_in_libraries_are_left_out() {
        for place in [
            "suite/p1_core.rs:221:14",
            "/home/a/.cargo/registry/src/index/hashbrown-0.16.0/src/raw.rs:1:1",
            "exercises/01-core-rust/lru-cache-2/src/lib.rs:1:1",
        ] {
            assert_eq!(left_of(place), [None, None], "{place}");
        }
    }

    #[test]
    fn a_phase_in_which_three_tests_hang_is_not_run_to_its_end_and_the_others_are() {
        let hung = Hung::of(true, &[1, 2]);
        for _ in 0..HUNG {
            assert!(!hung.enough(1));
            hung.note(1, &Verdict::Passed);
            hung.note(1, &timed_out());
        }
        assert!(hung.enough(1));
        assert!(!hung.enough(2));
    }

    #[test]
    fn nothing_is_left_out_of_code_that_is_not_the_learners() {
        let hung = Hung::of(false, &[1]);
        for _ in 0..2 * HUNG {
            hung.note(1, &timed_out());
        }
        assert!(!hung.enough(1));
    }

    fn timed_out() -> Verdict {
        Verdict::TimedOut(TimedOut {
            seconds: 1.0,
            ran_seconds: 1.0,
            waited_seconds: 0.0,
            wall_seconds: 1.0,
            manner: Manner::Computing,
        })
    }
}
