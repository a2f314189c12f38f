//! Where values come from, in the compact form that every value carries.

use std::sync::OnceLock;

use crate::origin::Origin;

/// A place in one of the [`Sources`].
///
/// A place is two numbers. Names, lines and columns are found when somebody asks for the
/// [`Origin`], which is seldom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    source: u32,
    /// A byte of the source's text, and 0 if it is no text.
    offset: usize,
}

/// All that the values of a configuration come from.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

#[derive(Debug)]
enum Source {
    SchemaDefault,
    Text(Text),
    Env { variable: String },
    Set { key: String },
}

impl Sources {
    pub(crate) fn add_schema_default(&mut self) -> Place {
        self.add(Source::SchemaDefault)
    }

    pub(crate) fn add_variable(&mut self, variable: String) -> Place {
        self.add(Source::Env { variable })
    }

    pub(crate) fn add_set(&mut self, key: String) -> Place {
        self.add(Source::Set { key })
    }

    /// Adds a text, which is parsed while the place of its beginning is known already.
    pub(crate) fn add_text(&mut self, text: Text) -> Place {
        self.add(Source::Text(text))
    }

    fn add(&mut self, source: Source) -> Place {
        let place = self.next();
        self.0.push(source);
        place
    }

    /// The beginning of the source that is added next.
    pub(crate) fn next(&self) -> Place {
        Place {
            // Sources are files, variables and flags: never as many as a `u32` can count.
            source: u32::try_from(self.0.len()).unwrap_or(u32::MAX),
            offset: 0,
        }
    }

    pub(crate) fn origin(&self, place: Place) -> Origin {
        let source = usize::try_from(place.source)
            .ok()
            .and_then(|number| self.0.get(number));
        match source {
            None | Some(Source::SchemaDefault) => Origin::SchemaDefault,
            Some(Source::Text(text)) => text.origin(place.offset),
            Some(Source::Env { variable }) => Origin::Env {
                variable: variable.clone(),
            },
            Some(Source::Set { key }) => Origin::Set { key: key.clone() },
        }
    }
}

impl Place {
    /// A place for values that nobody will ask about.
    pub(crate) const NOWHERE: Self = Self {
        source: u32::MAX,
        offset: 0,
    };

    /// Another place in the same text.
    pub(crate) fn at(self, offset: usize) -> Self {
        Self { offset, ..self }
    }
}

/// A text with a name, that knows its lines.
#[derive(Debug)]
pub(crate) struct Text {
    name: String,
    text: String,
    /// The offsets at which lines begin, found when they are first needed.
    lines: OnceLock<Vec<usize>>,
}

impl Text {
    pub(crate) fn new(name: String, text: String) -> Self {
        Self {
            name,
            text,
            lines: OnceLock::new(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn origin(&self, offset: usize) -> Origin {
        let lines = self.lines.get_or_init(|| {
            let breaks = self
                .text
                .bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(breaks.map(|(offset, _)| offset + 1))
                .collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Origin::Text {
            name: self.name.clone(),
            line,
            column: before.chars().count() + 1,
        }
    }
}
