//! Journals on a real disk.

use std::error::Error;
use std::fs;

use journal::entry::{self, HEADER};
use journal::log::{self, Journal};
use journal::replace::replace;

type Outcome = Result<(), Box<dyn Error>>;

fn payloads(found: &[(u64, Vec<u8>)]) -> Vec<&[u8]> {
    found.iter().map(|(_, payload)| &payload[..]).collect()
}

#[test]
fn what_was_appended_is_there_after_reopening() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("door");
    let (mut journal, found) = Journal::open(&path)?;
    assert!(found.is_empty());
    let first = journal.append(b"4711 in 12")?;
    let second = journal.append(b"4711 out")?;
    assert!(first < second);
    drop(journal);
    let (mut journal, found) = Journal::open(&path)?;
    assert_eq!(payloads(&found), [&b"4711 in 12"[..], b"4711 out"]);
    assert!(journal.append(b"4712 in 7")? > second);
    Ok(())
}

// ANCHOR: torn
#[test]
fn what_is_appended_after_a_torn_entry_is_there_after_reopening() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("door");
    let (mut journal, _) = Journal::open(&path)?;
    journal.append(b"4711 in 12")?;
    journal.append(b"4711 out")?;
    drop(journal);
    let bytes = fs::read(&path)?;
    let second = HEADER + HEADER + b"4711 in 12".len();
    for len in 0..bytes.len() {
        fs::write(&path, &bytes[..len])?;
        Journal::open(&path)?.0.append(b"4712 in 7")?;
        let (_, found) = Journal::open(&path)?;
        let whole: &[&[u8]] = match len {
            len if len < second => &[b"4712 in 7"],
            _ => &[b"4711 in 12", b"4712 in 7"],
        };
        assert_eq!(payloads(&found), whole);
    }
    Ok(())
}
// ANCHOR_END: torn

#[test]
fn a_journal_that_a_crash_left_without_its_contents_is_begun_again() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("door");
    for len in [0, 8, HEADER, 4096] {
        fs::write(&path, vec![0; len])?;
        let (mut journal, found) = Journal::open(&path)?;
        assert!(found.is_empty());
        journal.append(b"4711 in 12")?;
        drop(journal);
        assert_eq!(payloads(&Journal::open(&path)?.1), [b"4711 in 12"]);
    }
    Ok(())
}

#[test]
fn damage_before_valid_entries_is_reported_and_left_alone() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("door");
    let (mut journal, _) = Journal::open(&path)?;
    journal.append(b"4711 in 12")?;
    journal.append(b"4711 out")?;
    drop(journal);
    let mut bytes = fs::read(&path)?;
    bytes[HEADER + HEADER] ^= 1;
    fs::write(&path, &bytes)?;
    let outcome = Journal::open(&path);
    assert!(matches!(
        outcome,
        Err(log::Error::Damaged { offset: HEADER, .. })
    ));
    assert_eq!(fs::read(&path)?, bytes);
    Ok(())
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("letter");
    fs::write(&path, b"Dear Sir or Madam")?;
    assert!(matches!(
        Journal::open(&path),
        Err(log::Error::Foreign { .. })
    ));
    assert_eq!(fs::read(&path)?, b"Dear Sir or Madam");
    Ok(())
}

#[test]
fn a_journal_is_open_once() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("door");
    let first = Journal::open(&path)?;
    assert!(matches!(Journal::open(&path), Err(log::Error::Locked(_))));
    drop(first);
    Journal::open(&path)?;
    Ok(())
}

#[test]
fn an_empty_payload_changes_nothing() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("door");
    let (mut journal, _) = Journal::open(&path)?;
    let bad = journal.append(b"");
    assert!(matches!(bad, Err(log::Error::Length(entry::BadLength(0)))));
    journal.append(b"4711 in 12")?;
    Ok(())
}

#[test]
fn a_file_is_replaced_whole_and_open_handles_keep_the_old_one() -> Outcome {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("settings");
    replace(&path, b"old")?;
    let reader = fs::File::open(&path)?;
    replace(&path, b"brand new")?;
    assert_eq!(fs::read(&path)?, b"brand new");
    assert_eq!(std::io::read_to_string(&reader)?, "old");
    assert_eq!(fs::read_dir(dir.path())?.count(), 1);
    Ok(())
}
