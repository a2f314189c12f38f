//! The rules of a schema, arranged as the tables that they are about.

use std::collections::BTreeMap;

use super::Declared;
use super::kind::Kind;
use super::rule::Rule;
use crate::coerce::fit;
use crate::error::{Error, Errors};
use crate::key::KeyPath;
use crate::layer::nested;
use crate::merge::merge;
use crate::source::{Place, Sources};
use crate::value::{Entry, Node, Table, Value};

/// What the schema knows about a key and the keys below it.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(super) rule: Option<Rule>,
    pub(super) children: BTreeMap<String, Tree>,
}

impl Tree {
    /// Arranges rules, and finds where they contradict each other or themselves.
    pub(super) fn new(declared: &[Declared]) -> Result<Self, Errors> {
        let mut root = Self::default();
        let mut errors = Vec::new();
        for declaration in declared {
            if let Err(message) = root.declare(declaration) {
                errors.push(declaration.fault(message));
            }
        }
        // Only now it is known what lies below what.
        for declaration in declared {
            let path = declaration.key.parse::<KeyPath>().ok();
            if path.is_some_and(|path| root.is_closed_above(&path)) {
                errors.push(declaration.fault("it lies below a key that is not of type table"));
            }
        }
        Errors::check(errors)?;
        Ok(root)
    }

    fn declare(&mut self, declared: &Declared) -> Result<(), String> {
        let path: KeyPath = declared
            .key
            .parse()
            .map_err(|error: Error| error.to_string())?;
        let names = path.names().ok_or("a key of a schema has no index")?;
        let rule = &declared.rule;
        if let Some(message) = rule.misplaced() {
            return Err(message.to_owned());
        }
        if let Some(mut value) = rule.default_value(Place::NOWHERE) {
            if rule.required {
                return Err("a key with a default cannot be required".to_owned());
            }
            if !fit(rule.kind, &mut value) {
                return Err(format!("the default is not {}", rule.kind.described()));
            }
            if let (Value::Array(elements), Some(items)) = (&mut value, rule.items)
                && !elements
                    .iter_mut()
                    .all(|element| fit(items, &mut element.value))
            {
                return Err(format!(
                    "an element of the default is not {}",
                    items.described()
                ));
            }
            if let Some(expected) = rule.refuses(&value) {
                return Err(format!("the default is not allowed: expected {expected}"));
            }
        }
        let mut tree = self;
        for name in names {
            tree = tree.children.entry(name.to_owned()).or_default();
        }
        if tree.rule.is_some() {
            return Err("given more than once".to_owned());
        }
        tree.rule = Some(rule.clone());
        Ok(())
    }

    fn is_closed_above(&self, path: &KeyPath) -> bool {
        let names = path.names().unwrap_or_default();
        let mut tree = Some(self);
        names.iter().any(|name| {
            tree = tree.and_then(|tree| tree.children.get(*name));
            tree.is_some_and(Self::is_closed)
        })
    }

    /// Whether there are keys below a key that is no table.
    fn is_closed(&self) -> bool {
        let scalar = self
            .rule
            .as_ref()
            .is_some_and(|rule| rule.kind != Kind::Table);
        scalar && !self.children.is_empty()
    }

    /// The rule for this key itself.
    pub(crate) fn rule(&self) -> Option<&Rule> {
        self.rule.as_ref()
    }

    /// What is known about a key, and the keys below it.
    pub(crate) fn find(&self, names: &[&str]) -> Option<&Self> {
        names
            .iter()
            .try_fold(self, |tree, name| tree.children.get(*name))
    }

    /// The kind that a text under a key is read as.
    pub(crate) fn kind(&self, names: &[&str]) -> Kind {
        self.find(names).map_or(Kind::Any, Self::own_kind)
    }

    /// The kind of this key: a table if only the keys below it have rules.
    pub(crate) fn own_kind(&self) -> Kind {
        self.rule.as_ref().map_or(Kind::Table, |rule| rule.kind)
    }

    /// The layer of the schema's defaults.
    pub(crate) fn defaults(&self, sources: &mut Sources) -> Table {
        let mut layer = Table::new();
        let place = sources.add_schema_default();
        self.add_defaults(&mut Vec::new(), &mut layer, place);
        layer
    }

    fn add_defaults<'t>(&'t self, names: &mut Vec<&'t str>, layer: &mut Table, place: Place) {
        let default = self
            .rule
            .as_ref()
            .and_then(|rule| rule.default_value(place));
        if let Some(value) = default {
            let mut node = Node::new(value, place);
            node.put_at(place);
            merge(layer, nested(names, node));
        }
        for (name, child) in &self.children {
            names.push(name);
            child.add_defaults(names, layer, place);
            names.pop();
        }
    }

    /// Marks the secrets among the values of a table, and among those that they shadow.
    pub(crate) fn mark_secrets(&self, table: &mut Table) {
        for (name, child) in &self.children {
            if let Some(Entry { node, shadowed, .. }) = table.get_mut(name) {
                child.mark_node(node);
                shadowed.iter_mut().for_each(|node| child.mark_node(node));
            }
        }
    }

    fn mark_node(&self, node: &mut Node) {
        match &mut node.value {
            _ if self.is_secret() => node.hide(),
            Value::Table(table) => self.mark_secrets(table),
            // What stands where a table with a secret belongs holds that secret as its text.
            _ if self.is_above_secret() => node.hide(),
            _ => {}
        }
    }

    fn is_secret(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.secret)
    }

    fn is_above_secret(&self) -> bool {
        let mut children = self.children.values();
        children.any(|child| child.is_secret() || child.is_above_secret())
    }
}

impl Declared {
    fn fault(&self, message: impl Into<String>) -> Error {
        Error::Schema {
            key: self
                .key
                .parse::<KeyPath>()
                .map_or_else(|_| format!("{:?}", self.key), |path| path.to_string()),
            origin: self.origin.clone(),
            message: message.into(),
        }
    }
}
