//! Changing a value in a JSON text.

use super::{IS_TABLE, NO_ARRAY, NO_ELEMENT, NO_TABLE, Obstacle, Splice, is_finite};
use crate::error::Error;
use crate::format::Format;
use crate::json::{Json, Member, Spanned, parse};
use crate::key::{KeyPath, Segment};
use crate::notation::{Secrets, explained, notation, string};
use crate::value::Node;

pub(super) fn set(text: &str, path: &KeyPath, node: &Node) -> Result<Splice, Obstacle> {
    if !is_finite(node) {
        return Err(Obstacle::NotRepresentable(Error::NotRepresentable {
            key: path.to_string(),
            format: Format::Json,
            value: explained(node),
        }));
    }
    let value = notation(node, Secrets::Revealed);
    let root = parse(text).map_err(|error| Obstacle::at(error.at, error.message))?;
    let mut here = &root;
    for (position, segment) in path.segments().iter().enumerate() {
        here = match (segment, &here.value) {
            (Segment::Name(name), Json::Object(members)) => {
                match members.iter().find(|member| member.name == *name) {
                    Some(member) => &member.value,
                    None => {
                        return insert(text, here, members, &path.segments()[position..], value);
                    }
                }
            }
            (Segment::Index(index), Json::Array(elements)) => elements
                .get(*index)
                .ok_or(Obstacle::at(here.span.start, NO_ELEMENT))?,
            (Segment::Name(_), _) => return Err(Obstacle::at(here.span.start, NO_TABLE)),
            (Segment::Index(_), _) => return Err(Obstacle::at(here.span.start, NO_ARRAY)),
        };
    }
    if matches!(here.value, Json::Object(_)) {
        return Err(Obstacle::at(here.span.start, IS_TABLE));
    }
    Ok(Splice {
        range: here.span.clone(),
        with: value,
    })
}

/// Puts a member behind the last one of an object, with the same white space before it.
fn insert(
    text: &str,
    object: &Spanned<'_>,
    members: &[Member<'_>],
    missing: &[Segment],
    mut value: String,
) -> Result<Splice, Obstacle> {
    let open = object.span.start + 1;
    let mut names = missing.iter().rev().peekable();
    while let Some(segment) = names.next() {
        let Segment::Name(name) = segment else {
            return Err(Obstacle::at(object.span.start, NO_ELEMENT));
        };
        let mut member = String::new();
        string(&mut member, name);
        member.push_str(": ");
        member.push_str(&value);
        value = if names.peek().is_some() {
            format!("{{{member}}}")
        } else {
            member
        };
    }
    let (at, with) = match (members.first(), members.last()) {
        (Some(first), Some(last)) => {
            let space = text.get(open..first.name_span.start).unwrap_or_default();
            (last.value.span.end, format!(",{space}{value}"))
        }
        _ => (open, value),
    };
    Ok(Splice {
        range: at..at,
        with,
    })
}
