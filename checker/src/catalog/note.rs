//! What the comment above a hidden test tells the learner.

/// A test's doc comment, taken apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Note {
    /// The behaviour: the first paragraph, as a sentence.
    pub behaviour: String,
    /// What usually goes wrong: the further paragraphs.
    pub details: String,
    /// The anchor of the section to read on, where it differs from the phase's.
    pub section: Option<String>,
    /// A sentence that helps.
    pub hint: Option<String>,
    /// Why the stub may pass this test.
    pub passes_on_stub: Option<String>,
    /// The deadline in seconds, where it differs from the exercise's.
    pub seconds: Option<f64>,
    /// The phase's number; only compile-fail cases name it.
    pub phase: Option<u32>,
}

/// A doc comment that cannot be understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoteError {
    /// Nothing states the behaviour.
    #[error("it has no doc comment that states the behaviour")]
    Empty,
    /// A number was expected.
    #[error("`{tag}: {value}` is not a number")]
    NotANumber {
        /// The tag.
        tag: &'static str,
        /// What stands behind it.
        value: String,
    },
}

impl Note {
    /// Takes apart the lines of a doc comment, comment marks removed.
    ///
    /// # Errors
    /// When no behaviour is stated or a number is none.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Note, NoteError> {
        let mut note = Note::default();
        let mut paragraphs: Vec<String> = vec![String::new()];
        for line in lines {
            let line = line.trim();
            if line.is_empty() {
                paragraphs.push(String::new());
            } else if !note.read_tag(line)?
                && let Some(paragraph) = paragraphs.last_mut()
            {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(line);
            }
        }
        let mut paragraphs = paragraphs.into_iter().filter(|text| !text.is_empty());
        note.behaviour = paragraphs.next().ok_or(NoteError::Empty)?;
        note.details = paragraphs.collect::<Vec<_>>().join("\n\n");
        Ok(note)
    }

    fn read_tag(&mut self, line: &str) -> Result<bool, NoteError> {
        let Some((tag, value)) = line.split_once(": ") else {
            return Ok(false);
        };
        let value = value.trim();
        let text = || Some(value.to_owned());
        match tag {
            "section" => self.section = text(),
            "hint" => self.hint = text(),
            "passes-on-stub" => self.passes_on_stub = text(),
            "seconds" => self.seconds = Some(number("seconds", value)?),
            "phase" => self.phase = Some(number("phase", value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn number<T: std::str::FromStr>(tag: &'static str, value: &str) -> Result<T, NoteError> {
    value.parse().map_err(|_| NoteError::NotANumber {
        tag,
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_paragraph_is_the_behaviour_and_tags_stand_apart() {
        let note = Note::parse([
            " A put on a full cache",
            " evicts the oldest.",
            "",
            " Often the key stays in the map.",
            "",
            " section: eviction",
            " seconds: 2.5",
        ])
        .unwrap();
        assert_eq!(note.behaviour, "A put on a full cache evicts the oldest.");
        assert_eq!(note.details, "Often the key stays in the map.");
        assert_eq!(note.section.as_deref(), Some("eviction"));
        assert_eq!(note.seconds, Some(2.5));
    }

    #[test]
    fn a_comment_without_a_behaviour_is_refused() {
        assert_eq!(Note::parse(["", " section: x"]), Err(NoteError::Empty));
    }

    #[test]
    fn a_tag_that_needs_a_number_refuses_words() {
        let error = Note::parse(["B.", "seconds: soon"]).unwrap_err();
        assert_eq!(error.to_string(), "`seconds: soon` is not a number");
    }
}
