//! The miniature course, served: a learner's folder with exercises that can really be checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use checker::catalog::source::Source;
use checker::site::serve::Options;
use checker::workspace::Workspace;
use serde_json::Value;

use crate::course::pages;
use crate::server::Server;
use crate::support::{copy, fixtures, lay_out};

/// The exercise that is worked on.
pub(crate) const EXERCISE: &str = "counter";
const PLACE: &str = "00-fixtures/counter";

/// The course, for one test at a time: all of them share what it builds.
pub(crate) struct Workshop {
    root: PathBuf,
}

/// The course as a learner finds it on the first day.
pub(crate) fn workshop() -> MutexGuard<'static, Workshop> {
    static WORKSHOP: LazyLock<Mutex<Workshop>> = LazyLock::new(|| Mutex::new(Workshop::lay_out()));
    // A failed test leaves nothing behind that the next one does not replace.
    let workshop = WORKSHOP.lock().unwrap_or_else(PoisonError::into_inner);
    workshop.clear();
    workshop
}

impl Workshop {
    fn lay_out() -> Workshop {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workshop");
        fs::create_dir_all(&root).unwrap();
        lay_out(&root);
        let workshop = Workshop {
            root: root.canonicalize().unwrap(),
        };
        workshop.write(
            "book.toml",
            "[book]\ntitle = \"Course\"\nsrc = \"book\"\n[build]\nbuild-dir = \"target/site\"\n",
        );
        workshop.write("book/SUMMARY.md", &format!("- [A counter]({PLACE}.md)\n"));
        let code = "[package]\nname = \"book-code\"\nversion = \"0.0.0\"\n[dependencies]\n";
        let solution = format!("{EXERCISE}-solution = {{ path = \"../../solutions/{PLACE}\" }}\n");
        workshop.write("checker/book-code/Cargo.toml", &format!("{code}{solution}"));
        workshop
    }

    /// Makes it the first day.
    fn clear(&self) {
        for folder in [self.path(".course"), self.learner("")] {
            if folder.exists() {
                fs::remove_dir_all(folder).unwrap();
            }
        }
        copy(&fixtures("course/exercises").join(PLACE), &self.learner(""));
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A file of the learner's crate.
    pub(crate) fn learner(&self, file: &str) -> PathBuf {
        self.path("exercises").join(PLACE).join(file)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Saves a file of the learner's crate.
    pub(crate) fn save(&self, file: &str, text: &str) {
        fs::write(self.learner(file), text).unwrap();
    }

    /// Puts the reference in the learner's place.
    pub(crate) fn solve(&self) {
        copy(
            &self.path("solutions").join(PLACE).join("src"),
            &self.learner("src"),
        );
    }

    /// Puts code in the learner's place that never comes to an end.
    pub(crate) fn loop_forever(&self) {
        copy(&fixtures("learners/endless-loop/src"), &self.learner("src"));
    }

    /// A server whose first build went well.
    pub(crate) fn serve(&self) -> Server {
        let (sender, opened) = channel();
        let workspace = Workspace::at(&self.root).unwrap();
        let options = Options {
            source: Source::Disk(self.root.clone()),
            work_dir: workspace.build_dir(),
            port: Some(0),
            pages: pages(&self.root),
            opener: Arc::new(move |path: &Path, line| {
                let _ = sender.send((path.to_path_buf(), line));
                Ok(())
            }),
            on_event: Box::new(|_| {}),
        };
        Server::with(options, opened).built()
    }

    /// What a command of the program prints as JSON.
    pub(crate) fn program(&self, arguments: &[&str]) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_checker"))
            .arg("--course")
            .arg(&self.root)
            .args(arguments)
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The states of the exercise's phases, as the program's `progress` tells them.
    pub(crate) fn progress(&self) -> Vec<String> {
        let document = self.program(&["progress", "--json"]);
        states(&document)
    }
}

/// The states of the first exercise's phases, in what `progress` or a page is told.
pub(crate) fn states(document: &Value) -> Vec<String> {
    let phases = document["exercises"][0]["phases"].as_array().unwrap();
    let state = |phase: &Value| phase["state"].as_str().unwrap().to_owned();
    phases.iter().map(state).collect()
}
