//! Laying one layer over another.

use std::collections::btree_map::Entry as Slot;

use crate::value::{Entry, Node, Table, Value};

/// Lays `upper` over `lower`: tables are merged, anything else is replaced wholly.
///
/// Nothing is thrown away: what is replaced is kept beside its winner, so that it can be
/// explained. `upper` is a layer as it was read, in which nothing is shadowed yet.
pub(crate) fn merge(lower: &mut Table, upper: Table) {
    for (name, entry) in upper {
        match lower.entry(name) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
            }
            Slot::Occupied(mut slot) => lay_over(slot.get_mut(), entry),
        }
    }
}

fn lay_over(lower: &mut Entry, upper: Entry) {
    match (&mut lower.node.value, upper.node.value) {
        (Value::Table(below), Value::Table(above)) => {
            merge(below, above);
            lower.node.place = upper.node.place;
        }
        (_, value) => {
            let winner = Node {
                value,
                ..upper.node
            };
            let loser = std::mem::replace(&mut lower.node, winner);
            lower.shadowed.push(loser);
        }
    }
    lower.name = upper.name;
}
