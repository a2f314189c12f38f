//! Values as the tool shows them.

use crate::secret::REDACTED;
use crate::value::{Node, Value};

/// Whether secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrets {
    Redacted,
    Revealed,
}

impl Secrets {
    /// Whether `node` must not be shown.
    pub(crate) fn hide(self, node: &Node) -> bool {
        self == Self::Redacted && node.secret
    }
}

/// What `conf get` prints: a string as it is, and other values in notation.
pub(crate) fn plain(node: &Node, secrets: Secrets) -> String {
    match &node.value {
        _ if secrets.hide(node) => REDACTED.to_owned(),
        Value::String(text) | Value::Datetime(text) => text.clone(),
        _ => notation(node, secrets),
    }
}

/// What `conf explain` prints: notation, and a secret without quotes.
pub(crate) fn explained(node: &Node) -> String {
    if node.secret {
        return REDACTED.to_owned();
    }
    notation(node, Secrets::Redacted)
}

/// A value in notation: JSON without white space, in which a float may be `nan` or `inf`.
pub(crate) fn notation(node: &Node, secrets: Secrets) -> String {
    let mut text = String::new();
    write(&mut text, node, secrets);
    text
}

fn write(out: &mut String, node: &Node, secrets: Secrets) {
    match &node.value {
        _ if secrets.hide(node) => string(out, REDACTED),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                separate(out, index);
                write(out, element, secrets);
            }
            out.push(']');
        }
        Value::Table(table) => {
            out.push('{');
            for (index, (name, entry)) in table.iter().enumerate() {
                separate(out, index);
                string(out, name);
                out.push(':');
                write(out, &entry.node, secrets);
            }
            out.push('}');
        }
        scalar => write_scalar(out, scalar),
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

/// Writes a value that is neither an array nor a table, and nothing for one of these.
pub(crate) fn write_scalar(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(boolean) => out.push_str(if *boolean { "true" } else { "false" }),
        Value::Integer(integer) => out.push_str(&integer.to_string()),
        Value::Float(number) => out.push_str(&float(*number)),
        Value::String(text) | Value::Datetime(text) => string(out, text),
        Value::Array(_) | Value::Table(_) => {}
    }
}

/// The shortest form that reads as the same float, and as no integer.
pub(crate) fn float(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    format!("{float:?}")
}

/// Writes a string of JSON, in which only what must be escaped is.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
}
