//! Checking the merged values.

use std::collections::BTreeSet;

use super::kind::Kind;
use super::rule::Rule;
use super::tree::Tree;
use crate::coerce::fit;
use crate::error::Error;
use crate::key::KeyPath;
use crate::notation::{Secrets, explained, notation};
use crate::secret::REDACTED;
use crate::source::Sources;
use crate::suggest::closest;
use crate::value::{Entry, Node, Table, Value};

/// A value that is longer than this is named by its kind in a message.
const SHOWN_CHARACTERS: usize = 60;

/// Checks `root`, whose secrets are marked, and converts the values that only count as one of
/// their kind. Returns all that is wrong, in the order of the keys.
pub(crate) fn check(tree: &Tree, root: &mut Table, sources: &Sources) -> Vec<Error> {
    let mut checker = Checker {
        sources,
        errors: Vec::new(),
    };
    checker.table(tree, root, &mut KeyPath::root());
    checker
        .errors
        .sort_by(|(left, _), (right, _)| left.cmp(right));
    checker.errors.into_iter().map(|(_, error)| error).collect()
}

struct Checker<'s> {
    sources: &'s Sources,
    errors: Vec<(KeyPath, Error)>,
}

impl Checker<'_> {
    fn report(&mut self, path: &KeyPath, error: Error) {
        self.errors.push((path.clone(), error));
    }

    fn table(&mut self, tree: &Tree, table: &mut Table, path: &mut KeyPath) {
        let open = tree
            .rule
            .as_ref()
            .is_some_and(|rule| rule.kind == Kind::Table);
        for (name, entry) in &mut *table {
            path.within(name, |path| match tree.children.get(name) {
                Some(child) => self.node(child, &mut entry.node, path),
                None if open => {}
                None => self.unknown(tree, name, entry, path),
            });
        }
        let present: BTreeSet<&String> = table.keys().collect();
        for (name, child) in &tree.children {
            if !present.contains(name) {
                path.within(name, |path| self.absent(child, path));
            }
        }
    }

    fn unknown(&mut self, tree: &Tree, name: &str, entry: &Entry, path: &KeyPath) {
        let suggestion = closest(name, tree.children.keys()).map(|known| path.sibling(known));
        let error = Error::UnknownKey {
            key: path.to_string(),
            origin: self.sources.origin(entry.name),
            suggestion: suggestion.map(|path| path.to_string()),
        };
        self.report(path, error);
    }

    fn absent(&mut self, tree: &Tree, path: &mut KeyPath) {
        if tree.rule.as_ref().is_some_and(|rule| rule.required) {
            let key = path.to_string();
            self.report(path, Error::Required { key });
            return;
        }
        for (name, child) in &tree.children {
            path.within(name, |path| self.absent(child, path));
        }
    }

    fn node(&mut self, tree: &Tree, node: &mut Node, path: &mut KeyPath) {
        let kind = tree.own_kind();
        if !fit(kind, &mut node.value) {
            return self.wrong_kind(kind, node, path);
        }
        if let Some(rule) = &tree.rule {
            self.rule(rule, node, path);
        }
        if let (Value::Table(table), Kind::Table) = (&mut node.value, kind) {
            self.table(tree, table, path);
        }
    }

    fn rule(&mut self, rule: &Rule, node: &mut Node, path: &mut KeyPath) {
        if let Some(expected) = rule.refuses(&node.value) {
            let error = Error::NotAllowed {
                key: path.to_string(),
                origin: self.sources.origin(node.place),
                value: explained(node),
                expected,
            };
            self.report(path, error);
        }
        if let (Value::Array(elements), Some(items)) = (&mut node.value, rule.items) {
            for (index, element) in elements.iter_mut().enumerate() {
                if !fit(items, &mut element.value) {
                    path.push_index(index);
                    self.wrong_kind(items, element, path);
                    path.pop();
                }
            }
        }
    }

    fn wrong_kind(&mut self, expected: Kind, node: &Node, path: &KeyPath) {
        let error = Error::WrongKind {
            key: path.to_string(),
            origin: self.sources.origin(node.place),
            expected: expected.described().to_owned(),
            found: described(node),
        };
        self.report(path, error);
    }
}

/// What a message says that is there.
pub(crate) fn described(node: &Node) -> String {
    if node.holds_secret() {
        return REDACTED.to_owned();
    }
    let kind = match &node.value {
        Value::Null => return "null".to_owned(),
        Value::Array(_) | Value::Table(_) => return Kind::of(&node.value).described().to_owned(),
        Value::String(_) => "the string",
        Value::Integer(_) => "the integer",
        Value::Float(_) => "the float",
        Value::Boolean(_) => "the boolean",
        Value::Datetime(_) => "the datetime",
    };
    let value = notation(node, Secrets::Redacted);
    if value.chars().count() > SHOWN_CHARACTERS {
        return Kind::of(&node.value).described().to_owned();
    }
    format!("{kind} {value}")
}
