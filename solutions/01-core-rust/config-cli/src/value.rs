//! The tree of values that every layer becomes.

use std::collections::BTreeMap;

use crate::source::Place;

/// The least and the greatest integer that a configuration can hold.
pub(crate) const INTEGERS: std::ops::RangeInclusive<i128> = i64::MIN as i128..=u64::MAX as i128;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    /// One of [`INTEGERS`].
    Integer(i128),
    Float(f64),
    String(String),
    /// A datetime in the form in which TOML writes it.
    Datetime(String),
    Array(Vec<Node>),
    Table(Table),
}

/// The entries of a table, in the order of their names.
pub(crate) type Table = BTreeMap<String, Entry>;

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
    /// Whether the schema calls the value, or a table that it is in, a secret.
    pub(crate) secret: bool,
}

/// A value under its name in a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Where the name stands.
    pub(crate) name: Place,
    pub(crate) node: Node,
    /// What lower layers give in place of the value, the lowest first.
    pub(crate) shadowed: Vec<Node>,
}

impl Node {
    pub(crate) fn new(value: Value, place: Place) -> Self {
        Self {
            value,
            place,
            secret: false,
        }
    }

    /// Whether the value or anything in it is a secret.
    pub(crate) fn holds_secret(&self) -> bool {
        self.secret
            || match &self.value {
                Value::Array(elements) => elements.iter().any(Self::holds_secret),
                Value::Table(table) => table.values().any(|entry| entry.node.holds_secret()),
                _ => false,
            }
    }

    /// Gives the value and all that is in it the same place.
    pub(crate) fn put_at(&mut self, place: Place) {
        self.place = place;
        match &mut self.value {
            Value::Array(elements) => elements.iter_mut().for_each(|node| node.put_at(place)),
            Value::Table(table) => table.values_mut().for_each(|entry| {
                entry.name = place;
                entry.node.put_at(place);
            }),
            _ => {}
        }
    }

    /// Marks the value and all that is in it, what is shadowed included, as a secret.
    pub(crate) fn hide(&mut self) {
        self.secret = true;
        match &mut self.value {
            Value::Array(elements) => elements.iter_mut().for_each(Self::hide),
            Value::Table(table) => table.values_mut().for_each(|entry| {
                entry.node.hide();
                entry.shadowed.iter_mut().for_each(Self::hide);
            }),
            _ => {}
        }
    }
}

impl Entry {
    pub(crate) fn new(name: Place, node: Node) -> Self {
        Self {
            name,
            node,
            shadowed: Vec::new(),
        }
    }
}
