//! `checker progress`: modules, exercises and phases with their marks.

use super::{Mark, PhaseRow};
use crate::report::terminal::palette::{CODE, DIM, GOOD, NOTE, PLAIN, STRONG};
use crate::report::terminal::{Line, Look, Text, count};

/// Everything, in the order of the course.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// The course's title.
    pub course: String,
    /// The modules.
    pub modules: Vec<ModuleRow>,
}

/// A module with its exercises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleRow {
    /// The title, such as `1 Core Rust`.
    pub title: String,
    /// Its exercises.
    pub exercises: Vec<ExerciseRow>,
}

/// An exercise with its phases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExerciseRow {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The hours that it takes.
    pub hours: String,
    /// Its phases.
    pub phases: Vec<PhaseRow>,
    /// Whether the learner is at this exercise.
    pub current: bool,
}

impl ExerciseRow {
    /// How many phases are done.
    #[must_use]
    pub fn done(&self) -> usize {
        let done = self.phases.iter().filter(|phase| phase.mark.is_done());
        done.count()
    }

    fn is_begun(&self) -> bool {
        self.phases.iter().any(|phase| phase.mark != Mark::Open)
    }

    fn is_done(&self) -> bool {
        self.done() == self.phases.len()
    }
}

/// The whole list. The phases of the current exercise are named; those of others are marks.
#[must_use]
pub fn progress(overview: &Overview, look: &Look) -> Text {
    let mut text = Text::default();
    let exercises = || overview.modules.iter().flat_map(|module| &module.exercises);
    let total: usize = exercises().map(|exercise| exercise.phases.len()).sum();
    let done: usize = exercises().map(ExerciseRow::done).sum();
    text.push(
        Line::new()
            .with(&overview.course, STRONG)
            .plain(": ")
            .plain(&format!("{done} of {} passed", count(total, "phase"))),
    );
    let widest = exercises()
        .map(|exercise| exercise.id.chars().count())
        .max();
    let column = 4 + widest.unwrap_or_default() + 2;
    let most = exercises().map(|exercise| exercise.phases.len()).max();
    let columns = (column, column + most.unwrap_or_default() + 2);
    for module in &overview.modules {
        text.gap();
        text.push(Line::new().with(&module.title, STRONG));
        for exercise in &module.exercises {
            rows(exercise, columns, look, &mut text);
        }
    }
    text.gap();
    text.push(legend(look));
    text
}

fn rows(exercise: &ExerciseRow, (marks, tally): (usize, usize), look: &Look, text: &mut Text) {
    let (mark, style) = if exercise.is_done() {
        (look.glyphs.pass, GOOD)
    } else if exercise.current {
        (look.glyphs.here, NOTE)
    } else if exercise.is_begun() {
        (look.glyphs.skip, NOTE)
    } else {
        (look.glyphs.open, DIM)
    };
    let line = Line::new().plain("  ").with(mark, style.bold()).plain(" ");
    let mut line = line.with(&exercise.id, CODE).pad_to(marks);
    for phase in &exercise.phases {
        let (mark, style) = phase.mark.drawn(look);
        line = line.with(mark, style);
    }
    let done = format!("{} of {}", exercise.done(), exercise.phases.len());
    let line = line
        .pad_to(tally)
        .with(&done, DIM)
        .plain("  ")
        .plain(&exercise.title);
    // A space that does not break keeps the number with its unit.
    let hours = format!(" ({}\u{a0}h)", exercise.hours);
    text.push(line.with(&hours, DIM).hanging(marks));
    if !exercise.current || exercise.is_done() {
        return;
    }
    for phase in &exercise.phases {
        let (mark, style) = phase.mark.drawn(look);
        let line = Line::new().plain("      ").with(mark, style).plain(" ");
        let number = format!("{} ", phase.number);
        let line = line.with(&number, DIM).plain(&phase.title);
        text.push(match phase.mark {
            Mark::PassedEditedSince => line.with("  edited since", NOTE),
            Mark::Open | Mark::Failed | Mark::Passed => line,
        });
    }
}

fn legend(look: &Look) -> Line {
    let mut line = Line::new();
    for mark in [
        Mark::Passed,
        Mark::PassedEditedSince,
        Mark::Failed,
        Mark::Open,
    ] {
        let (glyph, style) = mark.drawn(look);
        let gap = if line.spans.is_empty() { "" } else { "   " };
        line = line.plain(gap).with(glyph, style).with(" ", PLAIN);
        line = line.with(mark.meaning(), DIM);
    }
    line
}
