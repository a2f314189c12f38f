//! Kinds of errors may be added, so a match outside of the crate needs an arm for the rest.

use tally::error::ParseErrorKind;

fn main() {
    match ParseErrorKind::NotUtf8 {
        ParseErrorKind::Unterminated { .. } => {}
        ParseErrorKind::Invalid(_) => {}
        ParseErrorKind::NotUtf8 => {}
    }
}
