//! Patience that counts the time a test had, and polling.

use crate::desk;
use std::{
    env, thread,
    time::{Duration, Instant},
};

/// How much longer everything may take where no runner measures the time that a test has.
const UNMEASURED: u32 = 10;
/// A limit up to this is no deadline but a moment: the time that something is given to go wrong.
const MOMENT: Duration = Duration::from_secs(1);
/// How long one wait on a lock, a channel or a socket lasts before the clock is read again.
const SLICE: Duration = Duration::from_millis(20);
/// The time between two polls.
const POLL: Duration = Duration::from_millis(1);

/// The factor by which all deadlines are stretched: `CHECKER_TIME_SCALE`, 1 by default.
///
/// A value that is not a positive, finite number counts as 1.
pub fn scale() -> f64 {
    parse_scale(env::var("CHECKER_TIME_SCALE").ok().as_deref())
}

/// A wait that ends when the test has *had* a time, whatever else the machine was busy with.
///
/// The runner measures how long the processes of a test ran, slept or blocked; time in which they
/// waited for a processor does not count, nor does time in which they were stopped. Without a
/// runner, under plain `cargo test`, ten times the limit by the wall clock is waited. A limit of a
/// second or less is a moment to wait for what should not happen, and counts by the wall clock
/// alone.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    since: Instant,
    /// By the wall clock.
    limit: Duration,
    /// By the runner's: its time at the start.
    had: Option<Duration>,
}

impl Patience {
    /// Patience for `limit` of a test's time, multiplied by [`scale`].
    pub fn of(limit: Duration) -> Self {
        let had = desk::clock().filter(|_| limit > MOMENT);
        let is_unmeasured = had.is_none() && limit > MOMENT;
        let factor = if is_unmeasured { UNMEASURED } else { 1 };
        Self {
            since: Instant::now(),
            limit: limit.mul_f64(scale() * f64::from(factor)),
            had,
        }
    }

    /// Whether the time is over.
    pub fn is_over(&self) -> bool {
        if self.since.elapsed() < self.limit {
            return false;
        }
        match (self.had, desk::clock()) {
            (Some(start), Some(now)) => now.saturating_sub(start) >= self.limit,
            _ => true,
        }
    }

    /// How long to block at a time before asking again whether the time is over.
    pub fn slice(&self) -> Duration {
        let left = self.limit.saturating_sub(self.since.elapsed());
        left.clamp(POLL, SLICE)
    }
}

/// Polls `condition` until it holds or [`Patience`] of `limit` is over.
///
/// Returns whether it held in time.
pub fn eventually(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let patience = Patience::of(limit);
    loop {
        // Asked first: a test that was kept from running polls once more than its time is over.
        let is_over = patience.is_over();
        if condition() {
            return true;
        }
        if is_over {
            return false;
        }
        thread::sleep(POLL);
    }
}

fn parse_scale(value: Option<&str>) -> f64 {
    value
        .and_then(|value| value.trim().parse::<f64>().ok())
        .filter(|scale| scale.is_finite() && *scale > 0.0)
        .map_or(1.0, |scale| scale.min(1_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_one_unless_a_positive_number_is_given() {
        for value in [
            None,
            Some(""),
            Some("fast"),
            Some("0"),
            Some("-2"),
            Some("NaN"),
            Some("inf"),
        ] {
            assert!((parse_scale(value) - 1.0).abs() < f64::EPSILON, "{value:?}");
        }
        assert!((parse_scale(Some(" 2.5\n")) - 2.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_condition_is_polled_until_it_holds() {
        let mut polls = 0;
        assert!(eventually(Duration::from_secs(30), || {
            polls += 1;
            polls == 3
        }));
        assert_eq!(polls, 3);
    }

    #[test]
    fn a_condition_that_never_holds_ends_at_the_deadline() {
        assert!(!eventually(Duration::from_millis(5), || false));
    }

    #[test]
    fn patience_without_a_runner_is_ten_times_as_long() {
        let limit = Duration::from_secs(2);
        assert_eq!(Patience::of(limit).limit, limit.mul_f64(10.0 * scale()));
        assert_eq!(Patience::of(MOMENT).limit, MOMENT.mul_f64(scale()));
    }
}
