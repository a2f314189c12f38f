//! What the fields of a line mean.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;
use std::str::FromStr;

use crate::error::{Field, ParseError, ParseErrorKind};
use crate::line::{Line, column_of};

pub use crate::time::Timestamp;

// ANCHOR: method
/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method<'a> {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// Any other, as the client wrote it.
    Other(&'a str),
}
// ANCHOR_END: method

// ANCHOR: method-conversions
impl<'a> Method<'a> {
    /// The name of the method.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other(name) => name,
        }
    }
}

impl<'a> From<&'a str> for Method<'a> {
    fn from(name: &'a str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
// ANCHOR_END: method-conversions

// ANCHOR: status
/// A status code, from 100 to 599.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(u16);

impl Status {
    /// The status with this code, if it is from 100 to 599.
    ///
    /// # Examples
    ///
    /// ```
    /// use tally::model::{Status, StatusClass};
    ///
    /// let class = Status::new(404).map(Status::class);
    /// assert_eq!(class, Some(StatusClass::ClientError));
    /// assert_eq!(Status::new(42), None);
    /// ```
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            100..=599 => Some(Self(code)),
            _ => None,
        }
    }

    /// The code.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The class, which the first digit tells.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match self.0 {
            ..200 => StatusClass::Informational,
            200..300 => StatusClass::Success,
            300..400 => StatusClass::Redirection,
            400..500 => StatusClass::ClientError,
            500.. => StatusClass::ServerError,
        }
    }
}
// ANCHOR_END: status

// ANCHOR: status-from-str
impl FromStr for Status {
    type Err = ParseErrorKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .and_then(Self::new)
            .ok_or(ParseErrorKind::Invalid(Field::Status))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
// ANCHOR_END: status-from-str

// ANCHOR: status-class
/// The class of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StatusClass {
    /// `1xx`
    Informational,
    /// `2xx`
    Success,
    /// `3xx`
    Redirection,
    /// `4xx`
    ClientError,
    /// `5xx`
    ServerError,
}

impl StatusClass {
    /// All classes, in their order.
    pub const ALL: [Self; 5] = [
        Self::Informational,
        Self::Success,
        Self::Redirection,
        Self::ClientError,
        Self::ServerError,
    ];

    /// The class as people write it: `4xx`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "1xx",
            Self::Success => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
        }
    }

    /// Whether the request failed, by the client's or the server's fault.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self, Self::ClientError | Self::ServerError)
    }
}
// ANCHOR_END: status-class

impl fmt::Display for StatusClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

// ANCHOR: bytes
/// A number of bytes.
///
/// Sums stay at [`u64::MAX`] instead of overflowing: the numbers come from a file that anyone may
/// have written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Bytes(pub u64);

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |mut sum, bytes| {
            sum += bytes;
            sum
        })
    }
}
// ANCHOR_END: bytes

// ANCHOR: bytes-text
impl FromStr for Bytes {
    type Err = ParseErrorKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text)
            .map(Self)
            .ok_or(ParseErrorKind::Invalid(Field::Bytes))
    }
}

impl fmt::Display for Bytes {
    /// The number; with `{:#}`, rounded and with a unit, like `5.0 KiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if !f.alternate() {
            return self.0.fmt(f);
        }
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let mut rest = self.0 as f64 / 1024.0;
        let mut units = UNITS.iter().copied();
        let mut unit = units.next().unwrap_or_default();
        for larger in units {
            // What would be rounded up to 1024.0 is 1.0 of the next unit.
            if rest < 1023.95 {
                break;
            }
            rest /= 1024.0;
            unit = larger;
        }
        write!(f, "{rest:.1} {unit}")
    }
}
// ANCHOR_END: bytes-text

// ANCHOR: latency
/// How long a request took, in whole microseconds.
///
/// An integer has a total order and sums that do not depend on the order. A float has neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Latency(u64);

impl Latency {
    /// The latency of this many microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The number of microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }
}
// ANCHOR_END: latency

// ANCHOR: latency-text
impl FromStr for Latency {
    type Err = ParseErrorKind;

    /// Parses seconds with at most six decimals.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let micros = || {
            let (seconds, decimals) = text.split_once('.').unwrap_or((text, "0"));
            let unit = 10_u64.checked_pow(6_u32.checked_sub(decimals.len().try_into().ok()?)?)?;
            let whole = digits::<u64>(seconds)?.checked_mul(1_000_000)?;
            whole.checked_add(digits::<u64>(decimals)? * unit)
        };
        micros()
            .map(Self)
            .ok_or(ParseErrorKind::Invalid(Field::Latency))
    }
}

impl fmt::Display for Latency {
    /// Seconds with three decimals, or six if they are needed; with `{:#}`, rounded and with a
    /// unit, like `43.0 ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0 / 1_000_000, self.0 % 1_000_000);
        if f.alternate() {
            match self.0 {
                ..1_000 => write!(f, "{} µs", self.0),
                // What would be rounded up to 1000.0 ms is one second.
                1_000..999_950 => write!(f, "{:.1} ms", self.0 as f64 / 1e3),
                _ => write!(f, "{:.2} s", self.0 as f64 / 1e6),
            }
        } else if micros.is_multiple_of(1_000) {
            write!(f, "{seconds}.{:03}", micros / 1_000)
        } else {
            write!(f, "{seconds}.{micros:06}")
        }
    }
}
// ANCHOR_END: latency-text

// ANCHOR: digits
/// The number that `text` writes in nothing but digits. `str::parse` alone would take `+7`.
pub(crate) fn digits<T: FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
// ANCHOR_END: digits

// ANCHOR: entry
/// One request, with everything that a question can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The address of the client.
    pub client: &'a str,
    /// When the request was answered.
    pub time: Timestamp,
    /// The method.
    pub method: Method<'a>,
    /// The target without its query.
    pub path: &'a str,
    /// The status of the response.
    pub status: Status,
    /// The length of the response's body.
    pub bytes: Bytes,
    /// How long the request took.
    pub latency: Latency,
}
// ANCHOR_END: entry

// ANCHOR: entry-parse
impl<'a> Entry<'a> {
    /// Parses a line, without its line break and without allocating.
    ///
    /// # Errors
    ///
    /// Fails at the first field that does not end, or else at the first that means nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use tally::model::{Entry, Method};
    ///
    /// let text = r#"203.0.113.9 - - [12/Mar/2026:10:15:32 +0000] "GET /a?b=c HTTP/1.1" 200 5120 "-" "-" 0.043"#;
    /// let entry = Entry::parse(text)?;
    /// assert_eq!((entry.method, entry.path), (Method::Get, "/a"));
    /// assert_eq!(entry.latency.as_micros(), 43_000);
    ///
    /// let bad = text.replace(" 200 ", " 2000 ");
    /// let message = Entry::parse(&bad).map_err(|error| error.to_string());
    /// let expected = "1:68: status is invalid: expected a number from 100 to 599";
    /// assert_eq!(message, Err(expected.to_owned()));
    /// # Ok::<(), tally::error::ParseError>(())
    /// ```
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        let line = Line::split(text)?;
        let time = parse_field(line.time, text)?;
        let (method, path) = split_request(line.request).ok_or(ParseError::at(
            column_of(line.request, text),
            ParseErrorKind::Invalid(Field::Request),
        ))?;
        Ok(Self {
            client: line.client,
            time,
            method,
            path,
            status: parse_field(line.status, text)?,
            bytes: parse_field(line.bytes, text)?,
            latency: parse_field(line.latency, text)?,
        })
    }
}

/// Parses a field of the line `text`, and says where it begins if that fails.
fn parse_field<T>(field: &str, text: &str) -> Result<T, ParseError>
where
    T: FromStr<Err = ParseErrorKind>,
{
    field
        .parse()
        .map_err(|kind| ParseError::at(column_of(field, text), kind))
}

/// Method and path. A request that is not HTTP has none: such lines are in every public log.
fn split_request(request: &str) -> Option<(Method<'_>, &str)> {
    let (method, rest) = request.split_once(' ')?;
    let (target, _protocol) = rest.rsplit_once(' ')?;
    let (path, _query) = target.split_once('?').unwrap_or((target, ""));
    (!method.is_empty() && !path.is_empty()).then_some((method.into(), path))
}
// ANCHOR_END: entry-parse
