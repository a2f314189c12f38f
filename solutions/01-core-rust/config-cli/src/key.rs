//! Keys that name a place in a configuration.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::error::Error;

/// The way from the root of a configuration to one value: `server.port`, `servers[0].host`,
/// `rules."example.com".allow`.
///
/// It is parsed with [`str::parse`] from this grammar:
///
/// ```text
/// path    = name *( "." name / index )
/// index   = "[" 1*DIGIT "]"                         a number that a usize can hold
/// name    = bare / basic / literal
/// bare    = 1*( any character but . [ ] = " ' and white space and control characters )
/// basic   = a double quote, characters and escapes, a double quote
/// literal = "'" *( any character but ' ) "'"        no escapes
/// ```
///
/// The escapes are `\"`, `\\`, `\b`, `\t`, `\n`, `\f`, `\r`, and `\uXXXX` with four hexadecimal
/// digits that are a Unicode scalar value. A quoted name may be empty and may hold any
/// character. A bare name of digits is a name: only brackets make an index. White space is
/// nowhere skipped.
///
/// A path has at most [`MAX_SEGMENTS`](Self::MAX_SEGMENTS) segments.
///
/// Two paths are equal if they have the same segments, however they were written. The display
/// is the *canonical form*: a name is written bare if it consists of ASCII letters, digits, `_`
/// and `-` and is not empty; any other in double quotes, in which `"` and `\` and control
/// characters (those of [`char::is_control`], as `\b`, `\t`, `\n`, `\f`, `\r` or `\uXXXX` with
/// lower-case digits) are escaped and nothing else is. It parses to an equal path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPath {
    segments: Vec<Segment>,
}

/// One step on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// To the value of this name in a table.
    Name(String),
    /// To this element of an array, from 0.
    Index(usize),
}

impl KeyPath {
    /// The greatest number of segments.
    pub const MAX_SEGMENTS: usize = 64;

    /// The segments, from the root on. At least one, and the first is a name.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The path of one name.
    pub(crate) fn of_name(name: &str) -> Self {
        Self::root().sibling(name)
    }

    /// A path with no segments, to which steps are added on the way down a tree.
    pub(crate) fn root() -> Self {
        Self {
            segments: Vec::new(),
        }
    }

    /// Does `work` with the path that is longer by a name.
    pub(crate) fn within<R>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> R) -> R {
        self.push_name(name);
        let result = work(self);
        self.pop();
        result
    }

    pub(crate) fn push_name(&mut self, name: &str) {
        self.segments.push(Segment::Name(name.to_owned()));
    }

    pub(crate) fn push_index(&mut self, index: usize) {
        self.segments.push(Segment::Index(index));
    }

    pub(crate) fn pop(&mut self) {
        self.segments.pop();
    }

    /// The path whose last name is another.
    pub(crate) fn sibling(&self, name: &str) -> Self {
        let mut segments = self.segments.clone();
        segments.pop();
        segments.push(Segment::Name(name.to_owned()));
        Self { segments }
    }

    /// The names, if no segment is an index.
    pub(crate) fn names(&self) -> Option<Vec<&str>> {
        let names = self.segments.iter().map(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Index(_) => None,
        });
        names.collect()
    }
}

impl FromIterator<Segment> for KeyPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self {
            segments: segments.into_iter().collect(),
        }
    }
}

impl FromStr for KeyPath {
    type Err = Error;

    /// # Errors
    /// [`Error::InvalidKey`] when the text is not a path of the grammar, or is too long.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Steps::new(text)
            .map(|step| {
                step.map(|step| match step {
                    Step::Name(name) => Segment::Name(name.into_owned()),
                    Step::Index(index) => Segment::Index(index),
                })
            })
            .collect()
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Name(name) => {
                    if position > 0 {
                        f.write_char('.')?;
                    }
                    write_name(f, name)?;
                }
            }
        }
        Ok(())
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(plain) {
        return f.write_str(name);
    }
    f.write_char('"')?;
    for character in name.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\u{8}' => f.write_str("\\b")?,
            '\t' => f.write_str("\\t")?,
            '\n' => f.write_str("\\n")?,
            '\u{c}' => f.write_str("\\f")?,
            '\r' => f.write_str("\\r")?,
            _ if character.is_control() => write!(f, "\\u{:04x}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

/// A segment that borrows the text it is parsed from, so that a look-up allocates nothing.
#[derive(Debug)]
pub(crate) enum Step<'t> {
    Name(Cow<'t, str>),
    Index(usize),
}

/// The steps of a path, parsed one at a time. After an error there are no more.
pub(crate) struct Steps<'t> {
    text: &'t str,
    rest: &'t str,
    taken: usize,
    failed: bool,
}

impl<'t> Steps<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            rest: text,
            taken: 0,
            failed: false,
        }
    }

    fn step(&mut self) -> Result<Step<'t>, &'static str> {
        if self.taken == KeyPath::MAX_SEGMENTS {
            return Err("it has too many parts");
        }
        if self.taken > 0 {
            if let Some(rest) = self.rest.strip_prefix('[') {
                return self.index(rest);
            }
            self.rest = self
                .rest
                .strip_prefix('.')
                .ok_or("expected a dot or an opening bracket after a name")?;
        }
        self.name().map(Step::Name)
    }

    fn index(&mut self, rest: &'t str) -> Result<Step<'t>, &'static str> {
        let (digits, rest) = rest.split_once(']').ok_or("a bracket is not closed")?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("expected digits between brackets");
        }
        self.rest = rest;
        let index = digits.parse().map_err(|_| "the index is too large")?;
        Ok(Step::Index(index))
    }

    fn name(&mut self) -> Result<Cow<'t, str>, &'static str> {
        if let Some(rest) = self.rest.strip_prefix('\'') {
            let (name, rest) = rest.split_once('\'').ok_or("a quote is not closed")?;
            self.rest = rest;
            return Ok(Cow::Borrowed(name));
        }
        if let Some(rest) = self.rest.strip_prefix('"') {
            return self.basic(rest);
        }
        let end = self.rest.find(ends_bare).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err("expected a name");
        }
        self.rest = rest;
        Ok(Cow::Borrowed(name))
    }

    fn basic(&mut self, text: &'t str) -> Result<Cow<'t, str>, &'static str> {
        let mut name = Cow::Borrowed("");
        let mut rest = text;
        loop {
            let end = rest.find(['"', '\\']).ok_or("a quote is not closed")?;
            name += &rest[..end];
            let quoted = rest[end..].strip_prefix('"');
            if let Some(after) = quoted {
                self.rest = after;
                return Ok(name);
            }
            let (character, after) = escape(&rest[end + 1..]).ok_or("not an escape sequence")?;
            name.to_mut().push(character);
            rest = after;
        }
    }
}

impl<'t> Iterator for Steps<'t> {
    type Item = Result<Step<'t>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || (self.taken > 0 && self.rest.is_empty()) {
            return None;
        }
        let step = self.step();
        self.taken += 1;
        Some(step.map_err(|reason| {
            self.failed = true;
            Error::InvalidKey {
                text: self.text.to_owned(),
                reason: reason.to_owned(),
            }
        }))
    }
}

/// Whether a character cannot be part of a bare name.
fn ends_bare(character: char) -> bool {
    matches!(character, '.' | '[' | ']' | '=' | '"' | '\'')
        || character.is_whitespace()
        || character.is_control()
}

/// The character that an escape stands for, and what follows the escape.
fn escape(text: &str) -> Option<(char, &str)> {
    let mut characters = text.chars();
    let character = match characters.next()? {
        same @ ('"' | '\\') => same,
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        'u' => {
            let (digits, rest) = characters.as_str().split_at_checked(4)?;
            if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            let code = u32::from_str_radix(digits, 16).ok()?;
            return Some((char::from_u32(code)?, rest));
        }
        _ => return None,
    };
    Some((character, characters.as_str()))
}

/// Where the first `=` stands that is not between quotes, in a text that begins with a path.
pub(crate) fn find_equals(text: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        match (open, byte) {
            (Some(b'"'), b'\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(quote), _) if byte == quote && !escaped => open = None,
            (None, b'"' | b'\'') => open = Some(byte),
            (None, b'=') => return Some(offset),
            _ => {}
        }
        escaped = false;
    }
    None
}
