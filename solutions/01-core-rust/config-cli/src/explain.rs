//! Why values are what they are.

use std::fmt;

use crate::key::{KeyPath, Segment};
use crate::notation::explained;
use crate::origin::Origin;
use crate::source::Sources;
use crate::value::{Node, Table, Value};

/// Why a value is what it is. See [`Config::explain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The value's key, in its canonical form.
    pub key: String,
    /// The value, in the notation that [`run`](crate::run) documents, or `[redacted]`.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
    /// What else the layers give under this key, from the highest layer to the lowest.
    pub shadowed: Vec<Shadowed>,
}

/// A value that a higher layer has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The value, in the notation that [`run`](crate::run) documents, or `[redacted]`.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// The lines that [`run`](crate::run) documents, each with its line break.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} = {}", self.key, self.value)?;
        writeln!(f, "  from {}", self.origin)?;
        for Shadowed { value, origin } in &self.shadowed {
            writeln!(f, "  shadows {origin} = {value}")?;
        }
        Ok(())
    }
}

/// Explains what the layers give under a path.
pub(crate) fn explain(root: &Table, path: &KeyPath, sources: &Sources) -> Vec<Explanation> {
    let mut segments = path.segments().iter();
    let Some(Segment::Name(first)) = segments.next() else {
        return Vec::new();
    };
    let mut candidates = under(root, first);
    for segment in segments {
        candidates = candidates
            .into_iter()
            .flat_map(|node| below(node, segment))
            .collect();
    }
    let mut explanations = Vec::new();
    let mut path = path.clone();
    describe(&candidates, &mut path, sources, &mut explanations);
    explanations
}

/// What is under a name of a table: the value, and then what it shadows, from the highest layer
/// to the lowest.
fn under<'t>(table: &'t Table, name: &str) -> Vec<&'t Node> {
    table.get(name).map_or_else(Vec::new, |entry| {
        std::iter::once(&entry.node)
            .chain(entry.shadowed.iter().rev())
            .collect()
    })
}

fn below<'t>(node: &'t Node, segment: &Segment) -> Vec<&'t Node> {
    match (&node.value, segment) {
        (Value::Table(table), Segment::Name(name)) => under(table, name),
        (Value::Array(elements), Segment::Index(index)) => {
            elements.get(*index).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn describe(
    candidates: &[&Node],
    path: &mut KeyPath,
    sources: &Sources,
    explanations: &mut Vec<Explanation>,
) {
    let Some((winner, losers)) = candidates.split_first() else {
        return;
    };
    if let Value::Table(table) = &winner.value
        && !table.is_empty()
    {
        for name in table.keys() {
            path.within(name, |path| {
                let segment = Segment::Name(name.clone());
                let candidates: Vec<&Node> = candidates
                    .iter()
                    .flat_map(|node| below(node, &segment))
                    .collect();
                describe(&candidates, path, sources, explanations);
            });
        }
        return;
    }
    let shadowed = losers.iter().map(|node| Shadowed {
        value: explained(node),
        origin: sources.origin(node.place),
    });
    explanations.push(Explanation {
        key: path.to_string(),
        value: explained(winner),
        origin: sources.origin(winner.place),
        shadowed: shadowed.collect(),
    });
}
