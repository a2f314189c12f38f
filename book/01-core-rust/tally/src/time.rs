//! Moments, as logs write them.

use std::fmt;
use std::str::FromStr;

use crate::error::{Field, ParseErrorKind};
use crate::model::digits;

// ANCHOR: timestamp
/// A moment, in seconds since 1970-01-01 00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment that is `seconds` after the start of 1970, in UTC.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The seconds since the start of 1970, in UTC.
    #[must_use]
    pub const fn as_unix(self) -> i64 {
        self.0
    }
}
// ANCHOR_END: timestamp

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

// ANCHOR: timestamp-text
impl FromStr for Timestamp {
    type Err = ParseErrorKind;

    /// Parses a time like `12/Mar/2026:10:15:32 +0000`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_time(text).ok_or(ParseErrorKind::Invalid(Field::Time))
    }
}

fn parse_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once(':')?;
    let (clock, zone) = rest.split_once(' ')?;
    let [day, month, year] = split_exactly(date, '/')?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let (day, year) = (fixed(day, 2)?, fixed(year, 4)?);
    let days = days_since_1970(year, month, day)?;

    let [hour, minute, second] = split_exactly(clock, ':')?;
    let (hour, minute, second) = (fixed(hour, 2)?, fixed(minute, 2)?, fixed(second, 2)?);

    let (sign, zone) = match zone.strip_prefix('-') {
        Some(zone) => (-1, zone),
        None => (1, zone.strip_prefix('+')?),
    };
    let (zone_hours, zone_minutes) = (fixed(zone, 4)? / 100, fixed(zone, 4)? % 100);
    // A leap second is written as second 60.
    if hour > 23 || minute > 59 || second > 60 || zone_hours > 23 || zone_minutes > 59 {
        return None;
    }
    let local = days * 86_400 + hour * 3_600 + minute * 60 + second;
    let east = sign * (zone_hours * 3_600 + zone_minutes * 60);
    Some(Timestamp(local - east))
}
// ANCHOR_END: timestamp-text

/// The `N` parts of `text` between separators, if there are as many.
fn split_exactly<const N: usize>(text: &str, separator: char) -> Option<[&str; N]> {
    let mut parts = text.split(separator);
    let mut found = [""; N];
    for slot in &mut found {
        *slot = parts.next()?;
    }
    parts.next().is_none().then_some(found)
}

/// The number that `text` writes in exactly `width` digits.
fn fixed(text: &str, width: usize) -> Option<i64> {
    (text.len() == width).then(|| digits(text)).flatten()
}

// ANCHOR: calendar
/// The days from 1970-01-01 to a day of the Gregorian calendar, with months counted from 0.
fn days_since_1970(year: i64, month: usize, day: i64) -> Option<i64> {
    if day < 1 || day > days_in_month(year, month)? {
        return None;
    }
    let before: i64 = (0..month)
        .filter_map(|month| days_in_month(year, month))
        .sum();
    Some(days_before_year(year) - days_before_year(1970) + before + day - 1)
}

/// The days from the start of year 0 to the start of `year`, which is not negative.
const fn days_before_year(year: i64) -> i64 {
    let leap_years = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    year * 365 + leap_years
}

fn days_in_month(year: i64, month: usize) -> Option<i64> {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = DAYS.get(month)?;
    Some(days + i64::from(leap && month == 1))
}
// ANCHOR_END: calendar

impl fmt::Display for Timestamp {
    /// The time in UTC, as it stands in a log. Years before 0 or after 9999 do not parse back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, clock) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let name = MONTHS.get(month).copied().unwrap_or_default();
        let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
        write!(
            f,
            "{day:02}/{name}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000"
        )
    }
}

/// Year, month from 0, and day of the month, `days` after 1970-01-01.
fn civil(days: i64) -> (i64, usize, i64) {
    const CYCLE: i64 = 146_097;
    let days = days + days_before_year(1970);
    // All cycles of 400 years are alike, so the search is in the first.
    let (cycle, in_cycle) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    let mut year = in_cycle / 366;
    while days_before_year(year + 1) <= in_cycle {
        year += 1;
    }
    let mut day = in_cycle - days_before_year(year);
    let mut month = 0;
    while let Some(length) = days_in_month(year, month)
        && day >= length
    {
        day -= length;
        month += 1;
    }
    (cycle * 400 + year, month, day + 1)
}
