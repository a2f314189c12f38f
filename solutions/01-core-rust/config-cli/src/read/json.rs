//! From JSON to values.

use std::collections::btree_map::Entry as Slot;

use super::Fault;
use super::number::json_number;
use crate::json::{self, Json, Member, Spanned};
use crate::source::Place;
use crate::value::{Entry, Node, Table, Value};

pub(super) fn parse(text: &str, start: Place) -> Result<Table, Fault> {
    let root = json::parse(text).map_err(|error| Fault::syntax(error.at, error.message))?;
    match root.value {
        Json::Object(members) => table(members, start),
        _ => Err(Fault::syntax(root.span.start, "expected an object")),
    }
}

fn table(members: Vec<Member<'_>>, start: Place) -> Result<Table, Fault> {
    let mut table = Table::new();
    for member in members {
        let name = start.at(member.name_span.start);
        match table.entry(member.name.into_owned()) {
            Slot::Occupied(slot) => {
                return Err(Fault::duplicate(member.name_span.start, slot.key()));
            }
            Slot::Vacant(slot) => {
                slot.insert(Entry::new(name, node(member.value, start)?));
            }
        }
    }
    Ok(table)
}

fn node(spanned: Spanned<'_>, start: Place) -> Result<Node, Fault> {
    let offset = spanned.span.start;
    let value = match spanned.value {
        Json::Null => Value::Null,
        Json::Bool(boolean) => Value::Boolean(boolean),
        Json::Number(text) => {
            json_number(text).map_err(|message| Fault::syntax(offset, message))?
        }
        Json::String(text) => Value::String(text.into_owned()),
        Json::Array(elements) => {
            let nodes = elements.into_iter().map(|element| node(element, start));
            Value::Array(nodes.collect::<Result<_, _>>()?)
        }
        Json::Object(members) => Value::Table(table(members, start)?),
    };
    Ok(Node::new(value, start.at(offset)))
}
