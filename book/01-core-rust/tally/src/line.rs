//! A line of a log, split into fields without copying them.

use std::fmt;
use std::io::BufRead;

use crate::error::{Error, Field, ParseError, ParseErrorKind};
use crate::model::Entry;

// ANCHOR: line
/// The fields of one line, borrowed from its text.
///
/// The fields are not interpreted: [`Entry::parse`] does that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The address of the client.
    pub client: &'a str,
    /// The name that the client authenticated with, or `-`.
    pub user: &'a str,
    /// When the request was answered, without the brackets.
    pub time: &'a str,
    /// Method, target and protocol, without the quotes.
    pub request: &'a str,
    /// The status code of the response.
    pub status: &'a str,
    /// The length of the response's body.
    pub bytes: &'a str,
    /// The page that led to the request, or `-`, without the quotes.
    pub referrer: &'a str,
    /// What the client calls itself, without the quotes.
    pub agent: &'a str,
    /// How long the request took, in seconds.
    pub latency: &'a str,
}
// ANCHOR_END: line

// ANCHOR: split
impl<'a> Line<'a> {
    /// Splits a line, without its line break, in one pass and without allocating.
    ///
    /// nginx writes a quote inside of a field as `\x22`, so the first quote ends the field.
    ///
    /// # Errors
    ///
    /// Fails with [`ParseErrorKind::Unterminated`] at the first field that does not end.
    ///
    /// # Examples
    ///
    /// ```
    /// use tally::line::Line;
    ///
    /// let text = String::from(
    ///     r#"203.0.113.9 - - [12/Mar/2026:10:15:32 +0000] "GET / HTTP/1.1" 200 5120 "-" "curl/8.5" 0.043"#,
    /// );
    /// let line = Line::split(&text)?;
    /// assert_eq!(line.request, "GET / HTTP/1.1");
    /// assert_eq!(line.latency, "0.043");
    /// # Ok::<(), tally::error::ParseError>(())
    /// ```
    pub fn split(text: &'a str) -> Result<Self, ParseError> {
        let mut cursor = Cursor { text, start: 0 };
        Ok(Self {
            client: cursor.until(" - ", Field::Client)?,
            user: cursor.until(" [", Field::User)?,
            time: cursor.until("] \"", Field::Time)?,
            request: cursor.until("\" ", Field::Request)?,
            status: cursor.until(" ", Field::Status)?,
            bytes: cursor.until(" \"", Field::Bytes)?,
            referrer: cursor.until("\" \"", Field::Referrer)?,
            agent: cursor.until("\" ", Field::Agent)?,
            latency: cursor.rest(),
        })
    }
}
// ANCHOR_END: split

// ANCHOR: cursor
/// A place in a text. What it hands out borrows from the text, and not from the cursor.
struct Cursor<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Cursor<'a> {
    /// The text up to the next `delimiter`, which is passed over.
    fn until(&mut self, delimiter: &'static str, field: Field) -> Result<&'a str, ParseError> {
        match self.rest().split_once(delimiter) {
            Some((before, _)) => {
                self.start += before.len() + delimiter.len();
                Ok(before)
            }
            None => Err(ParseError::at(
                self.start + 1,
                ParseErrorKind::Unterminated { field, delimiter },
            )),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.start..]
    }
}
// ANCHOR_END: cursor

// ANCHOR: column
/// The column, from 1, at which `part` begins in `text`, of which it is a slice.
pub(crate) fn column_of(part: &str, text: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr() + 1
}
// ANCHOR_END: column

// ANCHOR: line-display
impl fmt::Display for Line<'_> {
    /// Writes the line as it stands in the log, without a line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            user,
            time,
            request,
            status,
            bytes,
            referrer,
            agent,
            latency,
        } = self;
        write!(f, "{client} - {user} [{time}] \"{request}\" {status} ")?;
        write!(f, "{bytes} \"{referrer}\" \"{agent}\" {latency}")
    }
}
// ANCHOR_END: line-display

// ANCHOR: owned-line
/// The fields of one line, each in memory of its own: nine allocations a line.
///
/// It outlives the text that it was made from. That is the one thing that it can do and a
/// [`Line`] cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedLine {
    /// The address of the client.
    pub client: String,
    /// The name that the client authenticated with, or `-`.
    pub user: String,
    /// When the request was answered, without the brackets.
    pub time: String,
    /// Method, target and protocol, without the quotes.
    pub request: String,
    /// The status code of the response.
    pub status: String,
    /// The length of the response's body.
    pub bytes: String,
    /// The page that led to the request, or `-`, without the quotes.
    pub referrer: String,
    /// What the client calls itself, without the quotes.
    pub agent: String,
    /// How long the request took, in seconds.
    pub latency: String,
}
// ANCHOR_END: owned-line

// ANCHOR: owned-line-conversions
impl From<Line<'_>> for OwnedLine {
    fn from(line: Line<'_>) -> Self {
        Self {
            client: line.client.to_owned(),
            user: line.user.to_owned(),
            time: line.time.to_owned(),
            request: line.request.to_owned(),
            status: line.status.to_owned(),
            bytes: line.bytes.to_owned(),
            referrer: line.referrer.to_owned(),
            agent: line.agent.to_owned(),
            latency: line.latency.to_owned(),
        }
    }
}

impl OwnedLine {
    /// The same line, borrowed. Costs nine pointers and lengths, and no allocation.
    #[must_use]
    pub fn as_line(&self) -> Line<'_> {
        Line {
            client: &self.client,
            user: &self.user,
            time: &self.time,
            request: &self.request,
            status: &self.status,
            bytes: &self.bytes,
            referrer: &self.referrer,
            agent: &self.agent,
            latency: &self.latency,
        }
    }
}
// ANCHOR_END: owned-line-conversions

// ANCHOR: line-reader
/// Reads lines into one buffer, which each call reuses.
///
/// A line borrows from the reader, so the compiler sees to it that it is gone before the next one
/// overwrites it. An [`Iterator`] could not say that: its items must be able to live together.
#[derive(Debug)]
pub struct LineReader<R> {
    source: R,
    buffer: Vec<u8>,
    number: u64,
}
// ANCHOR_END: line-reader

// ANCHOR: next-line
impl<R: BufRead> LineReader<R> {
    /// Reads from `source`, with an empty buffer that grows to the longest line.
    pub const fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// The next line without its line break, `\n` or `\r\n`, or `None` after the last.
    ///
    /// # Errors
    ///
    /// Fails with [`Error::Read`] if the source fails, and with [`Error::Parse`] if the line is
    /// not UTF-8. After the latter, the next call goes on with the next line.
    ///
    /// # Examples
    ///
    /// ```
    /// use tally::line::LineReader;
    ///
    /// let mut reader = LineReader::new("one\ntwo\r\n".as_bytes());
    /// let mut lengths = Vec::new();
    /// while let Some(line) = reader.next_line()? {
    ///     lengths.push(line.len());
    /// }
    /// assert_eq!(lengths, [3, 3]);
    /// # Ok::<(), tally::error::Error>(())
    /// ```
    pub fn next_line(&mut self) -> Result<Option<&str>, Error> {
        self.buffer.clear();
        if self.source.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match str::from_utf8(line) {
            Ok(line) => Ok(Some(line)),
            Err(error) => {
                let column = error.valid_up_to() + 1;
                let error = ParseError::at(column, ParseErrorKind::NotUtf8);
                Err(error.on_line(self.number).into())
            }
        }
    }
}
// ANCHOR_END: next-line

// ANCHOR: next-entry
impl<R: BufRead> LineReader<R> {
    /// The next entry, or `None` after the last.
    ///
    /// # Errors
    ///
    /// Fails as [`next_line`](Self::next_line) does, and with [`Error::Parse`] if the line is not
    /// an entry. After either, the next call goes on with the next line.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_>>, Error> {
        let number = self.number + 1;
        let Some(line) = self.next_line()? else {
            return Ok(None);
        };
        match Entry::parse(line) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) => Err(error.on_line(number).into()),
        }
    }
}
// ANCHOR_END: next-entry
