//! Bare `checker`: where the learner is, and what is next.

use crate::report::terminal::palette::{CODE, DIM, GOOD, PLAIN, STRONG};
use crate::report::terminal::{Line, Look, Text, Wrap};

/// Columns that the description of a command needs to stand beside it.
const BESIDE: usize = 24;

/// Where a learner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The course's title.
    pub course: String,
    /// The position.
    pub position: Position,
}

/// The kinds of position that call for different next steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Before or within an exercise.
    Phase {
        /// The exercise's id.
        exercise: String,
        /// Its title.
        title: String,
        /// Whether anything of it was checked before.
        begun: bool,
        /// The phase's number.
        number: u32,
        /// How many phases there are.
        of: u32,
        /// The phase's title.
        phase: String,
        /// What the phase reaches.
        goal: String,
        /// The files to edit, relative to where the command runs.
        files: Vec<String>,
        /// The page and anchor of the phase.
        read_on: String,
    },
    /// An exercise is complete and another one follows.
    Done {
        /// The completed exercise's id.
        exercise: String,
        /// Its title.
        title: String,
        /// The next exercise's id.
        next: String,
        /// Its title.
        next_title: String,
    },
    /// Every exercise is complete.
    Complete,
}

/// The view.
#[must_use]
pub fn here(here: &Here, look: &Look) -> Text {
    let mut text = Text::default();
    text.push(Line::new().with(&here.course, STRONG));
    text.gap();
    match &here.position {
        Position::Phase { .. } => phase(&here.position, look, &mut text),
        Position::Done {
            exercise,
            title,
            next,
            next_title,
        } => {
            let line = Line::new().with(look.glyphs.pass, GOOD.bold()).plain(" ");
            let line = line.with(title, STRONG).plain(" is complete.");
            text.push(line.hanging(2));
            text.push(
                Line::new()
                    .plain(&format!("  Next comes {next_title}."))
                    .hanging(2),
            );
            text.gap();
            let list = [
                (look.command(&format!("show {next}")), "what you build next"),
                (
                    look.command(&format!("solution {exercise}")),
                    "your code beside the course's",
                ),
                (look.command("progress"), "the whole course"),
            ];
            commands(&list, look, &mut text);
        }
        Position::Complete => {
            let line = Line::new().with(look.glyphs.pass, GOOD.bold()).plain(" ");
            text.push(line.plain("Every exercise of the course is complete."));
            text.gap();
            let list = [(look.command("progress"), "all that you have built")];
            commands(&list, look, &mut text);
        }
    }
    text
}

fn phase(position: &Position, look: &Look, text: &mut Text) {
    let Position::Phase {
        exercise,
        title,
        begun,
        number,
        of,
        phase,
        goal,
        files,
        read_on,
    } = position
    else {
        return;
    };
    let lead = if *begun {
        "You are at"
    } else {
        "You begin with"
    };
    let line = Line::new().plain(lead).plain(" ").with(title, STRONG);
    let place = format!(", phase {number} of {of}: ");
    text.push(line.plain(&place).with(phase, STRONG));
    text.gap();
    text.push(Line::new().plain("  ").prose(goal, PLAIN).hanging(2));
    text.gap();
    for (index, file) in files.iter().enumerate() {
        let label = if index == 0 { "edit" } else { "" };
        let line = Line::new().plain("  ").with(label, DIM).pad_to(8);
        text.push(line.plain(file).wrapping(Wrap::Never));
    }
    let line = Line::new()
        .plain("  ")
        .with("read", DIM)
        .pad_to(8)
        .plain(read_on);
    let hint = format!(" {} {}", look.glyphs.dot, look.command("serve"));
    text.push(line.with(&hint, DIM).wrapping(Wrap::Never));
    text.gap();
    let list = [
        (
            look.command(&format!("watch {exercise}")),
            "checks each time you save",
        ),
        (
            look.command(&format!("check {exercise} --phase {number}")),
            "checks once",
        ),
        (
            look.command(&format!("hint {exercise}")),
            "helps a step further",
        ),
        (
            look.command("progress"),
            match begun {
                true => "shows the whole course",
                false => "lists all exercises; begin with any",
            },
        ),
    ];
    commands(&list, look, text);
}

/// Commands with what each does: beside it, or below it in a narrow terminal.
fn commands(commands: &[(String, &str)], look: &Look, text: &mut Text) {
    let widest = commands
        .iter()
        .map(|(command, _)| command.chars().count())
        .max();
    let column = 2 + widest.unwrap_or_default() + 2;
    for (command, why) in commands {
        let line = Line::new().plain("  ").with(command, CODE);
        if column + BESIDE <= look.width {
            text.push(line.pad_to(column).with(why, DIM).hanging(column));
        } else {
            text.push(line);
            text.push(Line::new().plain("    ").with(why, DIM).hanging(4));
        }
    }
}
