//! What happened so far, and how long the learner worked.
//!
//! The history tells when the result of a phase changed, a hint was taken or an exercise was reset,
//! not how long anybody sat there. The hours are estimated: two happenings at most
//! [`PAUSE_MINUTES`] apart belong to one sitting, which counts from the first to the last of them
//! and [`BEFORE_MINUTES`] before the first. Minutes count for the day on which they end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::progress::Happening;
use crate::verdict::PhaseStatus;

/// A longer gap between two happenings is a pause.
pub const PAUSE_MINUTES: u64 = 60;
/// The work before the first happening of a sitting.
pub const BEFORE_MINUTES: u64 = 15;

/// What happened, and the hours.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct History {
    /// From the oldest to the newest that is kept.
    pub happenings: Vec<Moment>,
    /// The days on which something happened, in order.
    pub hours: Vec<Day>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// The exercise.
    pub exercise: String,
    /// The phase; none for a reset, which is of the whole exercise.
    pub phase: Option<String>,
    /// What.
    pub what: What,
    /// The result that a check found.
    pub status: Option<PhaseStatus>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A phase passed that did not before.
    Passed,
    /// A check found another result than the one before it.
    Checked,
    /// A hint was taken.
    Hint,
    /// The exercise was put back to its beginning.
    Reset,
}

/// One day of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day, where the learner is.
    pub day: Date,
    /// Minutes of work, estimated.
    pub minutes: u64,
    /// Phases that passed for the first time.
    pub phases: usize,
}

impl History {
    /// Reads the happenings of a course; days begin and end as in `zone`.
    #[must_use]
    pub fn of(happenings: Vec<Happening>, zone: &TimeZone) -> History {
        let happenings: Vec<Moment> = happenings.into_iter().map(Moment::from).collect();
        let hours = days(&happenings, zone);
        History { happenings, hours }
    }
}

impl From<Happening> for Moment {
    fn from(happening: Happening) -> Moment {
        match happening {
            Happening::Checked {
                exercise,
                phase,
                checked,
            } => Moment {
                at: checked.at,
                exercise,
                phase: Some(phase),
                what: match checked.status {
                    PhaseStatus::Passed => What::Passed,
                    _ => What::Checked,
                },
                status: Some(checked.status),
            },
            Happening::Hint {
                exercise,
                phase,
                at,
                ..
            } => Moment {
                at,
                exercise,
                phase: Some(phase),
                what: What::Hint,
                status: None,
            },
            Happening::Reset { exercise, at } => Moment {
                at,
                exercise,
                phase: None,
                what: What::Reset,
                status: None,
            },
        }
    }
}

fn days(happenings: &[Moment], zone: &TimeZone) -> Vec<Day> {
    let mut in_order: Vec<&Moment> = happenings.iter().collect();
    in_order.sort_by_key(|moment| moment.at);
    let mut passed = BTreeSet::new();
    let mut seconds: BTreeMap<Date, (u64, usize)> = BTreeMap::new();
    let mut before: Option<Timestamp> = None;
    for moment in in_order {
        let gap = before.map(|before| moment.at.duration_since(before).unsigned_abs().as_secs());
        let (worked, phases) = seconds
            .entry(zone.to_datetime(moment.at).date())
            .or_default();
        *worked += match gap {
            Some(gap) if gap <= PAUSE_MINUTES * 60 => gap,
            _ => BEFORE_MINUTES * 60,
        };
        if moment.what == What::Passed && passed.insert((&moment.exercise, &moment.phase)) {
            *phases += 1;
        }
        before = Some(moment.at);
    }
    let days = seconds.into_iter().map(|(day, (worked, phases))| Day {
        day,
        minutes: (worked + 30) / 60,
        phases,
    });
    days.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Checked;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn checked(time: &str, phase: &str, status: PhaseStatus) -> Happening {
        Happening::Checked {
            exercise: "lru-cache".into(),
            phase: phase.into(),
            checked: Checked {
                status,
                at: at(time),
                source_hash: String::new(),
                suite_hash: String::new(),
            },
        }
    }

    fn day(day: &str, minutes: u64, phases: usize) -> Day {
        Day {
            day: day.parse().unwrap(),
            minutes,
            phases,
        }
    }

    #[test]
    fn a_sitting_counts_from_a_quarter_of_an_hour_before_its_first_happening() {
        let history = History::of(
            vec![
                checked("2026-11-23T09:00:00Z", "core", PhaseStatus::Failed),
                checked("2026-11-23T09:40:00Z", "core", PhaseStatus::Passed),
                checked("2026-11-23T12:00:00Z", "removal", PhaseStatus::Failed),
            ],
            &TimeZone::UTC,
        );
        assert_eq!(history.hours, [day("2026-11-23", 15 + 40 + 15, 1)]);
    }

    #[test]
    fn a_phase_that_passes_again_is_counted_once() {
        let history = History::of(
            vec![
                checked("2026-11-23T09:00:00Z", "core", PhaseStatus::Passed),
                checked("2026-11-23T09:10:00Z", "core", PhaseStatus::Failed),
                checked("2026-11-24T09:00:00Z", "core", PhaseStatus::Passed),
            ],
            &TimeZone::UTC,
        );
        let expected = [day("2026-11-23", 25, 1), day("2026-11-24", 15, 0)];
        assert_eq!(history.hours, expected);
    }

    #[test]
    fn a_day_is_a_day_where_the_learner_is() {
        let late = vec![checked("2026-11-23T23:30:00Z", "core", PhaseStatus::Passed)];
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let history = History::of(late, &zone);
        assert_eq!(history.hours, [day("2026-11-24", 15, 1)]);
    }

    #[test]
    fn each_happening_says_what_it_was() {
        let history = History::of(
            vec![
                checked("2026-11-23T09:00:00Z", "core", PhaseStatus::Failed),
                checked("2026-11-23T09:10:00Z", "core", PhaseStatus::Passed),
                Happening::Hint {
                    exercise: "lru-cache".into(),
                    phase: "removal".into(),
                    taken: 1,
                    at: at("2026-11-23T09:20:00Z"),
                },
                Happening::Reset {
                    exercise: "lru-cache".into(),
                    at: at("2026-11-23T09:30:00Z"),
                },
            ],
            &TimeZone::UTC,
        );
        let what: Vec<What> = history.happenings.iter().map(|m| m.what).collect();
        assert_eq!(what, [What::Checked, What::Passed, What::Hint, What::Reset]);
        let json = serde_json::to_value(&history).unwrap();
        assert_eq!(json["happenings"][0]["status"], "failed");
        assert_eq!(json["hours"][0]["day"], "2026-11-23");
    }
}
