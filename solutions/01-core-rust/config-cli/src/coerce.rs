//! What a text reads as, and which values are of a kind.

use crate::read::{datetime, inline_value};
use crate::schema::Kind;
use crate::source::Place;
use crate::value::{INTEGERS, Value};

/// The value that `text` reads as: one of the kind if it can, and otherwise a string.
pub(crate) fn read_text(kind: Kind, text: &str, place: Place) -> Value {
    read_as(kind, text, place).unwrap_or_else(|| Value::String(text.to_owned()))
}

fn read_as(kind: Kind, text: &str, place: Place) -> Option<Value> {
    match kind {
        Kind::Any | Kind::String => None,
        Kind::Integer => text
            .parse()
            .ok()
            .filter(|integer| INTEGERS.contains(integer))
            .map(Value::Integer),
        Kind::Float => text.parse().ok().map(Value::Float),
        Kind::Boolean => text.parse().ok().map(Value::Boolean),
        Kind::Datetime => datetime(text).map(Value::Datetime),
        Kind::Array => inline_value(text, place).filter(|value| matches!(value, Value::Array(_))),
        Kind::Table => inline_value(text, place).filter(|value| matches!(value, Value::Table(_))),
    }
}

/// Whether `value` is of the kind. One that only counts as one of the kind becomes one.
pub(crate) fn fit(kind: Kind, value: &mut Value) -> bool {
    match (kind, &*value) {
        (Kind::Float, Value::Integer(integer)) => match exact_float(*integer) {
            Some(float) => *value = Value::Float(float),
            None => return false,
        },
        (Kind::Datetime, Value::String(text)) => match datetime(text) {
            Some(datetime) => *value = Value::Datetime(datetime),
            None => return false,
        },
        (Kind::Any, _)
        | (Kind::String, Value::String(_))
        | (Kind::Integer, Value::Integer(_))
        | (Kind::Float, Value::Float(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::Datetime, Value::Datetime(_))
        | (Kind::Array, Value::Array(_))
        | (Kind::Table, Value::Table(_)) => {}
        _ => return false,
    }
    true
}

/// The float of the same value as an integer, if there is one.
pub(crate) fn exact_float(integer: i128) -> Option<f64> {
    // Trailing zeros go into the exponent; what is left has to fit into the mantissa.
    let magnitude = integer.unsigned_abs();
    let mantissa = magnitude >> magnitude.trailing_zeros().min(u128::BITS - 1);
    let exact = mantissa >> f64::MANTISSA_DIGITS == 0;
    #[expect(clippy::cast_precision_loss, reason = "only exact values are cast")]
    exact.then_some(integer as f64)
}
