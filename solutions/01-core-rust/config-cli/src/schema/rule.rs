//! What a schema says about one key.

use std::fmt;
use std::ops::RangeBounds;

use super::kind::Kind;
use super::range::Range;
use crate::coerce::read_text;
use crate::source::Place;
use crate::value::Value;

/// What the schema says about one key. `Debug` shows no default, which may be a secret.
///
/// ```
/// # use config_cli::{Kind, Rule};
/// let port = Rule::new(Kind::Integer).range(1..=65_535).default("8080");
/// let password = Rule::new(Kind::String).secret().required();
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) secret: bool,
    pub(super) default: Option<Default>,
    pub(super) range: Option<Range<i64>>,
    pub(super) float_range: Option<Range<f64>>,
    pub(super) one_of: Option<Vec<String>>,
    pub(super) items: Option<Kind>,
}

impl Rule {
    /// A rule that asks for nothing but a kind.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            required: false,
            secret: false,
            default: None,
            range: None,
            float_range: None,
            one_of: None,
            items: None,
        }
    }

    /// Some layer has to give the key.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The value, read from text, if no layer gives one. Its origin is
    /// [`Origin::SchemaDefault`](crate::Origin::SchemaDefault).
    #[must_use]
    pub fn default(mut self, text: impl Into<String>) -> Self {
        self.default = Some(Default::Text(text.into()));
        self
    }

    /// The integers that are allowed.
    #[must_use]
    pub fn range(mut self, range: impl RangeBounds<i64>) -> Self {
        self.range = Some(Range::new(&range));
        self
    }

    /// The floats that are allowed. `nan` is in no range.
    #[must_use]
    pub fn float_range(mut self, range: impl RangeBounds<f64>) -> Self {
        self.float_range = Some(Range::new(&range));
        self
    }

    /// The strings that are allowed.
    #[must_use]
    pub fn one_of<T: Into<String>>(mut self, choices: impl IntoIterator<Item = T>) -> Self {
        self.one_of = Some(choices.into_iter().map(Into::into).collect());
        self
    }

    /// The kind of the elements of an array. They are converted as the table of [`Kind`] says.
    #[must_use]
    pub fn items(mut self, kind: Kind) -> Self {
        self.items = Some(kind);
        self
    }

    /// The value, and all that is below it, is shown to nobody: wherever it would be printed,
    /// there stands `[redacted]`. So it is with what stands in the place of a table in which the
    /// schema has a secret, and is no table: a text that does not read as one may hold the secret.
    /// Keys are not secret, and neither are the choices and the range of a rule. See
    /// [`Secret`](crate::Secret).
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// A default: text from a program, or a value from a schema file.
#[derive(Clone)]
pub(super) enum Default {
    Text(String),
    Value(Value),
}

/// Shows nothing: whether it is, or holds, a secret may be said by another rule.
impl fmt::Debug for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl Rule {
    /// The kind that the rule asks for in the elements of an array.
    pub(crate) fn element_kind(&self) -> Option<Kind> {
        self.items
    }

    /// The default, if there is one, with everything in it at `place`.
    pub(super) fn default_value(&self, place: Place) -> Option<Value> {
        Some(match self.default.as_ref()? {
            Default::Text(text) | Default::Value(Value::String(text)) => {
                read_text(self.kind, text, place)
            }
            Default::Value(value) => value.clone(),
        })
    }

    /// What is allowed instead, if `value`, which is of the kind, is not.
    pub(super) fn refuses(&self, value: &Value) -> Option<String> {
        match value {
            Value::Integer(integer) => {
                let range = self.range.as_ref()?;
                (!range.allows(integer)).then(|| range.to_string())
            }
            Value::Float(float) => {
                let range = self.float_range.as_ref()?;
                (!range.allows(float)).then(|| range.to_string())
            }
            Value::String(text) => {
                let choices = self.one_of.as_ref()?;
                (!choices.contains(text)).then(|| format!("one of {}", choices.join(", ")))
            }
            _ => None,
        }
    }

    /// What asks for another kind than the rule's.
    pub(super) fn misplaced(&self) -> Option<&'static str> {
        let needs = [
            (
                self.range.is_some(),
                Kind::Integer,
                "a range of integers needs the type integer",
            ),
            (
                self.float_range.is_some(),
                Kind::Float,
                "a range of floats needs the type float",
            ),
            (
                self.one_of.is_some(),
                Kind::String,
                "a choice of strings needs the type string",
            ),
            (
                self.items.is_some(),
                Kind::Array,
                "the kind of the elements needs the type array",
            ),
        ];
        needs
            .into_iter()
            .find(|(given, kind, _)| *given && *kind != self.kind)
            .map(|(_, _, message)| message)
    }
}
