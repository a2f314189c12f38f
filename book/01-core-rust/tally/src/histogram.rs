//! Percentiles in little memory.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::UnknownWord;
use crate::model::Latency;

// ANCHOR: rank
/// Which percentile: tenths of a percent, from 0.1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rank(u16);

impl Rank {
    /// Half of all requests took no longer.
    pub const MEDIAN: Self = Self(500);

    /// The rank of this many tenths of a percent, if they are from 1 to 1,000.
    #[must_use]
    pub const fn from_tenths(tenths: u16) -> Option<Self> {
        match tenths {
            1..=1_000 => Some(Self(tenths)),
            _ => None,
        }
    }

    /// The place, from 1, of the percentile among `count` sorted values: the nearest rank.
    fn place(self, count: u64) -> u64 {
        let place = (u128::from(count) * u128::from(self.0)).div_ceil(1_000);
        // A rank is at most 100 percent, so the place is at most `count`.
        u64::try_from(place).unwrap_or(count)
    }
}
// ANCHOR_END: rank

impl FromStr for Rank {
    type Err = UnknownWord;

    /// Parses `p50` or `p99.9`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let tenths = || {
            let percent = text.strip_prefix('p')?;
            let (whole, tenth) = percent.split_once('.').unwrap_or((percent, "0"));
            let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            if tenth.len() != 1 || !plain(whole) || !plain(tenth) {
                return None;
            }
            let whole = whole.parse::<u16>().ok()?.checked_mul(10)?;
            Self::from_tenths(whole.checked_add(tenth.parse().ok()?)?)
        };
        tenths().ok_or(UnknownWord {
            expected: "a percentile from p0.1 to p100",
        })
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 10, self.0 % 10) {
            (whole, 0) => write!(f, "p{whole}"),
            (whole, tenth) => write!(f, "p{whole}.{tenth}"),
        }
    }
}

// ANCHOR: histogram
/// How many latencies lie in each of many narrow ranges.
///
/// From one power of two to the next there are 128 ranges of equal width, so that a range is less
/// than 0.8 percent wide, relative to what lies in it. Only ranges that hold something take
/// memory. Recording takes O(log n) time, with n such ranges, of which there can be 7,424.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    ranges: BTreeMap<u16, u64>,
    count: u64,
    max: Latency,
}
// ANCHOR_END: histogram

// ANCHOR: histogram-methods
impl Histogram {
    /// Counts one latency.
    pub fn record(&mut self, latency: Latency) {
        *self.ranges.entry(range_of(latency)).or_default() += 1;
        self.count += 1;
        self.max = self.max.max(latency);
    }

    /// Counts everything that `other` has counted.
    pub fn merge(&mut self, other: Self) {
        for (range, count) in other.ranges {
            *self.ranges.entry(range).or_default() += count;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    /// The end of the range that holds the percentile, or the greatest latency if that is less;
    /// `None` if nothing was recorded. Takes O(n) time.
    #[must_use]
    pub fn percentile(&self, rank: Rank) -> Option<Latency> {
        let place = rank.place(self.count);
        let mut seen = 0;
        let (range, _) = self.ranges.iter().find(|(_, count)| {
            seen += **count;
            seen >= place
        })?;
        Some(end_of(*range).min(self.max))
    }
}
// ANCHOR_END: histogram-methods

// ANCHOR: ranges
const RANGES_LOG2: u32 = 7;

/// The number of the range that holds `latency`.
fn range_of(latency: Latency) -> u16 {
    let micros = latency.as_micros();
    let shift = (u64::BITS - micros.leading_zeros()).saturating_sub(RANGES_LOG2 + 1);
    let range = (u64::from(shift) << RANGES_LOG2) + (micros >> shift);
    // `shift` is at most 56 and the shifted value less than 256, so this is less than 7,424.
    u16::try_from(range).unwrap_or(u16::MAX)
}

/// The greatest latency in a range.
fn end_of(range: u16) -> Latency {
    let shift = (range >> RANGES_LOG2).saturating_sub(1);
    let value = u64::from(range - (shift << RANGES_LOG2));
    let below = (1_u64 << shift) - 1;
    Latency::from_micros(value << shift | below)
}
// ANCHOR_END: ranges

// ANCHOR: histogram-collect
impl Extend<Latency> for Histogram {
    fn extend<I: IntoIterator<Item = Latency>>(&mut self, latencies: I) {
        latencies
            .into_iter()
            .for_each(|latency| self.record(latency));
    }
}

impl FromIterator<Latency> for Histogram {
    fn from_iter<I: IntoIterator<Item = Latency>>(latencies: I) -> Self {
        let mut histogram = Self::default();
        histogram.extend(latencies);
        histogram
    }
}
// ANCHOR_END: histogram-collect
