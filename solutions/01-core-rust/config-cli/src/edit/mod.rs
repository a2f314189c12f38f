//! Changing one value in a text and nothing else.
//!
//! The text is never written anew: the bytes of the old value are replaced, or a new line is put
//! in. Comments, order, white space and line ends cannot get lost.

mod json;
mod toml;

use std::ops::Range;

use crate::error::Error;
use crate::format::Format;
use crate::key::{KeyPath, Segment};
use crate::notation::{Secrets, notation};
use crate::read::parse;
use crate::source::{Place, Text};
use crate::value::{Entry, Node, Table, Value};

/// Bytes to replace, and by what.
struct Splice {
    range: Range<usize>,
    with: String,
}

/// Why a key cannot be set.
enum Obstacle {
    /// Something in the text is in the way.
    Blocked {
        offset: usize,
        message: &'static str,
    },
    /// The format has no way to write the value.
    NotRepresentable(Error),
}

/// Fails if something in the text is in the way of a value under `path`, whatever the value.
pub(crate) fn find_obstacle(text: &Text, format: Format, path: &KeyPath) -> Result<(), Error> {
    let any = Node::new(Value::Boolean(true), Place::NOWHERE);
    set(text, format, path, &any).map(drop)
}

/// The text of `text` with the value under `path` set to that of `node`.
pub(crate) fn set(
    text: &Text,
    format: Format,
    path: &KeyPath,
    node: &Node,
) -> Result<String, Error> {
    let blocked = |offset, message: &str| Error::CannotSet {
        key: path.to_string(),
        origin: text.origin(offset),
        message: message.to_owned(),
    };
    let old = text.as_str();
    let splice = match format {
        Format::Toml => toml::set(old, path, node),
        Format::Json => json::set(old, path, node),
    };
    let splice = splice.map_err(|obstacle| match obstacle {
        Obstacle::Blocked { offset, message } => blocked(offset, message),
        Obstacle::NotRepresentable(error) => error,
    })?;
    let offset = splice.range.start;
    let mut new = old.to_owned();
    new.replace_range(splice.range, &splice.with);
    // An edit that breaks a file, or changes what it should not, is worse than none.
    if reads_as_meant(text, &new, format, path, node) {
        Ok(new)
    } else {
        Err(blocked(
            offset,
            "the layout of the file leaves no place for it",
        ))
    }
}

/// Whether a changed text holds what the old one held, with the value under `path` set.
fn reads_as_meant(old: &Text, new: &str, format: Format, path: &KeyPath, node: &Node) -> bool {
    let read = |text: &str| parse(text, format, Place::NOWHERE).ok();
    let Some((mut meant, read)) = read(old.as_str()).zip(read(new)) else {
        return false;
    };
    if let Some((Segment::Name(first), rest)) = path.segments().split_first() {
        put(&mut meant, first, rest, node);
    }
    let shown = |root: Table| {
        let root = Node::new(Value::Table(root), Place::NOWHERE);
        notation(&root, Secrets::Revealed)
    };
    shown(meant) == shown(read)
}

/// Sets a value in a tree, and makes the tables that are missing.
fn put(table: &mut Table, name: &str, rest: &[Segment], node: &Node) {
    let empty = || Node::new(Value::Table(Table::new()), node.place);
    let entry = table
        .entry(name.to_owned())
        .or_insert_with(|| Entry::new(node.place, empty()));
    let mut here = &mut entry.node;
    for (position, segment) in rest.iter().enumerate() {
        here = match (segment, &mut here.value) {
            (Segment::Index(index), Value::Array(elements)) => match elements.get_mut(*index) {
                Some(element) => element,
                None => return,
            },
            (Segment::Name(name), Value::Table(table)) => {
                return put(table, name, &rest[position + 1..], node);
            }
            _ => return,
        };
    }
    here.value = node.value.clone();
}

impl Obstacle {
    fn at(offset: usize, message: &'static str) -> Self {
        Self::Blocked { offset, message }
    }
}

const NO_ELEMENT: &str = "there is no such element";
const NO_TABLE: &str = "this is no table";
const NO_ARRAY: &str = "this is no array";
const IS_TABLE: &str = "this is a table";

/// Whether a format that has neither can write every number in a value.
fn is_finite(node: &Node) -> bool {
    match &node.value {
        Value::Float(float) => float.is_finite(),
        Value::Array(elements) => elements.iter().all(is_finite),
        Value::Table(table) => table.values().all(|entry| is_finite(&entry.node)),
        _ => true,
    }
}
