//! Schemas: what a configuration may hold.

mod check;
mod file;
mod kind;
mod range;
mod rule;
mod tree;

pub(crate) use self::check::{check, described};
pub use self::kind::Kind;
pub use self::rule::Rule;
pub(crate) use self::tree::Tree;

use crate::error::Errors;
use crate::format::Format;
use crate::origin::Origin;

/// A rule as it was given, before anything about it is known to be right.
#[derive(Clone, Debug)]
struct Declared {
    key: String,
    rule: Rule,
    /// Where the rule stands, if it was read from a text.
    origin: Option<Origin>,
}

/// The keys that a configuration may hold, each with its rule.
///
/// A key `server.port` makes `server` a table, of which only the keys of the schema are known.
/// A rule of kind [`Kind::Table`] for `server` opens it to any others.
///
/// The schema contradicts itself, which building a configuration reports as
/// [`Error::Schema`](crate::Error::Schema), if
///
/// - a key is no [`KeyPath`](crate::KeyPath), or holds an index, or is given twice;
/// - a key lies below a key whose kind is not `Table`;
/// - `range` is not with `Integer`, `float_range` not with `Float`, `one_of` not with `String`,
///   or `items` not with `Array`;
/// - a default does not read as its kind, or is not allowed;
/// - a key is required and has a default.
///
/// The error quotes no default.
#[derive(Clone, Debug)]
pub struct Schema {
    declared: Vec<Declared>,
}

impl Schema {
    /// A schema that knows no key.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "an empty schema is no sensible default"
    )]
    pub fn new() -> Self {
        Self {
            declared: Vec::new(),
        }
    }

    /// Adds a rule for a key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>, rule: Rule) -> Self {
        self.declared.push(Declared {
            key: key.into(),
            rule,
            origin: None,
        });
        self
    }

    /// Reads a schema from the text of a file:
    ///
    /// ```toml
    /// [keys]
    /// "server.host" = { type = "string", default = "127.0.0.1" }
    /// "server.port" = { type = "integer", min = 1, max = 65535, default = 8080 }
    /// "server.tags" = { type = "array", items = "string" }
    /// "log.level" = { type = "string", one_of = ["debug", "info", "warn"] }
    /// "database.password" = { type = "string", required = true, secret = true }
    /// labels = { type = "table" }
    /// ```
    ///
    /// The root holds nothing but the table `keys`; without it, the schema knows no key. Each of
    /// its names is a key, written as a [`KeyPath`](crate::KeyPath), and each of its values a
    /// table with
    ///
    /// | name | value |
    /// |---|---|
    /// | `type` | the kind, in lower case; it must be there |
    /// | `required`, `secret` | a boolean; `false` if it is not there |
    /// | `default` | a value of the kind, or a string that reads as the kind |
    /// | `min`, `max` | for an integer, the least and the greatest integer that are allowed; for a float, a float or an integer |
    /// | `one_of` | an array of strings |
    /// | `items` | the kind of the elements, in lower case |
    ///
    /// and nothing else. The same in JSON is a schema too. `name` stands for the file in
    /// origins.
    ///
    /// # Errors
    /// [`Error::Parse`](crate::Error::Parse) and [`Error::Duplicate`](crate::Error::Duplicate)
    /// as for any text of the format; [`Error::Schema`](crate::Error::Schema), with its origin,
    /// when the text is not a schema, or one that contradicts itself. At least one error of each
    /// rule that has any is reported.
    pub fn parse(
        name: impl Into<String>,
        text: impl Into<Vec<u8>>,
        format: Format,
    ) -> Result<Self, Errors> {
        file::read(name.into(), text.into(), format)
    }

    /// The rules as a tree in which a key is found by its names.
    pub(crate) fn compile(&self) -> Result<Tree, Errors> {
        Tree::new(&self.declared)
    }
}
