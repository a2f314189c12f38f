//! A step of a phase's ladder of hints.

use super::markdown::markdown;
use super::terminal::palette::{DIM, STRONG};
use super::terminal::{Line, Look, Text};

/// Where a hint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The phase's number.
    pub phase: u32,
    /// The phase's title.
    pub title: &'a str,
    /// Which step it is, from 1.
    pub step: usize,
    /// How many steps the ladder has.
    pub of: usize,
}

/// The view. The title and the content are Markdown.
#[must_use]
pub fn hint(title: &str, content: &str, place: Place<'_>, look: &Look) -> Text {
    let mut text = Text::default();
    let dot = look.glyphs.dot;
    let head = Line::new().with(&format!("Hint {} of {}: ", place.step, place.of), STRONG);
    let head = head.prose(title, STRONG);
    let of = format!(" {dot} phase {}, {}", place.phase, place.title);
    text.push(head.with(&of, DIM));
    text.gap();
    text.append(markdown(content, look));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::glyphs::UNICODE;

    #[test]
    fn a_hint_says_where_it_stands_and_what_it_is_about() {
        let place = Place {
            phase: 1,
            title: "Core",
            step: 2,
            of: 3,
        };
        let look = Look::new(60, UNICODE);
        let mut out = Vec::new();
        let text = hint("The approach", "Links are `usize`.", place, &look);
        text.write(look.width, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            "Hint 2 of 3: The approach · phase 1, Core\n\nLinks are `usize`.\n"
        );
    }
}
