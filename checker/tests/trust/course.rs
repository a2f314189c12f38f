//! A copy of the miniature course, in which one learner after the other takes their place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use checker::catalog::Catalog;
use checker::catalog::source::Source;
use checker::check::{CheckError, Checker, Request};
use checker::runner::Cancel;
use checker::verdict::Report;
use checker::workspace::Workspace;

use crate::support::{copy, fixtures, lay_out};

/// The exercise that learners break.
pub(crate) const EXERCISE: &str = "counter";
/// The folder of its module.
const MODULE: &str = "00-fixtures";

/// What a learner's files are laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Start {
    /// The stub.
    #[default]
    Stub,
    /// The reference solution.
    Solution,
}

/// The copied course. All tests share one, so that what it depends on is built once.
pub(crate) struct Course {
    /// Where learners work.
    root: PathBuf,
    /// The course as an installed checker carries it, which no learner can edit.
    carried: PathBuf,
}

/// The course, for one learner at a time.
pub(crate) fn course() -> MutexGuard<'static, Course> {
    static COURSE: LazyLock<Mutex<Course>> = LazyLock::new(|| Mutex::new(Course::lay_out()));
    // A failed test leaves nothing behind that the next one does not replace.
    COURSE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Course {
    /// Copies the course beside what earlier runs of these tests built.
    fn lay_out() -> Course {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trust");
        let (root, carried) = (folder.join("course"), folder.join("carried"));
        for copied in [&root, &carried] {
            fs::create_dir_all(copied).unwrap();
            remove_all_but_target(copied);
            lay_out(copied);
        }
        Course {
            root: root.canonicalize().unwrap(),
            carried,
        }
    }

    /// The course's folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The learner's crate.
    pub(crate) fn learner(&self) -> PathBuf {
        self.crate_of(EXERCISE)
    }

    /// The hidden tests, of the course that checks carry.
    pub(crate) fn suite(&self) -> PathBuf {
        let suites = self.carried.join("checker/suites");
        suites.join(MODULE).join(EXERCISE)
    }

    /// The learner's crate for an exercise.
    pub(crate) fn crate_of(&self, exercise: &str) -> PathBuf {
        self.root.join("exercises").join(MODULE).join(exercise)
    }

    /// Puts a learner in their place: the start, and over it the files in a folder of the
    /// fixtures.
    pub(crate) fn enter(&self, start: Start, files: Option<&str>) {
        self.begin(EXERCISE, start);
        if let Some(name) = files {
            copy(&fixtures("learners").join(name), &self.learner());
        }
    }

    /// Puts the stub of an exercise in its place, or its solution.
    pub(crate) fn begin(&self, exercise: &str, start: Start) {
        let learner = self.crate_of(exercise);
        if learner.exists() {
            fs::remove_dir_all(&learner).unwrap();
        }
        let original = |tree: &str| fixtures("course").join(tree).join(MODULE).join(exercise);
        copy(&original("exercises"), &learner);
        if start == Start::Solution {
            copy(&original("solutions").join("src"), &learner.join("src"));
        }
    }

    /// Checks the learner's crate, as an installed program does.
    pub(crate) fn check(&self, test: Option<&str>) -> Result<Report, CheckError> {
        self.check_of(EXERCISE, test)
    }

    /// Checks the learner's crate for an exercise.
    pub(crate) fn check_of(
        &self,
        exercise: &str,
        test: Option<&str>,
    ) -> Result<Report, CheckError> {
        let checker = Checker {
            workspace: Workspace::at(&self.root).unwrap(),
            catalog: Catalog::load(Source::Disk(self.carried.clone())).unwrap(),
        };
        let mut request = Request::of(exercise);
        request.test = test.map(str::to_owned);
        checker.check(&request, &Cancel::new(), &mut |_| {})
    }

    /// The program, about to check the learner's crate.
    pub(crate) fn program(&self, test: Option<&str>, time_scale: f64) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checker"));
        command
            .arg("--course")
            .arg(&self.root)
            .args(["check", EXERCISE, "--json"])
            .env("CHECKER_TIME_SCALE", time_scale.to_string())
            .stdin(Stdio::null());
        if let Some(test) = test {
            command.args(["--test", test]);
        }
        command
    }

    /// The names of the running processes that work somewhere in the course's folder: whatever
    /// compilers, tests and learners started, wherever they hide.
    #[cfg(target_os = "linux")]
    pub(crate) fn survivors(&self) -> Vec<String> {
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        processes
            .map(|entry| entry.path())
            .filter(|process| {
                fs::read_link(process.join("cwd")).is_ok_and(|dir| dir.starts_with(&self.root))
            })
            .filter_map(|process| fs::read_to_string(process.join("comm")).ok())
            .map(|name| name.trim().to_owned())
            .collect()
    }

    /// Elsewhere, they cannot be found in this way.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn survivors(&self) -> Vec<String> {
        Vec::new()
    }
}

fn remove_all_but_target(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() == "target" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        } else {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}
