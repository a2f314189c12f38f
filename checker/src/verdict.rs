//! What a check can say: the verdict of one test, the status of a phase, the report of a run.
//!
//! An expected outcome — a failed test, code that does not compile — is a verdict, never an
//! error. Errors are for what keeps the checker from reaching a verdict at all.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the machine-readable report. It grows when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// How one hidden test ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The test's body returned and the process ended as it should.
    Passed,
    /// An assertion of the test failed, or the code under test panicked.
    Failed(Failure),
    /// A `todo!()` was reached.
    NotImplemented {
        /// The text of the `todo!`, which names the phase in a stub.
        message: String,
        /// Where it stands, as `file:line:column`.
        location: Option<String>,
    },
    /// A program that must be rejected compiled, or was rejected for another reason.
    WronglyCompiled(CompileCase),
    /// The test had all of its time without ending, and was killed.
    TimedOut(TimedOut),
    /// The process ended without finishing the test.
    Crashed(Crash),
    /// A limit was passed, and the process was killed or refused.
    OverLimit {
        /// What ran out.
        resource: Resource,
        /// The limit, with its unit.
        limit: String,
    },
    /// The test needs a tool that this machine does not have. It counts neither way.
    Skipped {
        /// The missing tool and how to install it.
        needs: String,
    },
    /// The checker itself could not do its work; the learner's code is not to blame.
    CheckerFault {
        /// What went wrong.
        message: String,
        /// Who is at fault.
        #[serde(default)]
        origin: FaultOrigin,
    },
}

/// A test that did not end in its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimedOut {
    /// The deadline, in seconds that the test had: it ran, or did nothing by its own will. Time in
    /// which it waited for a processor does not count.
    pub seconds: f64,
    /// Seconds of processor time, of all its processes and threads together.
    pub ran_seconds: f64,
    /// Seconds in which its processes and threads could run but had no processor, together.
    pub waited_seconds: f64,
    /// Seconds by the wall clock.
    pub wall_seconds: f64,
    /// What it did in the end.
    pub manner: Manner,
}

/// What a test did when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// It was still computing: it is slow, or does not end.
    Computing,
    /// It neither ran nor wanted to: it waited for something that did not come.
    Waiting,
}

/// Who is at fault if the checker could not do its work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultOrigin {
    /// The checker, or the course.
    #[default]
    Checker,
    /// This machine: it is too busy, or something cannot be written.
    Machine,
}

/// A failed assertion with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// What went wrong, in a sentence.
    pub message: String,
    /// What should have happened.
    pub expected: Option<String>,
    /// What happened.
    pub received: Option<String>,
    /// The seed that repeats a random test.
    pub seed: Option<u64>,
    /// Where the panic happened, when that is in the learner's code.
    pub location: Option<String>,
}

/// A compile-fail case that did not fail as it should.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompileCase {
    /// The program that must be rejected.
    pub program: String,
    /// The errors that were expected, as `E0499 at line 12`.
    pub expected: Vec<String>,
    /// The errors that came.
    pub received: Vec<String>,
}

/// How a process ended before its test did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Crash {
    /// The stack overflowed.
    StackOverflow,
    /// The process aborted, for example by a panic while panicking.
    Abort,
    /// A signal ended the process.
    Signal {
        /// The signal's number.
        number: i32,
    },
    /// The process ended by itself, for example by `std::process::exit`.
    Exited {
        /// The exit code, where the system gives one.
        code: Option<i32>,
    },
}

/// What a limit is set on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Memory of one process.
    Memory,
    /// Bytes written to the standard streams.
    Output,
    /// Size of a written file.
    FileSize,
    /// Size of all temporary files together.
    Files,
    /// Processes and threads started by one test.
    Processes,
}

/// What a test printed, head and tail kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Standard output, invalid UTF-8 replaced.
    pub stdout: String,
    /// The error stream, invalid UTF-8 replaced, without the runner's own lines.
    pub stderr: String,
}

impl Output {
    /// Whether nothing was printed at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stdout.trim().is_empty() && self.stderr.trim().is_empty()
    }
}

/// One test of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// The name that `--test` takes, such as `p1_core::a_miss_is_none`.
    pub name: String,
    /// The behaviour, in a sentence.
    pub behaviour: String,
    /// What usually goes wrong; empty where the suite says nothing.
    pub details: String,
    /// A sentence that helps, where the suite has one.
    pub hint: Option<String>,
    /// Page and anchor to read on, such as `01-core-rust/lru-cache.html#phase-1-core`.
    pub read_on: String,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The steps that the test took before it ended, first and last; of a random test, those of
    /// the smallest input known. Empty if it passed.
    #[serde(default)]
    pub steps: Vec<String>,
    /// Wall-clock time, in milliseconds.
    pub millis: u64,
    /// What the test printed.
    pub output: Output,
}

/// Where a phase stands after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhaseStatus {
    /// Every test passed.
    Passed,
    /// Some test failed.
    Failed,
    /// Every test that failed reached a `todo!()`.
    NotImplemented,
    /// The learner's crate, or this phase against it, does not compile.
    DoesNotCompile,
    /// The checker could not do its work.
    CheckerFault,
    /// Only some of the phase's tests were asked for, or the run was interrupted.
    Partial,
}

/// Why a phase could not be built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "origin", rename_all = "snake_case")]
pub enum CompileProblem {
    /// The learner's crate has errors.
    Learner {
        /// The errors as rustc renders them.
        rendered: String,
        /// How many there are.
        errors: usize,
    },
    /// The learner's crate compiles, but lacks what the phase uses.
    Interface {
        /// What rustc says, without the hidden source.
        messages: Vec<String>,
        /// The declarations that the course's stub has for the names in question.
        expected: Vec<String>,
    },
}

/// One phase of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseReport {
    /// The number, from 1.
    pub number: u32,
    /// The name, such as `core`.
    pub name: String,
    /// The title, such as `Core`.
    pub title: String,
    /// Where the phase stands.
    pub status: PhaseStatus,
    /// Why it could not be built, if so.
    pub problem: Option<CompileProblem>,
    /// The tests that ran, in the order of the suite.
    pub tests: Vec<TestReport>,
    /// Hash of this phase's hidden tests.
    pub suite_hash: String,
}

impl PhaseReport {
    /// How many tests passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.tests
            .iter()
            .filter(|test| test.verdict == Verdict::Passed)
            .count()
    }

    /// The first test that did not pass, which is where a learner goes on.
    #[must_use]
    pub fn first_failure(&self) -> Option<&TestReport> {
        self.tests.iter().find(|test| !test.verdict.is_harmless())
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this format.
    pub schema: u32,
    /// The exercise's id.
    pub exercise: String,
    /// The exercise's title.
    pub title: String,
    /// Hash of the learner's sources that were checked.
    pub source_hash: String,
    /// Remarks that change no verdict, such as an edited manifest that was left aside.
    pub notices: Vec<String>,
    /// Time to build, in milliseconds.
    pub build_millis: u64,
    /// Time from start to the last verdict, in milliseconds.
    pub total_millis: u64,
    /// The phases that were asked for.
    pub phases: Vec<PhaseReport>,
}

impl Report {
    /// Whether everything that was asked for passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.phases.iter().all(|phase| {
            phase.problem.is_none() && phase.tests.iter().all(|test| test.verdict.is_harmless())
        })
    }

    /// Whether the checker failed to do its own work somewhere.
    #[must_use]
    pub fn has_checker_fault(&self) -> bool {
        self.phases
            .iter()
            .any(|phase| phase.status == PhaseStatus::CheckerFault)
    }

    /// The first phase that is not passed.
    #[must_use]
    pub fn first_open_phase(&self) -> Option<&PhaseReport> {
        self.phases
            .iter()
            .find(|phase| phase.status != PhaseStatus::Passed)
    }
}

impl Verdict {
    /// Whether this verdict keeps a phase from passing: all but a pass and a skip do.
    #[must_use]
    pub fn is_harmless(&self) -> bool {
        matches!(self, Verdict::Passed | Verdict::Skipped { .. })
    }

    /// A word or two for lists.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed(_) => "failed",
            Verdict::NotImplemented { .. } => "not implemented",
            Verdict::WronglyCompiled(_) => "compiles wrongly",
            Verdict::TimedOut(_) => "timed out",
            Verdict::Crashed(_) => "crashed",
            Verdict::OverLimit { .. } => "over limit",
            Verdict::Skipped { .. } => "skipped",
            Verdict::CheckerFault { .. } => "checker fault",
        }
    }
}

impl PhaseStatus {
    /// Derives the status from the verdicts of a phase whose tests all ran.
    #[must_use]
    pub fn of(tests: &[TestReport]) -> PhaseStatus {
        let open = || tests.iter().filter(|test| !test.verdict.is_harmless());
        if open().any(|test| matches!(test.verdict, Verdict::CheckerFault { .. })) {
            PhaseStatus::CheckerFault
        } else if open().next().is_none() {
            PhaseStatus::Passed
        } else if open().all(|test| matches!(test.verdict, Verdict::NotImplemented { .. })) {
            PhaseStatus::NotImplemented
        } else {
            PhaseStatus::Failed
        }
    }

    /// A word or two for lists.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            PhaseStatus::Passed => "passed",
            PhaseStatus::Failed => "failed",
            PhaseStatus::NotImplemented => "not implemented",
            PhaseStatus::DoesNotCompile => "does not compile",
            PhaseStatus::CheckerFault => "checker fault",
            PhaseStatus::Partial => "partly run",
        }
    }
}

/// What happens during a run, as it happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// Another process works on the same crate, and has to end first.
    Waiting {
        /// Which one, such as `process 4711 (checker watch lru-cache)`.
        holder: String,
    },
    /// The learner's crate and the suite are being compiled.
    Compiling,
    /// The binary is ready, or the phases that could not be built are known.
    Compiled {
        /// How long it took.
        took: Duration,
    },
    /// A test ended.
    Tested {
        /// The phase's number.
        phase: u32,
        /// Its report.
        test: Box<TestReport>,
    },
    /// A phase is complete.
    PhaseDone(Box<PhaseReport>),
}
