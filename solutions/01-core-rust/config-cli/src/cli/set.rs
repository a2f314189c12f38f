//! `conf set`.

use std::path::Path;

use super::Failure;
use super::args::{Set, usage_error};
use super::layers::{format_of, read_file, read_schema};
use crate::coerce::{fit, read_text};
use crate::edit;
use crate::error::{Error, Errors};
use crate::find::find;
use crate::key::{KeyPath, Segment};
use crate::layer::nested;
use crate::read::{BYTE_ORDER_MARK, decode, parse};
use crate::replace::{regular_file, replace_file};
use crate::schema::{Kind, Tree, check, described};
use crate::source::{Place, Sources};
use crate::value::{Node, Table, Value};

impl Set {
    pub(super) fn execute(&self) -> Result<(), Failure> {
        if self.file == Path::new("-") {
            return Err(usage_error("the standard input (-) cannot be changed").into());
        }
        let path: KeyPath = self.key.parse()?;
        let schema = match &self.schema {
            Some(file) => Some(read_schema(file)?.compile()?),
            None => None,
        };
        let format = format_of(&self.file, self.format)?;
        let name = self.file.display().to_string();
        // Before it is read: a pipe would wait for a writer, and what was read from it be lost.
        regular_file(&self.file).map_err(|source| Error::Io {
            name: name.clone(),
            source,
        })?;
        let bytes = read_file(&self.file)?;
        let mark: &[u8] = if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK
        } else {
            &[]
        };
        let text = decode(name.clone(), bytes)?;
        let root = parse(text.as_str(), format, Place::NOWHERE)
            .map_err(|fault| fault.into_error(&text))?;
        // First, because VALUE is not read as the kind of a value that is never replaced.
        edit::find_obstacle(&text, format, &path)?;
        let node = self.value(&path, &root, schema.as_ref())?;
        let changed = edit::set(&text, format, &path, &node)?;
        replace_file(&self.file, &[mark, changed.as_bytes()].concat())
            .map_err(|source| Error::Io { name, source })?;
        Ok(())
    }

    /// VALUE, of the kind that it has to be of.
    fn value(&self, path: &KeyPath, root: &Table, schema: Option<&Tree>) -> Result<Node, Errors> {
        let mut sources = Sources::default();
        let place = sources.add_set(path.to_string());
        let ruled = schema.and_then(|schema| ruled_kind(schema, path));
        let old = find(root, &path.to_string()).ok();
        let kind = self
            .kind
            .or(ruled)
            .or_else(|| old.map(|old| Kind::of(&old.value)))
            .unwrap_or(Kind::String);
        let mut node = Node::new(read_text(kind, &self.value, place), place);
        let fits = fit(kind, &mut node.value);
        if let Some(schema) = schema {
            let mut layer = schema_view(path, node.clone());
            schema.mark_secrets(&mut layer);
            // Errors about VALUE show what is not secret in it, here and in what follows.
            match marked(&layer, path) {
                Some(marked) if marked.secret => node.hide(),
                Some(marked) if !leading_names(path).1 => node = marked.clone(),
                _ => {}
            }
            let mut errors = check(schema, &mut layer, &sources);
            // The other keys are none of this command's business.
            errors.retain(|error| !matches!(error, Error::Required { .. }));
            Errors::check(errors)?;
        }
        let wrong = match ruled {
            _ if !fits => Some(kind),
            Some(ruled) if !fit(ruled, &mut node.value) => Some(ruled),
            _ => None,
        };
        match wrong {
            None => Ok(node),
            Some(kind) => Err(Error::WrongKind {
                key: path.to_string(),
                origin: sources.origin(place),
                expected: kind.described().to_owned(),
                found: described(&node),
            }
            .into()),
        }
    }
}

/// The names of a path before its first index, and whether there is one.
fn leading_names(path: &KeyPath) -> (Vec<&str>, bool) {
    let names: Vec<&str> = path
        .segments()
        .iter()
        .map_while(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Index(_) => None,
        })
        .collect();
    let indexed = names.len() < path.segments().len();
    (names, indexed)
}

/// The kind that the schema asks for under a path, if it does.
fn ruled_kind(schema: &Tree, path: &KeyPath) -> Option<Kind> {
    let (names, indexed) = leading_names(path);
    let known = schema.find(&names)?;
    match (indexed, path.segments().len() - names.len()) {
        (false, _) => Some(known.own_kind()),
        (true, 1) => known.rule()?.element_kind(),
        _ => None,
    }
}

/// What the schema can be asked about a change: the value under its names, or an array in which
/// nothing is to be checked.
fn schema_view(path: &KeyPath, node: Node) -> Table {
    let (names, indexed) = leading_names(path);
    if indexed {
        let place = node.place;
        return nested(&names, Node::new(Value::Array(Vec::new()), place));
    }
    nested(&names, node)
}

/// What the view holds under the names of a path, once its secrets are marked.
fn marked<'l>(layer: &'l Table, path: &KeyPath) -> Option<&'l Node> {
    let (names, _) = leading_names(path);
    let (first, rest) = names.split_first()?;
    rest.iter()
        .try_fold(&layer.get(*first)?.node, |node, name| match &node.value {
            Value::Table(table) => table.get(*name).map(|entry| &entry.node),
            _ => None,
        })
}
