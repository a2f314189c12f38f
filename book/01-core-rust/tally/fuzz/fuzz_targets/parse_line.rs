//! No text makes the parser panic, and what it accepts, it writes back unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tally::line::Line;
use tally::model::Entry;

// ANCHOR: target
fuzz_target!(|text: &str| {
    match Line::split(text) {
        Ok(line) => assert_eq!(line.to_string(), text),
        Err(error) => assert_eq!(Entry::parse(text), Err(error)),
    }
    if let Err(error) = Entry::parse(text) {
        // False as well for what lies beyond the end.
        assert!(text.is_char_boundary(error.column - 1));
    }
});
// ANCHOR_END: target
