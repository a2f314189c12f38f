//! Values as the suite sees them: a model of what a configuration holds, and random ones.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeMap, fmt, fmt::Write};
use suite_kit::property::Move;

/// A value of any kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Boolean(bool),
    Integer(i128),
    /// As `Debug` shows it, which is exact, and the same for every `nan`.
    Float(String),
    Text(String),
    Array(Vec<Tree>),
    Table(BTreeMap<String, Tree>),
}

/// Names that need quotes, and names that do not.
const NAMES: [&str; 5] = ["a", "b", "c.d", "é \"'\\", ""];
const TEXTS: [&str; 12] = [
    "",
    "plain",
    "007",
    "true",
    " spaces ",
    "two\nlines\r\n",
    "\"quotes\" and '''more'''",
    "back\\slash",
    "\u{0}\u{1}\u{8}\t\u{c}\u{1b}\u{7f}",
    "é 漢 🦀 \u{feff}",
    "# no = [comment]",
    "1979-05-27T07:32:00Z",
];
const INTEGERS: [i128; 6] = [
    0,
    -1,
    i64::MIN as i128,
    i64::MAX as i128,
    i64::MAX as i128 + 1,
    u64::MAX as i128,
];
const FLOATS: [f64; 12] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1,
    1e100,
    1e-7,
    5e-324,
    f64::MAX,
    9_007_199_254_740_993.0,
    f64::INFINITY,
    f64::NAN,
];

impl Tree {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn float(float: f64) -> Self {
        Self::Float(format!("{float:?}"))
    }

    pub(crate) fn table<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Table(members.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// A table with a value for each move, at most three tables deep. Later moves may replace
    /// what earlier ones have made.
    pub(crate) fn grown(moves: &[Move]) -> Self {
        let mut root = Self::Table(BTreeMap::new());
        for one in moves {
            let mut key = usize::from(one.key);
            let mut place = &mut root;
            for _ in 0..=(key % 3) {
                key /= 3;
                place = place.member(NAMES[key % NAMES.len()]);
            }
            *place = Self::leaf(one.kind, usize::from(one.value));
        }
        root
    }

    fn member(&mut self, name: &str) -> &mut Self {
        if !matches!(self, Self::Table(_)) {
            *self = Self::Table(BTreeMap::new());
        }
        let Self::Table(members) = self else {
            unreachable!("it has become a table")
        };
        members.entry(name.to_owned()).or_insert(Self::Null)
    }

    fn leaf(kind: u8, value: usize) -> Self {
        match kind % 8 {
            0 => Self::Null,
            1 => Self::Boolean(value.is_multiple_of(2)),
            2 => Self::Integer(INTEGERS[value % INTEGERS.len()]),
            3 => Self::float(FLOATS[value % FLOATS.len()]),
            4 | 5 => Self::text(TEXTS[value % TEXTS.len()]),
            6 => Self::Array(
                (0..value % 4)
                    .map(|at| Self::leaf(kind / 8 + u8::try_from(at).unwrap(), value / 4 + at))
                    .collect(),
            ),
            _ => Self::Table(BTreeMap::new()),
        }
    }

    /// Without what the format cannot hold: null and great integers in TOML, `nan` and `inf` in
    /// JSON. Something else of the same sort stands in its place.
    pub(crate) fn fit(self, toml: bool) -> Self {
        match self {
            Self::Null if toml => Self::Boolean(false),
            Self::Integer(number) if toml => Self::Integer(number.min(i64::MAX.into())),
            Self::Float(float) if !toml && !float.ends_with(|last: char| last.is_ascii_digit()) => {
                Self::float(2.5)
            }
            Self::Array(elements) => {
                Self::Array(elements.into_iter().map(|one| one.fit(toml)).collect())
            }
            Self::Table(members) => Self::Table(
                members
                    .into_iter()
                    .map(|(name, value)| (name, value.fit(toml)))
                    .collect(),
            ),
            other => other,
        }
    }

    /// What is left when a higher layer lies on this one.
    pub(crate) fn under(self, higher: Self) -> Self {
        match (self, higher) {
            (Self::Table(mut members), Self::Table(higher)) => {
                for (name, value) in higher {
                    let merged = match members.remove(&name) {
                        Some(lower) => lower.under(value),
                        None => value,
                    };
                    members.insert(name, merged);
                }
                Self::Table(members)
            }
            (_, higher) => higher,
        }
    }

    /// In JSON.
    pub(crate) fn json(&self) -> String {
        self.written(": ")
    }

    /// In TOML, as an inline table or a value.
    pub(crate) fn toml(&self) -> String {
        self.written(" = ")
    }

    fn written(&self, assigns: &str) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Float(float) => float.replace("NaN", "nan"),
            Self::Text(text) => quoted(text),
            Self::Array(elements) => {
                let elements: Vec<String> =
                    elements.iter().map(|one| one.written(assigns)).collect();
                format!("[{}]", elements.join(", "))
            }
            Self::Table(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        format!("{}{assigns}{}", quoted(name), value.written(assigns))
                    })
                    .collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }
}

/// A text in double quotes, as both formats have it.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\x1f' | '\x7f' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Boolean(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Integer(number.into()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Tree, E> {
        Ok(Tree::Integer(number))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Tree, E> {
        Ok(Tree::float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Tree::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut table = BTreeMap::new();
        while let Some((name, value)) = members.next_entry()? {
            table.insert(name, value);
        }
        Ok(Tree::Table(table))
    }
}
