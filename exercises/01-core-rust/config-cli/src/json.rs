//! A JSON reader that knows where everything stands. This file is complete.
//!
//! It takes exactly the texts that RFC 8259 calls JSON, and reports the offset of what is wrong
//! with any other. It keeps numbers as they are written and members in their order, the
//! duplicates among them too: what to do with either is the caller's decision.

use std::borrow::Cow;
use std::ops::Range;

/// Arrays and objects nest at most this deep.
pub const MAX_DEPTH: usize = 80;

/// A value and the bytes of the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<'a> {
    /// Offsets of the value's first byte and of the byte after its last one.
    pub span: Range<usize>,
    /// The value.
    pub value: Json<'a>,
}

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(&'a str),
    /// A string without its quotes and escapes.
    String(Cow<'a, str>),
    /// The elements of an array.
    Array(Vec<Spanned<'a>>),
    /// The members of an object, as they stand in the text. Names may occur more than once.
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// The bytes of the name, with its quotes.
    pub name_span: Range<usize>,
    /// The value.
    pub value: Spanned<'a>,
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// The offset of the byte at which the text stops being JSON.
    pub at: usize,
    /// What is wrong there. Never holds a part of the text.
    pub message: &'static str,
}

/// Reads a text that holds one value and white space.
///
/// # Errors
/// When the text is not JSON, or nests deeper than [`MAX_DEPTH`].
pub fn parse(text: &str) -> Result<Spanned<'_>, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_white_space();
    let value = reader.value(0)?;
    reader.skip_white_space();
    if reader.at < text.len() {
        return Err(reader.error("expected the end of the text"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, message: &'static str) -> SyntaxError {
        SyntaxError {
            at: self.at,
            message,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest
            .iter()
            .position(|byte| !wanted(*byte))
            .unwrap_or(rest.len());
    }

    fn skip_white_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn value(&mut self, depth: usize) -> Result<Spanned<'a>, SyntaxError> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => return Err(self.error("nested too deep")),
            Some(b'{') => Json::Object(self.object(depth)?),
            Some(b'[') => Json::Array(self.array(depth)?),
            Some(b'"') => Json::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
            Some(b't') => self.word("true", Json::Bool(true))?,
            Some(b'f') => self.word("false", Json::Bool(false))?,
            Some(b'n') => self.word("null", Json::Null)?,
            _ => return Err(self.error("expected a value")),
        };
        Ok(Spanned {
            span: start..self.at,
            value,
        })
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, SyntaxError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member<'a>>, SyntaxError> {
        let mut members = Vec::new();
        self.at += 1;
        self.skip_white_space();
        if self.eat(b'}') {
            return Ok(members);
        }
        loop {
            self.skip_white_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a name in double quotes"));
            }
            let name = self.string()?;
            let name_span = start..self.at;
            self.skip_white_space();
            if !self.eat(b':') {
                return Err(self.error("expected a colon"));
            }
            self.skip_white_space();
            let value = self.value(depth + 1)?;
            members.push(Member {
                name,
                name_span,
                value,
            });
            self.skip_white_space();
            if self.eat(b'}') {
                return Ok(members);
            }
            if !self.eat(b',') {
                return Err(self.error("expected a comma or a closing brace"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Spanned<'a>>, SyntaxError> {
        let mut elements = Vec::new();
        self.at += 1;
        self.skip_white_space();
        if self.eat(b']') {
            return Ok(elements);
        }
        loop {
            self.skip_white_space();
            elements.push(self.value(depth + 1)?);
            self.skip_white_space();
            if self.eat(b']') {
                return Ok(elements);
            }
            if !self.eat(b',') {
                return Err(self.error("expected a comma or a closing bracket"));
            }
        }
    }

    fn number(&mut self) -> Result<&'a str, SyntaxError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.at == start {
            return Err(self.error("expected a digit"));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.at += 1;
        let mut unescaped = Cow::Borrowed("");
        loop {
            let start = self.at;
            self.skip_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f));
            unescaped += &self.text[start..self.at];
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(unescaped);
                }
                Some(b'\\') => unescaped.to_mut().push(self.escape()?),
                Some(_) => return Err(self.error("a control character must be escaped")),
                None => return Err(self.error("the string has no end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let unknown = self.error("not an escape sequence");
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = self.code_unit().ok_or(unknown.clone())?;
                let mut units = vec![unit];
                if (0xd800..0xdc00).contains(&unit) && self.eat(b'\\') && self.eat(b'u') {
                    units.push(self.code_unit().ok_or(unknown.clone())?);
                }
                let mut decoded = char::decode_utf16(units);
                match (decoded.next(), decoded.next()) {
                    (Some(Ok(character)), None) => character,
                    _ => return Err(unknown),
                }
            }
            _ => return Err(unknown),
        })
    }

    /// The four hexadecimal digits of a `\u` escape.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }
}
