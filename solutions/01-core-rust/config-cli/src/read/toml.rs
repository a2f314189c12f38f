//! From TOML to values.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use ::toml::value::Datetime;

use super::Fault;
use super::number::{integer, toml_float};
use crate::source::Place;
use crate::value::{Entry, Node, Table, Value};

pub(super) fn parse(text: &str, start: Place) -> Result<Table, Fault> {
    let root = DeTable::parse(text).map_err(|error| fault(&error, text))?;
    table(root.into_inner(), start)
}

/// A value as it stands behind a `=`, in one line. All of it has the place `start`.
pub(crate) fn inline_value(text: &str, start: Place) -> Option<Value> {
    let value = DeValue::parse(text).ok()?.into_inner();
    let mut node = Node::new(convert(value, 0, start).ok()?, start);
    node.put_at(start);
    Some(node.value)
}

/// The form in which TOML writes a datetime, if `text` is one.
pub(crate) fn datetime(text: &str) -> Option<String> {
    Some(text.parse::<Datetime>().ok()?.to_string())
}

fn fault(error: &::toml::de::Error, text: &str) -> Fault {
    let span = error.span().unwrap_or_default();
    // Unlike the error's display, its message holds no line of the text, which may be a secret.
    if error.message() == "duplicate key" {
        let name = text.get(span.clone()).unwrap_or_default();
        return Fault::duplicate(span.start, &unquoted(name));
    }
    // A message of several lines would be several diagnostics.
    Fault::syntax(span.start, error.message().replace('\n', ", "))
}

/// The name that a key of TOML stands for.
fn unquoted(written: &str) -> String {
    match DeValue::parse(written).map(Spanned::into_inner) {
        Ok(DeValue::String(name)) => name.into_owned(),
        _ => written.to_owned(),
    }
}

fn table(entries: DeTable<'_>, start: Place) -> Result<Table, Fault> {
    let mut table = Table::new();
    for (name, value) in entries {
        let name_at = name.span().start;
        let offset = match value.get_ref() {
            // The span of a table that has no braces is that of some header, or is empty.
            DeValue::Table(_) if value.span().is_empty() => name_at,
            _ => value.span().start,
        };
        let value = convert(value.into_inner(), offset, start)?;
        let node = Node::new(value, start.at(offset));
        table.insert(
            name.into_inner().into_owned(),
            Entry::new(start.at(name_at), node),
        );
    }
    Ok(table)
}

/// Converts the value that begins at `offset`.
fn convert(value: DeValue<'_>, offset: usize, start: Place) -> Result<Value, Fault> {
    let number =
        |value: Result<Value, &str>| value.map_err(|message| Fault::syntax(offset, message));
    Ok(match value {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(digits) => number(integer(digits.as_str(), digits.radix()))?,
        DeValue::Float(text) => number(toml_float(text.as_str()))?,
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string()),
        DeValue::Array(elements) => {
            let nodes = elements.into_iter().map(|element| {
                let offset = element.span().start;
                let value = convert(element.into_inner(), offset, start)?;
                Ok(Node::new(value, start.at(offset)))
            });
            Value::Array(nodes.collect::<Result<_, Fault>>()?)
        }
        DeValue::Table(entries) => Value::Table(table(entries, start)?),
    })
}
