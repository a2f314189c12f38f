//! Whose fault it is that a build failed.
//!
//! An error is the learner's if the place that it is about is in their files. Some errors have no
//! place: a program that cannot be linked is the learner's if the symbol or the library that the
//! linker names stands in their files, and a compiler that takes too much while it compiles their
//! crate was made to by the crate. All else is the machine's, or the course's.

use std::collections::BTreeSet;
use std::path::Path;

use super::cargo::{BuildError, DEADLINE_SECONDS, Diagnostic, FILE_MIB, Finished, MEMORY_MIB};
use super::linker;
use crate::verdict::CompileProblem;

/// What systems say of a disk without space. A linker that writes through memory is ended by a bus
/// error then.
const FULL: [&str; 4] = [
    "No space left on device",
    "Disk quota exceeded",
    "There is not enough space on the disk",
    "[Bus error]",
];

/// A failed build, to be judged.
pub(super) struct Blame<'a> {
    /// What cargo said.
    pub(super) finished: &'a Finished,
    /// The name of the crate's package. The names of all that is built of a room begin with it.
    pub(super) package: &'a str,
    /// The room.
    pub(super) dir: &'a Path,
    /// The crate's folder, relative to the room.
    pub(super) own: &'a str,
}

impl Blame<'_> {
    /// What is wrong with the learner's code, if that is why the build failed.
    pub(super) fn learners(&self) -> Option<CompileProblem> {
        if self.is_disk_full() {
            return None;
        }
        let own: Vec<&Diagnostic> = self
            .finished
            .errors()
            .map(|(_, diagnostic)| diagnostic)
            .filter(|diagnostic| diagnostic.file().is_some_and(|file| self.is_own(&file)))
            .collect();
        if !own.is_empty() {
            let rendered = own.iter().filter_map(|error| error.rendered.as_deref());
            return Some(CompileProblem::Learner {
                rendered: rendered.collect(),
                errors: own.len(),
            });
        }
        let rendered = self.without_place()?;
        Some(CompileProblem::Learner {
            rendered,
            errors: 1,
        })
    }

    /// The failure, if it is not the learner's.
    pub(super) fn machines(&self) -> BuildError {
        if self.is_disk_full() {
            let what = "no space is left on the disk; free some, and try again";
            return BuildError::Machine(what.to_owned());
        }
        if self.finished.timed_out {
            let what = format!(
                "what the course depends on was not compiled within {DEADLINE_SECONDS} s; what is \
                 done is kept, so try again, or set CHECKER_TIME_SCALE to 4"
            );
            return BuildError::Machine(what);
        }
        let errors: Vec<&str> = self
            .finished
            .errors()
            .filter_map(|(_, error)| error.rendered.as_deref())
            .collect();
        let said = if errors.is_empty() {
            self.finished.stderr.trim().to_owned()
        } else {
            errors.concat()
        };
        BuildError::Cargo(printable(&said))
    }

    /// What is wrong with the learner's code where the compiler names no place.
    fn without_place(&self) -> Option<String> {
        if self.finished.timed_out || self.finished.over_limit {
            let what = if self.finished.timed_out {
                format!("did not finish within {DEADLINE_SECONDS} s")
            } else {
                "wrote or took more than a build may".to_owned()
            };
            let rendered =
                format!("the compiler {what}; look for a macro or a constant that never ends");
            return self.is_compiled_last().then_some(rendered);
        }
        for (_, error) in self.finished.errors() {
            if error.message.contains("global allocator") {
                return Some(
                    "error: the library sets a `#[global_allocator]`, and the program that tests \
                     it has one already, which counts\n  A program has one allocator; a library \
                     leaves the choice to it. Move yours to a program, a test or a benchmark.\n"
                        .to_owned(),
                );
            }
            let said = error.rendered.as_deref().unwrap_or_default();
            let is_link = error.message.starts_with("linking with ");
            if is_link && let Some(problem) = linker::problem(said, &self.sources()) {
                return Some(printable(&problem));
            }
        }
        if !self.is_failed_package() {
            return None;
        }
        let death = self.finished.death()?;
        Some(format!("the compiler {death}"))
    }

    fn is_own(&self, file: &str) -> bool {
        let below = |file: &str| {
            let rest = file.strip_prefix(self.own);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        below(file) || file.split_once(&format!("/{}/", self.own)).is_some()
    }

    /// Whether anything but the learner's code says that the disk is full: a message with a place
    /// may quote the code.
    fn is_disk_full(&self) -> bool {
        let tells = |text: &str| FULL.iter().any(|full| text.contains(full));
        let mut placeless = self.finished.errors().filter(|(_, e)| e.file().is_none());
        tells(&self.finished.stderr)
            || placeless.any(|(_, error)| tells(error.rendered.as_deref().unwrap_or_default()))
    }

    /// Whether the package that cargo could not compile is one of the room's.
    fn is_failed_package(&self) -> bool {
        let failed = self.finished.stderr.lines().filter_map(|line| {
            let (_, rest) = line.split_once("could not compile `")?;
            rest.split('`').next()
        });
        failed
            .into_iter()
            .any(|name| name.starts_with(self.package))
    }

    /// Whether all that was compiled and is not done are packages of the room.
    fn is_compiled_last(&self) -> bool {
        let begun = self.finished.stderr.lines().filter_map(|line| {
            let rest = line.trim().strip_prefix("Compiling ")?;
            rest.split(' ').next()
        });
        let done: BTreeSet<String> = self
            .finished
            .messages
            .iter()
            .filter(|message| message.reason == "compiler-artifact")
            .filter_map(|message| message.target.as_ref())
            .filter(|target| target.kind.iter().all(|kind| kind != "custom-build"))
            .map(|target| target.name.replace('-', "_"))
            .collect();
        let mut open = begun
            .filter(|name| !done.contains(&name.replace('-', "_")))
            .peekable();
        open.peek().is_some() && open.all(|name| name.starts_with(self.package))
    }

    /// All that the learner wrote, in which a linker's symbols are looked up.
    fn sources(&self) -> String {
        let files = walkdir::WalkDir::new(self.dir.join(self.own)).into_iter();
        files
            .filter_map(Result::ok)
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|ending| ending == "rs")
            })
            .filter_map(|entry| std::fs::read(entry.path()).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }
}

impl Finished {
    /// How the compiler ended where the code that it compiled made it end, and what to look for.
    pub(super) fn death(&self) -> Option<String> {
        let said = |part: &str| self.stderr.contains(part);
        if said("memory allocation of ") || said("LLVM ERROR: out of memory") {
            Some(format!(
                "ran out of memory at {MEMORY_MIB} MiB; look for a macro that never ends"
            ))
        } else if said("(signal: 25") || said("File too large") {
            Some(format!(
                "wrote a file of more than {FILE_MIB} MiB; look for a static or a constant that is \
                 very large"
            ))
        } else if said("(signal: 11") || said("overflowed its stack") {
            Some("crashed; look for a macro or a type that never ends".to_owned())
        } else {
            None
        }
    }
}

/// A text whose control characters cannot command a terminal.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('?'),
        '\u{7f}' => '\u{2421}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::harness::cargo::Message;

    const PACKAGE: &str = "counter-learner-1a2b3c4d";
    const OWN: &str = "exercises/00-fixtures/counter";

    /// A message of the compiler about a target, at a place if it has one.
    fn error(target: &str, message: &str, place: Option<(&str, usize)>) -> Message {
        let spans: Vec<_> = place
            .iter()
            .map(|(file, end)| {
                json!({ "file_name": file, "line_start": 1, "byte_end": end, "is_primary": true })
            })
            .collect();
        let code = message
            .split_once(": ")
            .map(|(code, _)| json!({ "code": code }));
        let code = code.filter(|_| message.starts_with('E'));
        serde_json::from_value(json!({
            "reason": "compiler-message",
            "target": { "name": target, "kind": ["lib"] },
            "message": {
                "message": message, "level": "error", "code": code, "spans": spans,
                "rendered": format!("error: {message}\n"),
            },
        }))
        .unwrap()
    }

    fn artifact(target: &str) -> Message {
        serde_json::from_value(json!({
            "reason": "compiler-artifact", "target": { "name": target, "kind": ["lib"] },
        }))
        .unwrap()
    }

    fn failed(messages: Vec<Message>, stderr: &str) -> Finished {
        Finished {
            messages,
            stderr: stderr.to_owned(),
            succeeded: false,
            timed_out: false,
            over_limit: false,
        }
    }

    /// What the learner is told, or else how the failure is told.
    fn judged(finished: &Finished) -> Result<String, String> {
        let blame = Blame {
            finished,
            package: PACKAGE,
            dir: Path::new("no/such/room"),
            own: OWN,
        };
        match blame.learners() {
            Some(CompileProblem::Learner { rendered, .. }) => Ok(rendered),
            Some(other) => panic!("{other:?}"),
            None => Err(blame.machines().to_string()),
        }
    }

    #[test]
    fn an_error_is_the_learners_if_its_place_is() {
        let own = format!("{OWN}/src/lib.rs");
        for file in [
            own.as_str(),
            &own.replace('/', "\\"),
            &format!("/a/rooms/b/{own}"),
        ] {
            let finished = failed(vec![error("counter", "E0308: types", Some((file, 9)))], "");
            assert!(judged(&finished).is_ok(), "{file}");
        }
        for file in [
            "suite/p1_core.rs",
            "exercises/00-fixtures/counter-2/src/lib.rs",
        ] {
            let finished = failed(vec![error("suite", "E0308: types", Some((file, 9)))], "");
            assert!(judged(&finished).is_err(), "{file}");
        }
    }

    #[test]
    fn a_missing_standard_library_is_the_machines_fault_wherever_it_is_noticed() {
        let own = format!("{OWN}/src/lib.rs");
        let missing = error(
            "counter",
            "E0463: can't find crate for `core`",
            Some((&own, 0)),
        );
        let told = judged(&failed(vec![missing], "")).unwrap_err();
        assert!(told.contains("can't find crate"), "{told}");
        let of_own = error(
            "counter",
            "E0463: can't find crate for `x`",
            Some((&own, 14)),
        );
        assert!(judged(&failed(vec![of_own], "")).is_ok());
    }

    #[test]
    fn a_full_disk_is_the_machines_fault() {
        let own = format!("{OWN}/src/lib.rs");
        let message = "failed to write `a.rmeta`: No space left on device (os error 28)";
        for finished in [
            failed(vec![error("counter", message, None)], ""),
            failed(
                Vec::new(),
                "rustc-LLVM ERROR: IO failure on output stream: No space left on device",
            ),
            failed(
                vec![error(
                    "suite",
                    "linking with `cc` failed: ld terminated with signal 7 [Bus error]",
                    None,
                )],
                "",
            ),
            // A crate that was written in part is missed at the learner's place.
            failed(
                vec![
                    error("counter", message, None),
                    error(
                        "counter",
                        "E0463: can't find crate for `b`",
                        Some((&own, 14)),
                    ),
                ],
                "",
            ),
        ] {
            let told = judged(&finished).unwrap_err();
            assert!(told.contains("no space is left on the disk"), "{told}");
        }
        // A learner may write of it.
        let quoted = error("counter", "No space left on device", Some((&own, 14)));
        assert!(judged(&failed(vec![quoted], "")).is_ok());
    }

    #[test]
    fn an_error_without_a_place_is_not_the_learners() {
        let message = "couldn't create a temp dir: No such file or directory (os error 2)";
        let told = judged(&failed(vec![error("counter", message, None)], "")).unwrap_err();
        assert!(told.starts_with("cargo failed"), "{told}");
    }

    #[test]
    fn an_allocator_beside_the_suites_is_the_learners() {
        let message = "the `#[global_allocator]` in this crate conflicts with global allocator in: \
                       counter";
        let told = judged(&failed(vec![error("suite", message, None)], "")).unwrap();
        assert!(told.contains("A program has one allocator"), "{told}");
    }

    #[test]
    fn a_compiler_that_dies_is_blamed_on_the_package_that_it_compiled() {
        let died = |package: &str, how: &str| {
            judged(&failed(
                Vec::new(),
                &format!(
                    "error: could not compile `{package}` (lib)\n\nCaused by:\n  process didn't exit \
                     successfully: `rustc` ({how})"
                ),
            ))
        };
        assert!(died(PACKAGE, "signal: 11, SIGSEGV: invalid memory reference").is_ok());
        assert!(died(&format!("{PACKAGE}-suite"), "signal: 25").is_ok());
        assert!(died("proptest", "signal: 11, SIGSEGV: invalid memory reference").is_err());
        // The system takes memory back from whom it likes.
        assert!(died(PACKAGE, "signal: 9, SIGKILL: kill").is_err());
    }

    #[test]
    fn time_that_runs_out_is_the_learners_only_when_nothing_else_was_compiled() {
        let stopped = |messages, stderr: &str| {
            let mut finished = failed(messages, stderr);
            finished.timed_out = true;
            judged(&finished)
        };
        let own = format!("   Compiling {PACKAGE} v0.0.0 (/a)\n");
        let other = "   Compiling proptest-macro v1.2.3\n";
        assert!(stopped(Vec::new(), &own).is_ok());
        assert!(stopped(vec![artifact("proptest_macro")], &format!("{other}{own}")).is_ok());
        let told = stopped(Vec::new(), &format!("{other}{own}")).unwrap_err();
        assert!(told.contains("try again"), "{told}");
        assert!(stopped(Vec::new(), "").is_err());
    }

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(
            printable("a\u{1b}[31m\u{7}\n\u{9b}b\u{7f}"),
            "a\u{241b}[31m\u{2407}\n\u{fffd}b\u{2421}"
        );
    }
}
