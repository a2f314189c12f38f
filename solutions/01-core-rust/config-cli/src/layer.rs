//! Layers that are made of names and text: the environment and `--set`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::ffi::{OsStr, OsString};

use crate::coerce::read_text;
use crate::error::Error;
use crate::key::{KeyPath, Segment};
use crate::merge::merge;
use crate::schema::Tree;
use crate::source::{Place, Sources};
use crate::value::{Entry, Node, Table, Value};

/// What separates the prefix and the names in the name of a variable.
const SEPARATOR: &str = "__";

/// Tables in tables that hold nothing but `node`, under these names.
pub(crate) fn nested(names: &[&str], node: Node) -> Table {
    let place = node.place;
    let mut node = node;
    let mut table = Table::new();
    for (depth, name) in names.iter().enumerate().rev() {
        table = Table::from([((*name).to_owned(), Entry::new(place, node))]);
        if depth == 0 {
            break;
        }
        node = Node::new(Value::Table(std::mem::take(&mut table)), place);
    }
    table
}

/// The layer of one key with its text.
pub(crate) fn set(
    key: &str,
    text: &str,
    schema: &Tree,
    sources: &mut Sources,
) -> Result<Table, Error> {
    let path: KeyPath = key.parse()?;
    let names = path.names().ok_or_else(|| Error::InvalidKey {
        text: key.to_owned(),
        reason: "an index cannot be set".to_owned(),
    })?;
    let place = sources.add_set(path.to_string());
    Ok(text_layer(&names, text, schema, place))
}

fn text_layer(names: &[&str], text: &str, schema: &Tree, place: Place) -> Table {
    let value = read_text(schema.kind(names), text, place);
    nested(names, Node::new(value, place))
}

/// The layer of the variables that have a prefix, and what is wrong with them.
pub(crate) fn environment(
    prefix: &str,
    variables: &[(OsString, OsString)],
    schema: &Tree,
    sources: &mut Sources,
) -> (Table, Vec<Error>) {
    let mut layer = Table::new();
    let mut errors = Vec::new();
    if prefix.is_empty() {
        errors.push(fault(OsStr::new(""), "the prefix is empty"));
        return (layer, errors);
    }
    let start = format!("{prefix}{SEPARATOR}");
    // Ordered by their keys, so that a key comes right before the first one that is below it.
    let mut given: BTreeMap<Vec<String>, (&str, &str)> = BTreeMap::new();
    for (variable, value) in variables {
        if !variable.as_encoded_bytes().starts_with(start.as_bytes()) {
            continue;
        }
        let (name, value) = match (variable.to_str(), value.to_str()) {
            (Some(name), Some(value)) => (name, value),
            (None, _) => {
                errors.push(fault(variable, "the name is not Unicode"));
                continue;
            }
            (_, None) => {
                errors.push(fault(variable, "the value is not Unicode"));
                continue;
            }
        };
        let names = match names(name.strip_prefix(&start).unwrap_or_default()) {
            Ok(names) => names,
            Err(message) => {
                errors.push(fault(variable, message));
                continue;
            }
        };
        match given.entry(names) {
            Slot::Occupied(slot) => errors.push(duplicate(slot.key(), name)),
            Slot::Vacant(slot) => {
                slot.insert((name, value));
            }
        }
    }
    let mut above: Option<&Vec<String>> = None;
    for (names, (variable, text)) in &given {
        if above.is_some_and(|above| names.starts_with(above)) {
            errors.push(duplicate(names, variable));
            continue;
        }
        above = Some(names);
        let place = sources.add_variable((*variable).to_owned());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        merge(&mut layer, text_layer(&names, text, schema, place));
    }
    (layer, errors)
}

/// The names that the rest of a variable's name holds.
fn names(rest: &str) -> Result<Vec<String>, &'static str> {
    let names: Vec<String> = rest.split(SEPARATOR).map(str::to_ascii_lowercase).collect();
    if names.iter().any(String::is_empty) {
        return Err("the name holds no key: a part of it is empty");
    }
    if names.len() > KeyPath::MAX_SEGMENTS {
        return Err("the name holds no key: it has too many parts");
    }
    Ok(names)
}

fn fault(variable: &OsStr, message: &str) -> Error {
    Error::Variable {
        variable: variable.to_string_lossy().into_owned(),
        message: message.to_owned(),
    }
}

fn duplicate(names: &[String], variable: &str) -> Error {
    let path: KeyPath = names.iter().cloned().map(Segment::Name).collect();
    Error::Duplicate {
        key: path.to_string(),
        origin: crate::origin::Origin::Env {
            variable: variable.to_owned(),
        },
    }
}
