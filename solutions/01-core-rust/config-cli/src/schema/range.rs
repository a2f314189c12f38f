//! Ranges of numbers.

use std::fmt::{self, Display};
use std::ops::{Bound, RangeBounds};

/// The two ends of a range whose type is not known before the program runs.
#[derive(Clone, Debug)]
pub(super) struct Range<T> {
    start: Bound<T>,
    end: Bound<T>,
}

impl<T: Copy> Range<T> {
    pub(super) fn new(range: &impl RangeBounds<T>) -> Self {
        Self {
            start: range.start_bound().cloned(),
            end: range.end_bound().cloned(),
        }
    }

    /// The range between two ends that belong to it, as far as they are given.
    pub(super) fn inclusive(start: Option<T>, end: Option<T>) -> Self {
        Self {
            start: start.map_or(Bound::Unbounded, Bound::Included),
            end: end.map_or(Bound::Unbounded, Bound::Included),
        }
    }

    /// Whether `value`, of this type or a wider one, is in the range.
    pub(super) fn allows<W: From<T> + PartialOrd>(&self, value: &W) -> bool {
        let above = match self.start {
            Bound::Included(start) => *value >= W::from(start),
            Bound::Excluded(start) => *value > W::from(start),
            Bound::Unbounded => true,
        };
        let below = match self.end {
            Bound::Included(end) => *value <= W::from(end),
            Bound::Excluded(end) => *value < W::from(end),
            Bound::Unbounded => true,
        };
        // Unlike any other value, NaN is not in the range that has no ends.
        above && below && value.partial_cmp(value).is_some()
    }
}

impl<T: Display> Display for Range<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.start {
            Bound::Included(start) => write!(f, "at least {start}")?,
            Bound::Excluded(start) => write!(f, "more than {start}")?,
            Bound::Unbounded => {}
        }
        let open = matches!(self.start, Bound::Unbounded);
        let joint = if open { "" } else { " and " };
        match &self.end {
            Bound::Included(end) => write!(f, "{joint}at most {end}"),
            Bound::Excluded(end) => write!(f, "{joint}less than {end}"),
            Bound::Unbounded if open => f.write_str("a number"),
            Bound::Unbounded => Ok(()),
        }
    }
}
