//! Deadlines that scale with the machine, and polling.

use std::{
    env, thread,
    time::{Duration, Instant},
};

/// The factor by which all deadlines are stretched: `CHECKER_TIME_SCALE`, 1 by default.
///
/// A value that is not a positive, finite number counts as 1.
pub fn scale() -> f64 {
    parse_scale(env::var("CHECKER_TIME_SCALE").ok().as_deref())
}

/// `limit` on a fast machine, as a deadline for this one.
pub fn deadline(limit: Duration) -> Duration {
    limit.mul_f64(scale())
}

/// Polls `condition` until it holds, for at most [`deadline`]`(limit)`.
///
/// Returns whether it held in time.
pub fn eventually(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + deadline(limit);
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
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
}
