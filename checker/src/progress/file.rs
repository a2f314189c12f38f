//! The text of the progress file, and what can be read from a damaged one.
//!
//! It is JSON with one record a line, so that a change is a line in a version control system.

use serde::{Deserialize, Serialize};

use super::{PhaseProgress, Progress};

/// The version of the format. It grows with every change of it, also with a new field: an older
/// program would drop what it does not know.
pub(super) const VERSION: u32 = 1;

/// What a progress file turned out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Read {
    /// As it should be.
    Whole(Progress),
    /// Of a later version of the program.
    Newer(u32),
    /// Damaged, with the records that are still whole.
    Damaged(Vec<Record>),
}

/// A phase in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    exercise: String,
    phase: String,
    #[serde(flatten)]
    known: PhaseProgress,
}

#[derive(Deserialize)]
struct File {
    version: u32,
    last_exercise: Option<String>,
    phases: Vec<Record>,
}

/// The text of the file.
///
/// # Errors
/// When a record cannot be written as JSON.
pub(super) fn write(progress: &Progress) -> serde_json::Result<String> {
    let last = serde_json::to_string(&progress.last_exercise)?;
    let phases = records(progress)
        .map(|record| serde_json::to_string(&record))
        .collect::<serde_json::Result<Vec<_>>>()?;
    let phases = phases.join(",\n");
    Ok(format!(
        "{{\n\"version\": {VERSION},\n\"last_exercise\": {last},\n\"phases\": [\n{phases}\n]\n}}\n"
    ))
}

fn records(progress: &Progress) -> impl Iterator<Item = Record> {
    progress.exercises.iter().flat_map(|(exercise, phases)| {
        phases.iter().map(|(phase, known)| Record {
            exercise: exercise.clone(),
            phase: phase.clone(),
            known: known.clone(),
        })
    })
}

/// Puts records in the place of what is known of their phases.
pub(super) fn overlay(progress: &mut Progress, records: Vec<Record>) {
    for record in records {
        *progress.entry(&record.exercise, &record.phase) = record.known;
    }
}

/// Reads the file, or what is left of it.
pub(super) fn read(bytes: &[u8]) -> Read {
    let text = String::from_utf8_lossy(bytes);
    if let Some(version) = version(&text).filter(|version| *version > VERSION) {
        return Read::Newer(version);
    }
    match serde_json::from_slice::<File>(bytes) {
        Ok(file) if file.version == VERSION => {
            let mut progress = Progress {
                last_exercise: file.last_exercise,
                ..Progress::default()
            };
            overlay(&mut progress, file.phases);
            Read::Whole(progress)
        }
        _ => Read::Damaged(salvage(&text)),
    }
}

/// The version, also of a file that is damaged further on.
fn version(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("\"version\"")?;
    let number = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..end].parse().ok()
}

/// Every record that is still whole, wherever it stands.
fn salvage(text: &str) -> Vec<Record> {
    text.match_indices('{')
        .filter_map(|(start, _)| first(&text[start..]))
        .filter(|record: &Record| is_name(&record.exercise) && is_name(&record.phase))
        .collect()
}

/// The record at the beginning of a text, whatever comes behind it.
fn first(text: &str) -> Option<Record> {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .next()?
        .ok()
}

/// Whether a text can be the id of an exercise or the name of a phase.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::super::Checked;
    use super::*;
    use crate::verdict::PhaseStatus;

    fn sample() -> Progress {
        let known = |second| {
            let at = jiff::Timestamp::from_second(1_800_000_000_i64 + second).unwrap();
            let checked = Checked {
                status: PhaseStatus::Passed,
                at,
                source_hash: "0123456789abcdef".into(),
                suite_hash: "fedcba9876543210".into(),
            };
            PhaseProgress {
                hints: 2,
                first_passed: Some(at),
                last: Some(checked.clone()),
                passed: Some(checked),
            }
        };
        let mut progress = Progress {
            last_exercise: Some("lru-cache".into()),
            ..Progress::default()
        };
        *progress.entry("lru-cache", "core") = known(1);
        *progress.entry("bitcask", "log") = known(9);
        *progress.entry("lru-cache", "lookups") = known(3);
        progress
    }

    #[test]
    fn what_is_written_is_read_again() {
        for progress in [Progress::default(), sample()] {
            let text = write(&progress).unwrap();
            assert_eq!(read(text.as_bytes()), Read::Whole(progress));
        }
    }

    #[test]
    fn a_file_cut_at_any_byte_gives_every_record_before_the_cut() {
        let text = write(&sample()).unwrap();
        let all: Vec<Record> = records(&sample()).collect();
        let end = |record| {
            let line = serde_json::to_string(record).unwrap();
            text.find(&line).unwrap() + line.len()
        };
        let ends: Vec<usize> = all.iter().map(end).collect();
        for cut in 0..text.trim_end().len() {
            let Read::Damaged(left) = read(&text.as_bytes()[..cut]) else {
                panic!("the cut at byte {cut} went unnoticed");
            };
            let whole = ends.iter().filter(|end| **end <= cut).count();
            assert_eq!(left, all[..whole], "cut at byte {cut}");
        }
    }

    #[test]
    fn records_around_a_damaged_place_survive_however_the_file_is_laid_out() {
        let text = write(&sample()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        for layout in [text, serde_json::to_string_pretty(&value).unwrap()] {
            let broken = layout.replacen("\"bitcask\"", "\"bit\u{0}", 1);
            let Read::Damaged(left) = read(broken.as_bytes()) else {
                panic!("the damage went unnoticed");
            };
            let names: Vec<&str> = left.iter().map(|record| record.phase.as_str()).collect();
            assert_eq!(names, ["core", "lookups"]);
        }
    }

    #[test]
    fn a_newer_file_is_told_from_a_damaged_one_even_if_it_is_damaged() {
        let newer = "{\n\"version\": 7,\n\"phases\": {}}";
        assert_eq!(read(newer.as_bytes()), Read::Newer(7));
        assert_eq!(read(&newer.as_bytes()[..20]), Read::Newer(7));
    }

    #[test]
    fn bytes_that_are_no_text_are_damage() {
        assert_eq!(read(&[0xff, 0xfe, 0]), Read::Damaged(Vec::new()));
    }
}
