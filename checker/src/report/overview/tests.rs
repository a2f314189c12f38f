use super::*;
use crate::report::terminal::Text;
use crate::report::terminal::glyphs::{ASCII, UNICODE};

fn plain(text: &Text, look: &Look) -> String {
    let mut out = Vec::new();
    text.write(look.width, &mut out).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

fn twice(make: impl Fn(&Look) -> Text) -> String {
    let at = |width| {
        let look = Look::new(width, UNICODE);
        format!("{}\n{}", "=".repeat(width), plain(&make(&look), &look))
    };
    format!("{}\n{}", at(100), at(50))
}

fn phases(marks: &[Mark]) -> Vec<PhaseRow> {
    let titles = [
        "Core",
        "Look-ups",
        "Removal",
        "Iteration",
        "Soundness",
        "Shared",
    ];
    let numbered = (1..).zip(titles.iter().zip(marks));
    numbered
        .map(|(number, (title, mark))| PhaseRow {
            number,
            title: (*title).to_owned(),
            mark: *mark,
        })
        .collect()
}

fn exercise(id: &str, title: &str, marks: &[Mark], current: bool) -> ExerciseRow {
    ExerciseRow {
        id: id.to_owned(),
        title: title.to_owned(),
        hours: "4–6".to_owned(),
        phases: phases(marks),
        current,
    }
}

fn overview() -> Overview {
    use Mark::{Failed, Open, Passed, PassedEditedSince};
    Overview {
        course: "Systems in Rust".to_owned(),
        modules: vec![
            ModuleRow {
                title: "1 Core Rust".to_owned(),
                exercises: vec![
                    exercise("tokens", "A tokenizer", &[Passed; 3], false),
                    exercise(
                        "lru-cache",
                        "An LRU cache",
                        &[Passed, PassedEditedSince, Failed, Open, Open, Open],
                        true,
                    ),
                ],
            },
            ModuleRow {
                title: "2 Memory".to_owned(),
                exercises: vec![exercise("arena", "An arena", &[Open; 4], false)],
            },
        ],
    }
}

fn at_phase(begun: bool) -> Here {
    Here {
        course: "Systems in Rust".to_owned(),
        position: Position::Phase {
            exercise: "lru-cache".to_owned(),
            title: "An LRU cache".to_owned(),
            begun,
            number: 3,
            of: 6,
            phase: "Removal".to_owned(),
            goal: "Entries leave one by one, by rank, or all at once, and each is dropped exactly \
                   once."
                .to_owned(),
            files: vec!["exercises/01-core-rust/lru-cache/src/cache.rs".to_owned()],
            read_on: "01-core-rust/lru-cache.html#phase-3-removal".to_owned(),
        },
    }
}

#[test]
fn progress_names_the_phases_of_the_current_exercise() {
    let overview = overview();
    insta::assert_snapshot!(twice(|look| progress(&overview, look)));
}

#[test]
fn progress_can_be_read_without_unicode() {
    let look = Look::new(100, ASCII);
    let mut overview = overview();
    for module in &mut overview.modules {
        for exercise in &mut module.exercises {
            exercise.hours = "4".to_owned();
        }
    }
    let text = plain(&progress(&overview, &look), &look);
    assert!(text.replace('\u{a0}', " ").is_ascii(), "{text}");
}

#[test]
fn within_an_exercise_the_phase_and_its_files_are_named() {
    let here_now = at_phase(true);
    insta::assert_snapshot!(twice(|look| here(&here_now, look)));
}

#[test]
fn a_learner_who_has_not_begun_is_told_so() {
    let look = Look::new(100, UNICODE);
    let text = plain(&here(&at_phase(false), &look), &look);
    assert!(text.contains("You begin with An LRU cache"), "{text}");
}

#[test]
fn after_an_exercise_the_next_one_is_named() {
    let done = Here {
        course: "Systems in Rust".to_owned(),
        position: Position::Done {
            exercise: "lru-cache".to_owned(),
            title: "An LRU cache".to_owned(),
            next: "arena".to_owned(),
            next_title: "An arena".to_owned(),
        },
    };
    insta::assert_snapshot!(twice(|look| here(&done, look)));
}

#[test]
fn at_the_end_of_the_course_nothing_is_next() {
    let end = Here {
        course: "Systems in Rust".to_owned(),
        position: Position::Complete,
    };
    insta::assert_snapshot!(twice(|look| here(&end, look)));
}
