//! Schemas in files.

use super::kind::Kind;
use super::range::Range;
use super::rule::{Default, Rule};
use super::{Declared, Schema};
use crate::coerce::exact_float;
use crate::error::{Error, Errors};
use crate::format::Format;
use crate::key::KeyPath;
use crate::read;
use crate::source::{Place, Sources};
use crate::value::{Entry, Node, Table, Value};

/// Reads the text of a schema, and finds where it is none or contradicts itself.
pub(super) fn read(name: String, text: Vec<u8>, format: Format) -> Result<Schema, Errors> {
    let mut sources = Sources::default();
    let root = read::read(name, text, format, &mut sources)?;
    let mut reader = Reader {
        sources,
        declared: Vec::new(),
        errors: Vec::new(),
    };
    reader.root(root);
    let schema = Schema {
        declared: reader.declared,
    };
    // Rules that could be read may contradict themselves, whatever is wrong with the others.
    if let Err(errors) = schema.compile() {
        reader.errors.extend(errors);
    }
    Errors::check(reader.errors)?;
    Ok(schema)
}

struct Reader {
    sources: Sources,
    declared: Vec<Declared>,
    errors: Vec<Error>,
}

/// What is wrong, and where.
type Fault = (Place, String);

impl Reader {
    fn report(&mut self, key: &str, (place, message): Fault) {
        self.errors.push(Error::Schema {
            key: key.to_owned(),
            origin: Some(self.sources.origin(place)),
            message,
        });
    }

    fn root(&mut self, root: Table) {
        for (name, entry) in root {
            let key = KeyPath::of_name(&name).to_string();
            match entry.node.value {
                Value::Table(keys) if name == "keys" => self.keys(keys),
                _ if name == "keys" => {
                    self.report(&key, (entry.node.place, "expected a table".to_owned()));
                }
                _ => {
                    let message = "the root of a schema holds nothing but `keys`".to_owned();
                    self.report(&key, (entry.name, message));
                }
            }
        }
    }

    fn keys(&mut self, keys: Table) {
        for (key, entry) in keys {
            let shown = match key.parse::<KeyPath>() {
                Ok(path) => path.to_string(),
                Err(error) => {
                    self.report(&format!("{key:?}"), (entry.name, error.to_string()));
                    continue;
                }
            };
            match rule(entry.node) {
                Ok(rule) => self.declared.push(Declared {
                    key,
                    rule,
                    origin: Some(self.sources.origin(entry.name)),
                }),
                Err(fault) => self.report(&shown, fault),
            }
        }
    }
}

fn rule(node: Node) -> Result<Rule, Fault> {
    let Value::Table(mut table) = node.value else {
        let message = "expected a table, such as { type = \"string\" }";
        return Err((node.place, message.to_owned()));
    };
    let Some(entry) = table.remove("type") else {
        return Err((node.place, "`type` is missing".to_owned()));
    };
    let mut rule = Rule::new(kind(&entry.node)?);
    let min = table.remove("min");
    let max = table.remove("max");
    for (name, entry) in table {
        property(&mut rule, &name, entry)?;
    }
    bounds(&mut rule, min.as_ref(), max.as_ref())?;
    Ok(rule)
}

fn property(rule: &mut Rule, name: &str, entry: Entry) -> Result<(), Fault> {
    let node = entry.node;
    match name {
        "required" => rule.required = boolean(&node)?,
        "secret" => rule.secret = boolean(&node)?,
        "default" => rule.default = Some(Default::Value(node.value)),
        "items" => rule.items = Some(kind(&node)?),
        "one_of" => rule.one_of = Some(strings(node)?),
        _ => return Err((entry.name, format!("`{name}` is no property of a rule"))),
    }
    Ok(())
}

fn kind(node: &Node) -> Result<Kind, Fault> {
    let kind = match &node.value {
        Value::String(name) => Kind::named(name),
        _ => None,
    };
    kind.ok_or_else(|| {
        let names = Kind::NAMES.join(", ");
        (node.place, format!("expected a type: one of {names}"))
    })
}

fn boolean(node: &Node) -> Result<bool, Fault> {
    match node.value {
        Value::Boolean(boolean) => Ok(boolean),
        _ => Err((node.place, "expected true or false".to_owned())),
    }
}

fn strings(node: Node) -> Result<Vec<String>, Fault> {
    let fault = |place| (place, "expected an array of strings".to_owned());
    let Value::Array(elements) = node.value else {
        return Err(fault(node.place));
    };
    let texts = elements.into_iter().map(|element| match element.value {
        Value::String(text) => Ok(text),
        _ => Err(fault(element.place)),
    });
    texts.collect()
}

fn bounds(rule: &mut Rule, min: Option<&Entry>, max: Option<&Entry>) -> Result<(), Fault> {
    let Some(given) = min.or(max) else {
        return Ok(());
    };
    match rule.kind {
        Kind::Integer => rule.range = Some(Range::inclusive(integer(min)?, integer(max)?)),
        Kind::Float => rule.float_range = Some(Range::inclusive(float(min)?, float(max)?)),
        _ => {
            let message = "only integers and floats have a least and a greatest value";
            return Err((given.name, message.to_owned()));
        }
    }
    Ok(())
}

fn integer(bound: Option<&Entry>) -> Result<Option<i64>, Fault> {
    let Some(Entry { node, .. }) = bound else {
        return Ok(None);
    };
    match node.value {
        Value::Integer(integer) => i64::try_from(integer).ok().map(Some),
        _ => None,
    }
    .ok_or_else(|| (node.place, "expected an integer of 64 bits".to_owned()))
}

fn float(bound: Option<&Entry>) -> Result<Option<f64>, Fault> {
    let Some(Entry { node, .. }) = bound else {
        return Ok(None);
    };
    match node.value {
        Value::Integer(integer) => exact_float(integer).map(Some),
        Value::Float(float) => Some(Some(float)),
        _ => None,
    }
    .ok_or_else(|| (node.place, "expected a float".to_owned()))
}
