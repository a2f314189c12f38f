//! Finding the value under a path.

use crate::error::Error;
use crate::key::{KeyPath, Segment, Step, Steps};
use crate::suggest::closest;
use crate::value::{Node, Table, Value};

/// The value under `path`. Allocates nothing if it is there.
pub(crate) fn find<'t>(root: &'t Table, path: &str) -> Result<&'t Node, Error> {
    let mut found: Option<&Node> = None;
    for step in Steps::new(path) {
        let next = match (step?, found.map(|node| &node.value)) {
            (Step::Name(name), None) => root.get(&*name).map(|entry| &entry.node),
            (Step::Name(name), Some(Value::Table(table))) => {
                table.get(&*name).map(|entry| &entry.node)
            }
            (Step::Index(index), Some(Value::Array(elements))) => elements.get(index),
            _ => None,
        };
        if next.is_none() {
            return Err(missing(root, path));
        }
        found = next;
    }
    found.ok_or_else(|| missing(root, path))
}

/// Why there is nothing under a path: it may be no path in its parts that were not looked at.
fn missing(root: &Table, path: &str) -> Error {
    match path.parse::<KeyPath>() {
        Ok(parsed) => Error::Missing {
            key: parsed.to_string(),
            suggestion: suggestion(root, &parsed),
        },
        Err(error) => error,
    }
}

/// The path with the first name that is not there replaced by one that is, if that leads to a
/// value.
fn suggestion(root: &Table, path: &KeyPath) -> Option<String> {
    let mut table = root;
    let mut corrected = Vec::new();
    let mut segments = path.segments().iter();
    for segment in segments.by_ref() {
        let Segment::Name(name) = segment else {
            return None;
        };
        match table.get(name).map(|entry| &entry.node.value) {
            Some(Value::Table(inner)) => table = inner,
            Some(_) => return None,
            None => {
                corrected.push(Segment::Name(closest(name, table.keys())?.to_owned()));
                break;
            }
        }
        corrected.push(segment.clone());
    }
    corrected.extend(segments.cloned());
    let corrected = corrected.into_iter().collect::<KeyPath>().to_string();
    find(root, &corrected).is_ok().then_some(corrected)
}

/// The canonical form of a path that is known to be one.
pub(crate) fn canonical(path: &str) -> String {
    path.parse::<KeyPath>()
        .map_or_else(|_| path.to_owned(), |path| path.to_string())
}
