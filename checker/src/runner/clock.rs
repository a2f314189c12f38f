//! The time that a process had, as told from what it ran and waited.
//!
//! A deadline counts the time that a test *had*: in which it ran, or did nothing of its own
//! accord. Time in which it could have run but waited for a processor belongs to whoever ran
//! instead. In an interval `dt`, tasks that ran for `ran` and waited for `waited`, all together,
//! used `p = (ran + waited) / dt` processors at most, and would have run side by side on an idle
//! machine as far as it has that many. So the test had
//!
//! ```text
//! (dt - ran - waited, if that is more than 0)  +  ran / p, with p from 1 to the processors
//! ```
//!
//! One task that shares its processor with four others has a fifth of the time; many that spin
//! have all of it, though they wait for each other; a deadlock has all of it.

use std::collections::VecDeque;
use std::time::Duration;

use super::process::Usage;

/// An interval that takes longer than this counts as this long: the checker itself was stopped
/// or had no processor, and cannot tell what the test had meanwhile.
const LONGEST: Duration = Duration::from_millis(500);
/// Waiting that does not fit into its interval counts in later ones, up to this much: the waits of
/// tasks that end between two looks are estimated, in some intervals too high and in others too
/// low. More of it comes of many tasks that wait for each other, and then a deadlock that follows
/// would be seen late.
const LARGEST_CARRY: Duration = Duration::from_millis(500);
/// As many of the last intervals tell whether a process is at work.
const RECENT: usize = 10;
/// What the deadline is multiplied by where the system does not say what a process waited for.
const UNMEASURED: f64 = 3.0;
/// The bound by the wall clock, in deadlines and in seconds, whichever is longer.
const WALL_DEADLINES: f64 = 10.0;
const WALL_SECONDS: f64 = 60.0;

/// What a process and its descendants did in an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spent {
    /// They ran, all tasks together.
    pub(super) ran: Duration,
    /// They waited for a processor, all tasks together.
    pub(super) waited: Duration,
}

/// Why the time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// It had all of its time.
    Deadline,
    /// It did not have its time, but too much has passed.
    Wall,
}

/// The clock of one process and its descendants.
#[derive(Debug)]
pub(super) struct Clock {
    processors: f64,
    limit: f64,
    had: Duration,
    ran: Duration,
    waited: Duration,
    carry: Duration,
    stopped: Duration,
    wall: Duration,
    /// The last intervals, and for how much of each something ran or could have.
    recent: VecDeque<(Duration, Duration)>,
}

impl Clock {
    /// A clock for a deadline in seconds, on a machine with this many processors.
    pub(super) fn new(limit: f64, processors: usize) -> Clock {
        Clock {
            processors: f64::from(u32::try_from(processors.max(1)).unwrap_or(u32::MAX)),
            limit,
            had: Duration::ZERO,
            ran: Duration::ZERO,
            waited: Duration::ZERO,
            carry: Duration::ZERO,
            stopped: Duration::ZERO,
            wall: Duration::ZERO,
            recent: VecDeque::with_capacity(RECENT),
        }
    }

    /// Counts an interval of the wall clock and what was done in it.
    pub(super) fn count(&mut self, interval: Duration, usage: &Usage) {
        let counted = interval.min(LONGEST);
        self.wall += counted;
        if usage.is_stopped {
            self.stopped += counted;
            return;
        }
        let (had, busy) = match usage.spent {
            Some(spent) => {
                self.ran += spent.ran;
                self.waited += spent.waited;
                let had = self.had_of(interval, spent);
                let share = counted.as_secs_f64() / interval.as_secs_f64().max(f64::EPSILON);
                let busy = (spent.ran + spent.waited).min(interval);
                (had.mul_f64(share), Some((interval, busy)))
            }
            None => (counted.div_f64(UNMEASURED), None),
        };
        self.had += had;
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.extend(busy);
    }

    /// The part of an interval that was had.
    fn had_of(&mut self, interval: Duration, spent: Spent) -> Duration {
        let busy = spent.ran + spent.waited;
        let idle = interval.saturating_sub(busy);
        let carried = idle.min(self.carry);
        let excess = busy.saturating_sub(interval);
        self.carry = (self.carry - carried + excess).min(LARGEST_CARRY);
        let parallel = busy.as_secs_f64() / interval.as_secs_f64().max(f64::EPSILON);
        let ran = spent.ran.div_f64(parallel.clamp(1.0, self.processors));
        (idle - carried + ran).min(interval)
    }

    /// Whether the time is over.
    pub(super) fn over(&self) -> Option<Over> {
        if self.had.as_secs_f64() >= self.limit {
            Some(Over::Deadline)
        } else if self.wall.as_secs_f64() >= wall_limit(self.limit) {
            Some(Over::Wall)
        } else {
            None
        }
    }

    /// The earliest time from now at which the time can be over.
    pub(super) fn left(&self) -> Duration {
        Duration::try_from_secs_f64(self.limit)
            .unwrap_or(Duration::MAX)
            .saturating_sub(self.had)
    }

    /// The time that the processes had.
    pub(super) fn had(&self) -> Duration {
        self.had
    }

    /// What they ran and waited, as far as the system says.
    pub(super) fn spent(&self) -> Spent {
        Spent {
            ran: self.ran,
            waited: self.waited,
        }
    }

    /// The wall clock's time, as far as it counts.
    pub(super) fn wall(&self) -> Duration {
        self.wall
    }

    /// Whether the processes were computing most of the time lately, as far as they had a
    /// processor, and not waiting for something else.
    pub(super) fn is_at_work(&self) -> bool {
        let sum = |time: fn(&(Duration, Duration)) -> Duration| {
            self.recent.iter().map(time).sum::<Duration>()
        };
        let (all, busy) = (sum(|recent| recent.0), sum(|recent| recent.1));
        !busy.is_zero() && busy * 2 >= all
    }

    /// Whether the processes were stopped, as by a signal, most of the time.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped * 2 >= self.wall
    }
}

/// The bound by the wall clock for a deadline, both in seconds.
fn wall_limit(limit: f64) -> f64 {
    (limit * WALL_DEADLINES).max(WALL_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(50);

    fn usage(ran: f64, waited: f64) -> Usage {
        Usage {
            spent: Some(Spent {
                ran: LOOK.mul_f64(ran),
                waited: LOOK.mul_f64(waited),
            }),
            ..Usage::default()
        }
    }

    /// The part of the time that is had on two processors.
    fn part(ran: f64, waited: f64) -> f64 {
        let mut clock = Clock::new(10.0, 2);
        for _ in 0..20 {
            clock.count(LOOK, &usage(ran, waited));
        }
        clock.had.as_secs_f64()
    }

    #[test]
    fn a_deadline_counts_what_the_test_had_and_not_what_others_had() {
        for (ran, waited, had) in [
            // Nothing happens.
            (0.0, 0.0, 1.0),
            // One task has a processor, or half of it and sleeps.
            (1.0, 0.0, 1.0),
            (0.5, 0.0, 1.0),
            // One task beside four others, and beside so many that it has nothing.
            (0.2, 0.8, 0.2),
            (0.0, 1.0, 0.0),
            // A task that waits for a processor half of the time and sleeps for a quarter of it.
            (0.25, 0.5, 0.5),
            // Eight tasks that spin, on two processors and on one of them.
            (2.0, 6.0, 1.0),
            (1.0, 7.0, 0.5),
            // Two tasks, each beside one other.
            (1.0, 1.0, 0.5),
        ] {
            let part = part(ran, waited);
            assert!((part - had).abs() < 1e-6, "{ran} {waited}: {part}");
        }
    }

    #[test]
    fn waiting_that_does_not_fit_counts_later_but_not_for_ever() {
        let mut clock = Clock::new(10.0, 2);
        clock.count(LOOK, &usage(0.1, 1.9));
        clock.count(LOOK, &usage(0.0, 0.0));
        assert_eq!(clock.had(), LOOK.mul_f64(0.05));
        for _ in 0..100 {
            clock.count(LOOK, &usage(2.0, 6.0));
        }
        let before = clock.had();
        for _ in 0..100 {
            clock.count(LOOK, &usage(0.0, 0.0));
        }
        assert_eq!(clock.had() - before, LOOK * 100 - LARGEST_CARRY);
    }

    #[test]
    fn the_time_is_over_when_the_test_had_it() {
        let mut clock = Clock::new(0.4, 2);
        for look in 1..=8 {
            assert_eq!(clock.over(), None, "look {look}");
            clock.count(LOOK, &usage(1.0, 0.0));
        }
        assert_eq!(clock.over(), Some(Over::Deadline));
        assert!(clock.is_at_work());
        assert_eq!(clock.left(), Duration::ZERO);
    }

    #[test]
    fn a_test_that_computed_and_then_waits_is_not_at_work() {
        let mut clock = Clock::new(10.0, 2);
        for _ in 0..100 {
            clock.count(LOOK, &usage(2.0, 3.0));
        }
        assert!(clock.is_at_work());
        for _ in 0..RECENT {
            clock.count(LOOK, &usage(0.01, 0.0));
        }
        assert!(!clock.is_at_work());
    }

    #[test]
    fn a_test_that_gets_nothing_is_ended_by_the_wall_clock() {
        let mut clock = Clock::new(1.0, 2);
        let looks = 60_000 / 50;
        for _ in 0..looks {
            assert_eq!(clock.over(), None);
            clock.count(LOOK, &usage(0.005, 0.995));
        }
        assert_eq!(clock.over(), Some(Over::Wall));
        assert!(!clock.was_stopped());
    }

    #[test]
    fn a_long_deadline_has_a_longer_bound_by_the_wall_clock() {
        assert!((wall_limit(1.0) - 60.0).abs() < f64::EPSILON);
        assert!((wall_limit(20.0) - 200.0).abs() < f64::EPSILON);
    }

    #[test]
    fn time_in_which_the_checker_was_stopped_counts_little() {
        let mut clock = Clock::new(1.0, 2);
        clock.count(Duration::from_secs(3_600), &usage(20.0, 0.0));
        assert!(clock.had() <= LONGEST && clock.wall() <= LONGEST);
        assert_eq!(clock.over(), None);
    }

    #[test]
    fn time_in_which_the_test_was_stopped_does_not_count() {
        let mut clock = Clock::new(1.0, 2);
        let stopped = Usage {
            is_stopped: true,
            ..usage(0.0, 0.0)
        };
        for _ in 0..100 {
            clock.count(LOOK, &stopped);
        }
        assert_eq!(clock.had(), Duration::ZERO);
        assert!(clock.was_stopped());
    }

    #[test]
    fn where_nothing_is_measured_the_deadline_is_three_times_as_long() {
        let mut clock = Clock::new(10.0, 2);
        for _ in 0..60 {
            clock.count(LOOK, &Usage::default());
        }
        assert!((clock.had().as_secs_f64() - 1.0).abs() < 1e-6);
    }
}
