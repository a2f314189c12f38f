//! Bytes in one line of text.

use std::fmt::Write as _;

/// Printable text as it is; a backslash, control characters and bytes that are no UTF-8 as escapes.
pub(super) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str(r"\\"),
                _ if character.is_control() => text.extend(character.escape_default()),
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, r"\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_can_be_printed_stays() {
        assert_eq!(
            escaped("ada äöü 🦀 \"q\" 'r'".as_bytes()),
            "ada äöü 🦀 \"q\" 'r'"
        );
        assert_eq!(
            escaped(b"a\\b\n\t\0\x7f\xff\xc3"),
            r"a\\b\n\t\u{0}\u{7f}\xff\xc3"
        );
    }
}
