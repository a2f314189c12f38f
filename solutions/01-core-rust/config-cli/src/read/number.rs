//! Numbers as the formats write them.

use crate::value::{INTEGERS, Value};

const TOO_LARGE: &str = "the number is out of range";

/// A number of JSON: an integer, unless it has a fraction or an exponent.
pub(super) fn json_number(text: &str) -> Result<Value, &'static str> {
    if text.contains(['.', 'e', 'E']) {
        return match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Value::Float(float)),
            _ => Err(TOO_LARGE),
        };
    }
    integer(text, 10)
}

/// An integer in a base, without the prefix of the base.
pub(super) fn integer(digits: &str, radix: u32) -> Result<Value, &'static str> {
    i128::from_str_radix(digits, radix)
        .ok()
        .filter(|integer| INTEGERS.contains(integer))
        .map(Value::Integer)
        .ok_or(TOO_LARGE)
}

/// A float of TOML without underscores.
pub(super) fn toml_float(text: &str) -> Result<Value, &'static str> {
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() || !text.contains(|byte: char| byte.is_ascii_digit()) => {
            Ok(Value::Float(float))
        }
        _ => Err(TOO_LARGE),
    }
}
