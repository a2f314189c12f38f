//! Bytes as people read them.

use std::fmt::Write;

/// Bytes as text in quotes would stand in Rust: UTF-8 as it is, the rest escaped.
///
/// Quotation marks, backslashes and what has no shape of its own are escaped as in a string
/// literal, and bytes that are not UTF-8 as `\xff`.
pub fn escaped(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => text.push('\''),
                other => text.extend(other.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Where the character that the byte at `at` belongs to begins.
pub(crate) fn start_of_character(bytes: &[u8], at: usize) -> usize {
    let is_inside = |at: &usize| {
        let byte = bytes.get(*at);
        byte.is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000)
    };
    let earliest = at.saturating_sub(3);
    let start = (earliest..=at).rev().find(|at| !is_inside(at));
    start.unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_it_is_and_the_rest_escaped() {
        assert_eq!(escaped("déjà vu, it's 日本"), "déjà vu, it's 日本");
        assert_eq!(
            escaped("a\tb\r\n\"c\" \\ \u{7}"),
            r#"a\tb\r\n\"c\" \\ \u{7}"#
        );
        assert_eq!(escaped(b"a\xff\x00\xc3"), r"a\xff\0\xc3");
    }

    #[test]
    fn the_start_of_a_character_is_found_from_each_of_its_bytes() {
        let bytes = "a日b".as_bytes();
        let starts = (0..=5).map(|at| start_of_character(bytes, at));
        assert_eq!(starts.collect::<Vec<_>>(), [0, 1, 1, 1, 4, 5]);
        assert_eq!(start_of_character(&[0x80; 9], 8), 8);
    }
}
