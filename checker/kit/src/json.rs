//! The little JSON that a test process writes.

use std::fmt::Write;

/// `text` as a JSON string, quotes included.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' || control == '\u{7f}' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

/// `text` as a JSON string, or `null`.
pub(crate) fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), string)
}

/// `items` as a JSON array of strings.
pub(crate) fn array(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| string(item)).collect();
    format!("[{}]", items.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_backslashes_and_control_characters_are_escaped() {
        assert_eq!(string("a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(string("1\n2\r3\t4"), r#""1\n2\r3\t4""#);
        assert_eq!(string("\u{0}\u{1b}\u{7f}"), r#""\u0000\u001b\u007f""#);
    }

    #[test]
    fn other_text_stays_as_it_is() {
        assert_eq!(string("déjà vu, 日本, 🦀"), "\"déjà vu, 日本, 🦀\"");
    }

    #[test]
    fn arrays_and_missing_values_have_their_json_forms() {
        assert_eq!(array(&[]), "[]");
        assert_eq!(array(&["a".to_owned(), "b".to_owned()]), r#"["a","b"]"#);
        assert_eq!(optional(None), "null");
        assert_eq!(optional(Some("x")), r#""x""#);
    }
}
