//! `POST /-/solution`.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};

use super::super::app::{App, blocking};
use super::super::body::Body;
use super::super::refusal::Refusal;
use crate::report::solution::{Comparison, Pair};
use crate::site::chapter::AFTER_YOU_PASS;

/// Whose solution.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Asked {
    exercise: String,
    /// Whether it is shown before every phase is passed.
    #[serde(default)]
    anyway: bool,
}

/// The learner's code beside the reference.
#[derive(Debug, Serialize)]
pub(in super::super) struct Difference {
    files: Vec<FileDifference>,
    /// The anchor of what the chapter tells those who passed, if it does.
    notes_anchor: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct FileDifference {
    path: String,
    diff: Vec<DiffLine>,
}

#[derive(Debug, PartialEq, Serialize)]
struct DiffLine {
    kind: Kind,
    /// The line without its end.
    text: String,
}

/// From the learner's code to the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Same,
    Removed,
    Added,
}

/// Compares the learner's code with the reference.
pub(in super::super) async fn solution(
    State(app): State<App>,
    Body(asked): Body<Asked>,
) -> Result<Json<Difference>, Refusal> {
    blocking(move || {
        let comparison = app.pages.solution(&asked.exercise, asked.anyway)?;
        Ok(Json(difference(&comparison)))
    })
    .await
}

fn difference(comparison: &Comparison) -> Difference {
    Difference {
        files: comparison.files.iter().map(file_difference).collect(),
        notes_anchor: comparison.note.is_some().then_some(AFTER_YOU_PASS),
    }
}

fn file_difference(pair: &Pair) -> FileDifference {
    let lines = TextDiff::from_lines(&pair.yours, &pair.theirs);
    let lines = lines.iter_all_changes().map(|change| DiffLine {
        kind: match change.tag() {
            ChangeTag::Equal => Kind::Same,
            ChangeTag::Delete => Kind::Removed,
            ChangeTag::Insert => Kind::Added,
        },
        text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
    });
    FileDifference {
        path: pair.name.clone(),
        diff: lines.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_leads_from_the_learners_lines_to_the_references() {
        let difference = file_difference(&Pair {
            name: "src/lib.rs".to_owned(),
            yours: "a\nb\n".to_owned(),
            theirs: "a\nc\n".to_owned(),
        });
        let line = |kind, text: &str| DiffLine {
            kind,
            text: text.to_owned(),
        };
        let expected = [
            line(Kind::Same, "a"),
            line(Kind::Removed, "b"),
            line(Kind::Added, "c"),
        ];
        assert_eq!(difference.diff, expected);
    }
}
