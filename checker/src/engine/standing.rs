//! Where the learner stands in the whole course, as pages show it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::next::{self, Next};
use crate::catalog::{Catalog, Exercise};
use crate::check::{Checker, Subject};
use crate::progress::{Checked, Progress, State};
use crate::report::overview::Mark;
use crate::site::chapter::ChapterGuide;
use crate::verdict::PhaseReport;

/// The last whole report of each phase, by exercise and number.
pub(super) type Reports = BTreeMap<String, BTreeMap<u32, Found>>;

/// What a check found of a phase, and what it must agree with to be shown.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The report.
    pub(super) report: PhaseReport,
    /// The hash of the sources that were checked.
    pub(super) source_hash: String,
    /// The outcome that progress knew last, once the check was recorded.
    pub(super) recorded: Option<Checked>,
}

impl Found {
    /// The report, unless progress knows better: another program may have checked the phase since,
    /// or the code that passes may be other code than that of the report.
    fn agreeing(
        &self,
        recorded: Option<&Checked>,
        state: Mark,
        source_hash: Option<&str>,
    ) -> Option<PhaseReport> {
        let is_last = self.recorded.as_ref() == recorded;
        let is_of_now = source_hash == Some(self.source_hash.as_str());
        (is_last && (is_of_now || state != Mark::Passed)).then(|| self.report.clone())
    }
}

/// Everything that a page shows of a learner's progress.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The course.
    pub course: CourseTitle,
    /// The course's folder; `~` stands for the learner's home.
    pub dir: String,
    /// Where to go on; nothing once everything is passed.
    #[serde(rename = "continue")]
    pub next: Option<NextStep>,
    /// The modules that have exercises, in order.
    pub modules: Vec<ModuleStanding>,
    /// The exercises, in the order of the course.
    pub exercises: Vec<ExerciseStanding>,
}

/// A course's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CourseTitle {
    /// The title.
    pub title: String,
}

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// The exercise's id.
    pub exercise: String,
    /// The exercise's title.
    pub title: String,
    /// The number of the phase.
    pub phase: u32,
    /// The phase's title.
    pub phase_title: String,
    /// The page with the phase's anchor.
    pub page: String,
    /// Whether anything of the exercise was checked before.
    pub begun: bool,
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleStanding {
    /// The folder, such as `01-core-rust`.
    pub id: String,
    /// The title.
    pub title: String,
    /// The page of the module, if it has one.
    pub page: Option<String>,
    /// The ids of its exercises.
    pub exercises: Vec<String>,
    /// How many phases are passed.
    pub done: usize,
    /// How many phases there are.
    pub phases: usize,
}

/// One exercise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExerciseStanding {
    /// The id.
    pub id: String,
    /// The module's folder.
    pub module: String,
    /// The title.
    pub title: String,
    /// The page.
    pub page: String,
    /// The hours that it takes, such as `4–6`.
    pub hours: String,
    /// The files to edit.
    pub files: Vec<String>,
    /// The phases, in order.
    pub phases: Vec<PhaseStanding>,
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseStanding {
    /// The number, from 1.
    pub number: u32,
    /// The name.
    pub name: String,
    /// The title.
    pub title: String,
    /// The anchor of its section.
    pub section: String,
    /// Where it stands, from the progress file.
    pub state: Mark,
    /// When it passed for the first time.
    pub first_passed: Option<Timestamp>,
    /// How far the ladder of hints was gone.
    pub hints: Ladder,
    /// The report of its last whole check, if this program did it and nothing newer is known.
    pub report: Option<PhaseReport>,
}

/// How far a ladder of hints was gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// Steps that were shown.
    pub taken: usize,
    /// Steps that there are.
    pub of: usize,
}

/// Where each phase of an exercise stands by some progress, in order.
#[must_use]
pub fn marks(checker: &Checker, progress: &Progress, exercise: &Exercise) -> Vec<Mark> {
    let source_hash = source_hash(checker, progress, exercise);
    marks_of(checker, progress, exercise, source_hash.as_deref())
}

/// The hash of the learner's sources; nothing for an exercise that was never begun. Sources that
/// cannot be read now are no reason to forget what passed.
fn source_hash(checker: &Checker, progress: &Progress, exercise: &Exercise) -> Option<String> {
    let begun = progress.exercises.contains_key(exercise.id());
    let snapshot = begun.then(|| checker.snapshot(exercise, &Subject::Learner).ok());
    Some(snapshot.flatten()?.hash)
}

fn marks_of(
    checker: &Checker,
    progress: &Progress,
    exercise: &Exercise,
    source_hash: Option<&str>,
) -> Vec<Mark> {
    exercise
        .phase_numbers()
        .map(|number| {
            let source = checker.catalog.source();
            match progress.state(exercise, number, source, source_hash) {
                State::NotBegun => Mark::Open,
                State::Open => Mark::Failed,
                State::Passed => Mark::Passed,
                State::EditedSince | State::TestsChangedSince => Mark::PassedEditedSince,
            }
        })
        .collect()
}

impl Standing {
    /// Gathers what is known.
    pub(super) fn of(checker: &Checker, progress: &Progress, reports: &Reports) -> Standing {
        let catalog = &checker.catalog;
        let exercises: Vec<ExerciseStanding> = catalog
            .exercises()
            .iter()
            .map(|exercise| exercise_standing(checker, progress, reports, exercise))
            .collect();
        Standing {
            course: CourseTitle {
                title: super::TITLE.to_owned(),
            },
            dir: shortened(checker.workspace.root(), std::env::home_dir()),
            next: next_step(next::next(checker, progress)),
            modules: modules(catalog, &exercises),
            exercises,
        }
    }
}

fn exercise_standing(
    checker: &Checker,
    progress: &Progress,
    reports: &Reports,
    exercise: &Exercise,
) -> ExerciseStanding {
    let manifest = &exercise.manifest;
    // A chapter that is being rewritten shows its faults elsewhere.
    let guide = ChapterGuide::load(checker.catalog.source(), exercise).ok();
    let numbered = manifest.phases.iter().zip(exercise.phase_numbers());
    let source_hash = source_hash(checker, progress, exercise);
    let source_hash = source_hash.as_deref();
    let phases = numbered.zip(marks_of(checker, progress, exercise, source_hash));
    let phases = phases.map(|((phase, number), state)| {
        let known = progress.phase(exercise.id(), &phase.name);
        let guide = guide.as_ref();
        let hints = guide.and_then(|guide| Some(guide.phase(exercise, number)?.hints.len()));
        let of = hints.unwrap_or(0);
        PhaseStanding {
            number,
            name: phase.name.clone(),
            title: phase.title.clone(),
            section: phase.section.clone(),
            state,
            first_passed: known.and_then(|known| known.first_passed),
            hints: Ladder {
                taken: known.map_or(0, |known| known.hints).min(of),
                of,
            },
            report: reports
                .get(exercise.id())
                .and_then(|phases| phases.get(&number))
                .and_then(|found| {
                    let recorded = known.and_then(|known| known.last.as_ref());
                    found.agreeing(recorded, state, source_hash)
                }),
        }
    });
    ExerciseStanding {
        id: exercise.id().to_owned(),
        module: exercise.module.clone(),
        title: manifest.title.clone(),
        page: exercise.page(),
        hours: manifest.hours.clone(),
        files: manifest.files.clone(),
        phases: phases.collect(),
    }
}

fn modules(catalog: &Catalog, exercises: &[ExerciseStanding]) -> Vec<ModuleStanding> {
    let mut modules: Vec<ModuleStanding> = Vec::new();
    for exercise in exercises {
        let is_of_last = modules
            .last()
            .is_some_and(|last| last.id == exercise.module);
        if !is_of_last {
            let chapter = format!("book/{}/README.md", exercise.module);
            modules.push(ModuleStanding {
                id: exercise.module.clone(),
                title: catalog.module_title(&exercise.module),
                page: catalog
                    .source()
                    .contains(&chapter)
                    .then(|| format!("{}/index.html", exercise.module)),
                exercises: Vec::new(),
                done: 0,
                phases: 0,
            });
        }
        if let Some(module) = modules.last_mut() {
            let done = exercise.phases.iter().filter(|phase| phase.state.is_done());
            module.exercises.push(exercise.id.clone());
            module.done += done.count();
            module.phases += exercise.phases.len();
        }
    }
    modules
}

fn next_step(next: Next<'_>) -> Option<NextStep> {
    let (exercise, index, begun) = match next {
        Next::Phase {
            exercise,
            index,
            marks,
        } => {
            let begun = marks.iter().any(|mark| *mark != Mark::Open);
            (exercise, index, begun)
        }
        Next::Exercise { next, index, .. } => (next, index, index > 0),
        Next::Complete => return None,
    };
    let phase = exercise.manifest.phases.get(index)?;
    Some(NextStep {
        exercise: exercise.id().to_owned(),
        title: exercise.manifest.title.clone(),
        phase: u32::try_from(index + 1).ok()?,
        phase_title: phase.title.clone(),
        page: format!("{}#{}", exercise.page(), phase.section),
        begun,
    })
}

/// A path for people, with `~` for their home.
fn shortened(path: &Path, home: Option<PathBuf>) -> String {
    let below = home.as_ref().and_then(|home| path.strip_prefix(home).ok());
    match below {
        Some(below) if below.as_os_str().is_empty() => "~".to_owned(),
        Some(below) => Path::new("~").join(below).display().to_string(),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_the_home_is_shortened() {
        let home = || Some(PathBuf::from("/home/ada"));
        assert_eq!(
            Path::new(&shortened(Path::new("/home/ada/course"), home())),
            Path::new("~/course")
        );
        assert_eq!(shortened(Path::new("/home/ada"), home()), "~");
        assert_eq!(shortened(Path::new("/home/adam"), home()), "/home/adam");
        assert_eq!(shortened(Path::new("/srv/course"), None), "/srv/course");
    }
}
