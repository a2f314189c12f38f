//! What is measured.

use std::any::Any;
use std::fmt;
use std::str::FromStr;

use crate::error::{Mismatch, UnknownWord};
use crate::model::{Bytes, Entry, Latency};

pub use crate::histogram::{Histogram, Rank};

// ANCHOR: metric
/// Something that is measured over entries.
pub trait Metric {
    /// What the measurement comes to.
    type Output;

    /// Takes one entry into account.
    fn record(&mut self, entry: &Entry<'_>);

    /// Takes everything into account that `other` has recorded.
    ///
    /// # Errors
    ///
    /// Fails if the two do not measure the same thing. What `self` is worth then is unspecified.
    fn merge(&mut self, other: Self) -> Result<(), Mismatch>;

    /// What the measurement comes to.
    fn finish(&self) -> Self::Output;
}
// ANCHOR_END: metric

// ANCHOR: count
/// The number of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(u64);

impl Metric for Count {
    type Output = u64;

    fn record(&mut self, _entry: &Entry<'_>) {
        self.0 += 1;
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        self.0 += other.0;
        Ok(())
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
// ANCHOR_END: count

// ANCHOR: total-bytes
/// The bytes of all responses together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TotalBytes(Bytes);

impl Metric for TotalBytes {
    type Output = Bytes;

    fn record(&mut self, entry: &Entry<'_>) {
        self.0 += entry.bytes;
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        self.0 += other.0;
        Ok(())
    }

    fn finish(&self) -> Bytes {
        self.0
    }
}
// ANCHOR_END: total-bytes

// ANCHOR: percentile
/// The latency that a part of all requests did not exceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Percentile {
    rank: Rank,
    histogram: Histogram,
}

impl Percentile {
    /// The percentile of this rank, of nothing yet.
    #[must_use]
    pub fn new(rank: Rank) -> Self {
        Self {
            rank,
            histogram: Histogram::default(),
        }
    }
}

impl Metric for Percentile {
    type Output = Option<Latency>;

    fn record(&mut self, entry: &Entry<'_>) {
        self.histogram.record(entry.latency);
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        if self.rank != other.rank {
            return Err(Mismatch);
        }
        self.histogram.merge(other.histogram);
        Ok(())
    }

    fn finish(&self) -> Option<Latency> {
        self.histogram.percentile(self.rank)
    }
}
// ANCHOR_END: percentile

// ANCHOR: composition
/// Two metrics at once.
impl<A: Metric, B: Metric> Metric for (A, B) {
    type Output = (A::Output, B::Output);

    fn record(&mut self, entry: &Entry<'_>) {
        self.0.record(entry);
        self.1.record(entry);
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        self.0.merge(other.0)?;
        self.1.merge(other.1)
    }

    fn finish(&self) -> Self::Output {
        (self.0.finish(), self.1.finish())
    }
}

/// Any number of metrics of one type.
impl<M: Metric> Metric for Vec<M> {
    type Output = Vec<M::Output>;

    fn record(&mut self, entry: &Entry<'_>) {
        self.iter_mut().for_each(|metric| metric.record(entry));
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        if self.len() != other.len() {
            return Err(Mismatch);
        }
        let pairs = self.iter_mut().zip(other);
        pairs
            .into_iter()
            .try_for_each(|(ours, theirs)| ours.merge(theirs))
    }

    fn finish(&self) -> Self::Output {
        self.iter().map(M::finish).collect()
    }
}
// ANCHOR_END: composition

// ANCHOR: value
/// What any metric comes to.
///
/// The order makes sense between values of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "json", derive(serde::Serialize), serde(untagged))]
pub enum Value {
    /// Nothing was measured.
    Absent,
    /// A number of requests.
    Count(u64),
    /// A number of bytes.
    Bytes(Bytes),
    /// A time. In JSON, its microseconds.
    Latency(Latency),
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Option<Latency>> for Value {
    fn from(latency: Option<Latency>) -> Self {
        latency.map_or(Self::Absent, Self::Latency)
    }
}
// ANCHOR_END: value

impl fmt::Display for Value {
    /// The value as people read it, with a unit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("-"),
            Self::Count(count) => count.fmt(f),
            Self::Bytes(bytes) => write!(f, "{bytes:#}"),
            Self::Latency(latency) => write!(f, "{latency:#}"),
        }
    }
}

// ANCHOR: dyn-metric
/// A [`Metric`] whose type is known at run time only.
///
/// `dyn Metric` would need one `Output` for all, and `merge` takes another value of the same type,
/// which the caller of a `dyn Metric` cannot name. Here, the output is always a [`Value`], and
/// whether two metrics are of the same type is found out when they are merged.
///
/// Implemented for every metric that can be, and not to be implemented by hand.
pub trait DynMetric: Any {
    /// [`Metric::record`]
    fn record_dyn(&mut self, entry: &Entry<'_>);

    /// [`Metric::merge`]
    ///
    /// # Errors
    ///
    /// Fails as [`Metric::merge`] does, and if `other` is of another type.
    fn merge_dyn(&mut self, other: Box<dyn DynMetric>) -> Result<(), Mismatch>;

    /// [`Metric::finish`]
    fn finish_dyn(&self) -> Value;
}
// ANCHOR_END: dyn-metric

// ANCHOR: blanket
impl<M> DynMetric for M
where
    M: Metric + Any,
    M::Output: Into<Value>,
{
    fn record_dyn(&mut self, entry: &Entry<'_>) {
        self.record(entry);
    }

    fn merge_dyn(&mut self, other: Box<dyn DynMetric>) -> Result<(), Mismatch> {
        let other: Box<dyn Any> = other;
        let other = other.downcast::<M>().map_err(|_| Mismatch)?;
        self.merge(*other)
    }

    fn finish_dyn(&self) -> Value {
        self.finish().into()
    }
}
// ANCHOR_END: blanket

// ANCHOR: boxed
/// A boxed metric is a metric, so whatever takes a `M: Metric` takes one that was chosen at run
/// time.
impl Metric for Box<dyn DynMetric> {
    type Output = Value;

    fn record(&mut self, entry: &Entry<'_>) {
        (**self).record_dyn(entry);
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        (**self).merge_dyn(other)
    }

    fn finish(&self) -> Value {
        (**self).finish_dyn()
    }
}
// ANCHOR_END: boxed

// ANCHOR: metric-kind
/// The name of a metric: `requests`, `bytes`, or a percentile like `p99`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// [`Count`]
    Requests,
    /// [`TotalBytes`]
    Bytes,
    /// [`Percentile`]
    Percentile(Rank),
}

impl MetricKind {
    /// A metric of this kind that has recorded nothing.
    #[must_use]
    pub fn build(self) -> Box<dyn DynMetric> {
        match self {
            Self::Requests => Box::new(Count::default()),
            Self::Bytes => Box::new(TotalBytes::default()),
            Self::Percentile(rank) => Box::new(Percentile::new(rank)),
        }
    }
}
// ANCHOR_END: metric-kind

// ANCHOR: metric-kind-text
impl FromStr for MetricKind {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "requests" => Ok(Self::Requests),
            "bytes" => Ok(Self::Bytes),
            _ => text.parse().map(Self::Percentile).map_err(|_| UnknownWord {
                expected: "requests, bytes, or a percentile from p0.1 to p100",
            }),
        }
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests => f.write_str("requests"),
            Self::Bytes => f.write_str("bytes"),
            Self::Percentile(rank) => rank.fmt(f),
        }
    }
}
// ANCHOR_END: metric-kind-text

// ANCHOR: run
/// Measures all `entries`. The compiler makes a copy of this function for each metric.
pub fn run<'a, M: Metric>(
    mut metric: M,
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> M::Output {
    for entry in entries {
        metric.record(&entry);
    }
    metric.finish()
}

/// Measures all `entries`. One copy serves every metric, by a call through its table of methods
/// for each entry.
pub fn run_dyn<'a>(
    metric: &mut dyn DynMetric,
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> Value {
    for entry in entries {
        metric.record_dyn(&entry);
    }
    metric.finish_dyn()
}
// ANCHOR_END: run
