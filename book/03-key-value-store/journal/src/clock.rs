//! Times that only grow.

use std::time::{SystemTime, UNIX_EPOCH};

/// Gives each entry a time of its own, later than all earlier ones.
// ANCHOR: clock
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    last: u64,
}

impl Clock {
    /// A clock that goes on after the last time that was given out.
    pub fn after(last: u64) -> Self {
        Self { last }
    }

    /// The next time, as close to `now` as the order permits.
    pub fn tick(&mut self, now: u64) -> u64 {
        self.last = now.max(self.last + 1);
        self.last
    }
}
// ANCHOR_END: clock

/// Microseconds since the beginning of 1970, or 0 where the system's clock says that it is earlier.
// ANCHOR: now
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    })
}
// ANCHOR_END: now

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_still_counts_up() {
        let mut clock = Clock::after(100);
        let times = [90, 91, 250, 249].map(|now| clock.tick(now));
        assert_eq!(times, [101, 102, 250, 251]);
    }

    #[test]
    fn the_system_knows_that_2026_has_begun() {
        assert!(now() > 1_767_225_600_000_000);
    }
}
