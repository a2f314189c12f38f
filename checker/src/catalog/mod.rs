//! The course's exercises, read from their suites' manifests.

pub mod cases;
pub mod compile_fail;
pub mod manifest;
pub mod mutant;
pub mod note;
pub mod package;
pub mod patch;
pub mod program;
pub mod source;
pub mod variant;

use std::io;

use sha2::{Digest, Sha256};

use self::cases::{CaseError, PhaseSource};
use self::compile_fail::{CompileFail, CompileFailError};
use self::manifest::Manifest;
use self::mutant::Mutant;
use self::note::Note;
use self::patch::PatchError;
use self::program::{MiriProgram, ProgramError};
use self::source::Source;
use self::variant::Variant;

/// The book's table of contents, which is the order of the course.
const CONTENTS: &str = "book/SUMMARY.md";

/// Every exercise of the course, in the order of the book.
#[derive(Debug, Clone)]
pub struct Catalog {
    source: Source,
    exercises: Vec<Exercise>,
}

/// One exercise: its place and its facts.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// The module's folder, such as `01-core-rust`.
    pub module: String,
    /// The facts.
    pub manifest: Manifest,
}

/// The hidden suite of an exercise, read but not compiled.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The phases, in order.
    pub phases: Vec<SuitePhase>,
    /// The compile-fail cases of all phases.
    pub cases: Vec<CompileFail>,
    /// The programs that run under Miri.
    pub programs: Vec<MiriProgram>,
}

/// One phase of a suite.
#[derive(Debug, Clone)]
pub struct SuitePhase {
    /// Its number, from 1.
    pub number: u32,
    /// Its module, such as `p1_core`.
    pub module: String,
    /// Its tests.
    pub source: PhaseSource,
}

/// A hidden test, whatever its kind, as a learner may know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// The name that `--test` takes.
    pub test: String,
    /// The comment.
    pub note: Note,
}

/// A course whose files contradict themselves. The learner is not to blame.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file of the course cannot be read.
    #[error("the course lacks {path}: {source}")]
    Missing {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A manifest is malformed.
    #[error("{path}: {message}")]
    Manifest {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// A phase's tests are malformed.
    #[error("{path}: {source}")]
    Cases {
        /// The file.
        path: String,
        /// What is wrong.
        source: CaseError,
    },
    /// A compile-fail case is malformed.
    #[error("{path}: {source}")]
    CompileFail {
        /// The file.
        path: String,
        /// What is wrong.
        source: CompileFailError,
    },
    /// A program for Miri is malformed.
    #[error("{path}: {source}")]
    Program {
        /// The file.
        path: String,
        /// What is wrong.
        source: ProgramError,
    },
    /// A mutant or a variant is malformed.
    #[error("{path}: {source}")]
    Patch {
        /// The file.
        path: String,
        /// What is wrong.
        source: PatchError,
    },
}

/// No exercise has the id that was asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct UnknownExercise {
    /// What was asked for.
    pub asked: String,
    /// The id that comes near, if one does.
    pub nearest: Option<String>,
    /// All ids.
    pub known: Vec<String>,
}

impl std::fmt::Display for UnknownExercise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no exercise `{}`", self.asked)?;
        match &self.nearest {
            Some(id) => write!(f, "; did you mean `{id}`?"),
            None if self.known.is_empty() => Ok(()),
            None => write!(f, "; there are `{}`", self.known.join("`, `")),
        }
    }
}

impl Catalog {
    /// Reads every manifest of the course.
    ///
    /// # Errors
    /// When a manifest is missing a fact or contradicts its place.
    pub fn load(source: Source) -> Result<Catalog, CatalogError> {
        let mut exercises = Vec::new();
        for path in source.files_below("checker/suites") {
            let parts: Vec<&str> = path.split('/').collect();
            let ["checker", "suites", module, id, "suite.toml"] = parts.as_slice() else {
                continue;
            };
            let text = read(&source, &path)?;
            let manifest: Manifest =
                toml::from_str(&text).map_err(|error| CatalogError::Manifest {
                    path: path.clone(),
                    message: error.to_string(),
                })?;
            if manifest.id != *id {
                return Err(CatalogError::Manifest {
                    message: format!("the id is `{}` but the folder `{id}`", manifest.id),
                    path,
                });
            }
            exercises.push(Exercise {
                module: (*module).to_owned(),
                manifest,
            });
        }
        let contents = source.read_text(CONTENTS).unwrap_or_default();
        exercises.sort_by_key(|exercise| place_in(&contents, exercise));
        Ok(Catalog { source, exercises })
    }

    /// The exercises, in the order of the book.
    #[must_use]
    pub fn exercises(&self) -> &[Exercise] {
        &self.exercises
    }

    /// The course's files.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The title of a module: the first heading of its page in the book, or its folder's name.
    #[must_use]
    pub fn module_title(&self, module: &str) -> String {
        let page = self.source.read_text(&format!("book/{module}/README.md"));
        let heading = page.ok().and_then(|text| {
            let heading = text.lines().find_map(|line| line.strip_prefix("# "))?;
            Some(heading.trim().to_owned())
        });
        heading.unwrap_or_else(|| module.to_owned())
    }

    /// Finds an exercise by its id.
    ///
    /// # Errors
    /// When there is none; the error names the nearest id.
    pub fn find(&self, id: &str) -> Result<&Exercise, UnknownExercise> {
        let exercises = &self.exercises;
        exercises
            .iter()
            .find(|exercise| exercise.manifest.id == id)
            .ok_or_else(|| UnknownExercise {
                asked: id.to_owned(),
                nearest: nearest(id, exercises.iter().map(|e| e.manifest.id.as_str())),
                known: exercises.iter().map(|e| e.manifest.id.clone()).collect(),
            })
    }
}

/// Where the book's table of contents has an exercise's chapter. Those that it lacks come last, in
/// the order that they have.
fn place_in(contents: &str, exercise: &Exercise) -> usize {
    let chapter = exercise.chapter();
    let link = chapter.strip_prefix("book/").unwrap_or(&chapter);
    contents.find(&format!("({link})")).unwrap_or(usize::MAX)
}

/// The name that a mistyped one probably means: most of its letters stand where they should, or it
/// was cut short.
pub(crate) fn nearest<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    /// Fewer letters are the beginning of too many words.
    const SHORTEST: usize = 3;
    let asked = asked.to_lowercase();
    let is_part = |name: &str| asked.len() >= SHORTEST && name.contains(&asked);
    names
        .map(|name| {
            let likeness = strsim::normalized_damerau_levenshtein(&asked, name);
            (if is_part(name) { 1.0 } else { likeness }, name)
        })
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name.to_owned())
}

fn read(source: &Source, path: &str) -> Result<String, CatalogError> {
    source
        .read_text(path)
        .map_err(|error| CatalogError::Missing {
            path: path.to_owned(),
            source: error,
        })
}

impl Exercise {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The place of the stub, relative to the course, such as `exercises/01-core-rust/lru-cache`.
    #[must_use]
    pub fn stub_dir(&self) -> String {
        format!("exercises/{}/{}", self.module, self.id())
    }

    /// The place of the reference solution.
    #[must_use]
    pub fn solution_dir(&self) -> String {
        format!("solutions/{}/{}", self.module, self.id())
    }

    /// The place of the hidden suite.
    #[must_use]
    pub fn suite_dir(&self) -> String {
        format!("checker/suites/{}/{}", self.module, self.id())
    }

    /// The exercise's chapter, relative to the course.
    #[must_use]
    pub fn chapter(&self) -> String {
        format!("book/{}/{}.md", self.module, self.id())
    }

    /// The exercise's page in the built book, without an anchor.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/{}.html", self.module, self.id())
    }

    /// The name of the learner's library as Rust code writes it.
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.id().replace('-', "_")
    }

    /// The module name of a phase's tests, such as `p1_core`.
    #[must_use]
    pub fn phase_module(&self, number: u32) -> Option<String> {
        let phase = self.manifest.phases.get(number.checked_sub(1)? as usize)?;
        Some(format!("p{number}_{}", phase.name.replace('-', "_")))
    }

    /// The numbers of the phases, from 1.
    pub fn phase_numbers(&self) -> impl Iterator<Item = u32> + use<> {
        1..=u32::try_from(self.manifest.phases.len()).unwrap_or(u32::MAX)
    }

    /// The whole suite.
    ///
    /// # Errors
    /// When a file is missing or malformed.
    pub fn suite(&self, source: &Source) -> Result<Suite, CatalogError> {
        let phases = self.phase_numbers().map(|number| {
            Ok(SuitePhase {
                number,
                module: self.phase_module(number).unwrap_or_default(),
                source: self.phase_source(source, number)?,
            })
        });
        Ok(Suite {
            phases: phases.collect::<Result<_, CatalogError>>()?,
            cases: self.compile_fail(source)?,
            programs: self.miri_programs(source)?,
        })
    }

    /// The tests of a phase.
    ///
    /// # Errors
    /// When the phase's file is missing or malformed.
    pub fn phase_source(&self, source: &Source, number: u32) -> Result<PhaseSource, CatalogError> {
        let path = self.phase_path(number);
        let text = read(source, &path)?;
        cases::parse(&text).map_err(|error| CatalogError::Cases {
            path,
            source: error,
        })
    }

    fn phase_path(&self, number: u32) -> String {
        let module = self.phase_module(number).unwrap_or_default();
        format!("{}/src/{module}.rs", self.suite_dir())
    }

    /// The compile-fail cases of all phases, by name.
    ///
    /// # Errors
    /// When a case is malformed.
    pub fn compile_fail(&self, source: &Source) -> Result<Vec<CompileFail>, CatalogError> {
        self.each_file(source, "compile_fail", ".rs", |path, name, text| {
            CompileFail::parse(name, text)
                .map_err(|source| CatalogError::CompileFail { path, source })
        })
    }

    /// The programs that run under Miri, by name.
    ///
    /// # Errors
    /// When a program's comment is malformed.
    pub fn miri_programs(&self, source: &Source) -> Result<Vec<MiriProgram>, CatalogError> {
        self.each_file(source, "miri", ".rs", |path, name, text| {
            MiriProgram::parse(name, text).map_err(|source| CatalogError::Program { path, source })
        })
    }

    /// The named mutants, by phase and name.
    ///
    /// # Errors
    /// When a patch file is malformed.
    pub fn mutants(&self, source: &Source) -> Result<Vec<Mutant>, CatalogError> {
        let mut mutants = self.each_file(source, "mutants", ".patch", |path, name, text| {
            Mutant::parse(name, text).map_err(|source| CatalogError::Patch { path, source })
        })?;
        mutants.sort_by_key(|mutant| mutant.phase);
        Ok(mutants)
    }

    /// Right solutions of another design, by name.
    ///
    /// # Errors
    /// When a patch file is malformed.
    pub fn variants(&self, source: &Source) -> Result<Vec<Variant>, CatalogError> {
        self.each_file(source, "variants", ".patch", |path, name, text| {
            Variant::parse(name, text).map_err(|source| CatalogError::Patch { path, source })
        })
    }

    /// Reads every file with an ending in a folder of the suite.
    fn each_file<T>(
        &self,
        source: &Source,
        folder: &str,
        ending: &str,
        parse: impl Fn(String, &str, &str) -> Result<T, CatalogError>,
    ) -> Result<Vec<T>, CatalogError> {
        let folder = format!("{}/{folder}", self.suite_dir());
        let mut parsed = Vec::new();
        for path in source.files_below(&folder) {
            let file = path.rsplit('/').next().unwrap_or_default();
            let Some(name) = file.strip_suffix(ending).map(str::to_owned) else {
                continue;
            };
            let text = read(source, &path)?;
            parsed.push(parse(path, &name, &text)?);
        }
        Ok(parsed)
    }

    /// The behaviours that a phase verifies: its tests, then its compile-fail cases.
    ///
    /// # Errors
    /// When the suite is malformed.
    pub fn behaviours(&self, source: &Source, number: u32) -> Result<Vec<Behaviour>, CatalogError> {
        let module = self.phase_module(number).unwrap_or_default();
        let mut behaviours = Vec::new();
        for test in self.phase_source(source, number)?.tests {
            behaviours.push(Behaviour {
                test: format!("{module}::{}", test.name),
                note: test.note,
            });
        }
        let cases = self.compile_fail(source)?.into_iter();
        for case in cases.filter(|case| case.phase == number) {
            behaviours.push(Behaviour {
                test: compile_fail_name(&module, &case.name),
                note: case.note,
            });
        }
        let programs = self.miri_programs(source)?.into_iter();
        for program in programs.filter(|program| program.phase == number) {
            behaviours.push(Behaviour {
                test: miri_name(&module, &program.name),
                note: program.note,
            });
        }
        Ok(behaviours)
    }

    /// The hash of what a phase verifies: its tests, the suite's shared code and manifest.
    #[must_use]
    pub fn suite_hash(&self, source: &Source, number: u32) -> String {
        let own = self.phase_path(number);
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for path in source.files_below(&self.suite_dir()) {
            let of_a_phase = self
                .phase_numbers()
                .any(|other| self.phase_path(other) == path);
            let counts = path == own || (path.contains("/src/") && !of_a_phase);
            if counts || path.contains("/compile_fail/") || path.contains("/miri/") {
                files.push((path.clone(), source.read(&path).unwrap_or_default()));
            }
        }
        content_hash(&files)
    }
}

/// The name of a compile-fail case among a phase's tests.
#[must_use]
pub fn compile_fail_name(module: &str, case: &str) -> String {
    format!("{module}::compile_fail::{case}")
}

/// The name of a program for Miri among a phase's tests.
#[must_use]
pub fn miri_name(module: &str, program: &str) -> String {
    format!("{module}::miri::{program}")
}

/// A short hash over names and contents: 16 hex digits of SHA-256.
#[must_use]
pub fn content_hash<'a>(files: impl IntoIterator<Item = &'a (String, Vec<u8>)>) -> String {
    let mut hasher = Sha256::new();
    for (name, content) in files {
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update((content.len() as u64).to_le_bytes());
        hasher.update(content);
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exercises_stand_in_the_order_of_the_book_and_those_that_it_lacks_come_last() {
        let course = tempfile::tempdir().unwrap();
        for id in ["a", "b", "c"] {
            let dir = course.path().join("checker/suites/01-module").join(id);
            std::fs::create_dir_all(&dir).unwrap();
            let manifest = format!(
                "id = \"{id}\"\ntitle = \"T\"\nsummary = \"S\"\ndifficulty = \"beginner\"\n\
                 hours = \"1\"\nfiles = []\nphase = []\n"
            );
            std::fs::write(dir.join("suite.toml"), manifest).unwrap();
        }
        std::fs::create_dir_all(course.path().join("book")).unwrap();
        let contents = "- [C](01-module/c.md)\n- [A](01-module/a.md)\n";
        std::fs::write(course.path().join("book/SUMMARY.md"), contents).unwrap();
        let catalog = Catalog::load(Source::Disk(course.path().to_path_buf())).unwrap();
        let ids: Vec<&str> = catalog.exercises().iter().map(Exercise::id).collect();
        assert_eq!(ids, ["c", "a", "b"]);
    }
}
