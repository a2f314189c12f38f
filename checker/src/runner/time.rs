//! Deadlines that scale with the machine.

use std::env;

/// The variable by which all deadlines are multiplied, here and in the suite kit.
pub(super) const SCALE: &str = "CHECKER_TIME_SCALE";
/// A larger factor is a mistake.
const LARGEST: f64 = 1_000.0;

/// The factor from the environment, 1 by default.
pub(super) fn scale() -> f64 {
    parse_scale(env::var(SCALE).ok().as_deref())
}

/// The factor in a variable's value; what is no positive, finite number counts as 1.
pub(super) fn parse_scale(value: Option<&str>) -> f64 {
    value
        .and_then(|value| value.trim().parse::<f64>().ok())
        .filter(|scale| scale.is_finite() && *scale > 0.0)
        .map_or(1.0, |scale| scale.min(LARGEST))
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
}
