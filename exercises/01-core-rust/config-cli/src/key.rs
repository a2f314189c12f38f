//! Keys that name a place in a configuration.

use std::fmt;
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
}

impl FromStr for KeyPath {
    type Err = Error;

    /// # Errors
    /// [`Error::InvalidKey`] when the text is not a path of the grammar, or is too long.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        _ = text;
        todo!("phase 1: parse a key")
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        _ = f;
        todo!("phase 1: write a key in its canonical form")
    }
}
