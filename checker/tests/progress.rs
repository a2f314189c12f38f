//! A learner's progress survives whatever happens to its files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use checker::progress::{Happening, Progress, Store, StoreError};
use checker::verdict::{
    Crash, Output, PhaseReport, PhaseStatus, Report, SCHEMA_VERSION, TestReport, Verdict,
};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn test(verdict: Verdict) -> TestReport {
    TestReport {
        name: "p1_core::a".into(),
        behaviour: "B.".into(),
        details: String::new(),
        hint: None,
        read_on: String::new(),
        verdict,
        steps: Vec::new(),
        millis: 1,
        output: Output::default(),
    }
}

fn report(phase: &str, status: PhaseStatus, source_hash: &str) -> Report {
    let verdict = match status {
        PhaseStatus::Passed => Verdict::Passed,
        _ => Verdict::Crashed(Crash::Abort),
    };
    Report {
        schema: SCHEMA_VERSION,
        exercise: "lru-cache".into(),
        title: "An LRU cache".into(),
        source_hash: source_hash.into(),
        notices: vec![],
        build_millis: 0,
        total_millis: 0,
        phases: vec![PhaseReport {
            number: 1,
            name: phase.into(),
            title: phase.into(),
            status,
            problem: None,
            tests: vec![test(verdict)],
            suite_hash: "suite".into(),
        }],
    }
}

fn status(progress: &Progress, phase: &str) -> Option<PhaseStatus> {
    let last = progress.phase("lru-cache", phase)?.last.as_ref()?;
    Some(last.status)
}

fn store(dir: &Path) -> Store {
    Store::new(dir.join(".course"))
}

#[test]
fn what_was_recorded_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    store.record_hint("lru-cache", "core", 2).unwrap();
    let progress = store.load().unwrap().progress;
    assert_eq!(status(&progress, "core"), Some(PhaseStatus::Passed));
    assert_eq!(progress.hints("lru-cache", "core"), 2);
    assert_eq!(progress.last_exercise.as_deref(), Some("lru-cache"));
}

#[test]
fn a_partial_run_that_passes_proves_nothing_and_one_that_fails_disproves() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let mut partial = report("core", PhaseStatus::Passed, "a");
    partial.phases[0].status = PhaseStatus::Partial;
    store.record(&partial).unwrap();
    assert_eq!(status(&store.load().unwrap().progress, "core"), None);

    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    store.record(&partial).unwrap();
    assert_eq!(
        status(&store.load().unwrap().progress, "core"),
        Some(PhaseStatus::Passed)
    );
    partial.phases[0].tests = vec![test(Verdict::Crashed(Crash::Abort))];
    store.record(&partial).unwrap();
    assert_eq!(
        status(&store.load().unwrap().progress, "core"),
        Some(PhaseStatus::Failed)
    );
}

#[test]
fn a_fault_of_the_checker_leaves_progress_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    store
        .record(&report("core", PhaseStatus::CheckerFault, "b"))
        .unwrap();
    assert_eq!(
        status(&store.load().unwrap().progress, "core"),
        Some(PhaseStatus::Passed)
    );
}

#[test]
fn the_first_pass_is_remembered_through_later_failures() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    let first = store
        .load()
        .unwrap()
        .progress
        .phase("lru-cache", "core")
        .unwrap()
        .first_passed;
    store
        .record(&report("core", PhaseStatus::Failed, "b"))
        .unwrap();
    store
        .record(&report("core", PhaseStatus::Passed, "c"))
        .unwrap();
    let progress = store.load().unwrap().progress;
    assert!(first.is_some());
    assert_eq!(
        progress.phase("lru-cache", "core").unwrap().first_passed,
        first
    );
}

#[test]
fn a_file_cut_at_any_byte_is_set_aside_and_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    store
        .record(&report("lookups", PhaseStatus::Failed, "a"))
        .unwrap();
    let whole = store.load().unwrap().progress;
    let path = dir.path().join(".course/progress.json");
    let bytes = fs::read(&path).unwrap();
    for cut in 0..bytes.trim_ascii_end().len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let loaded = store.load().unwrap();
        assert_eq!(loaded.progress, whole, "cut at byte {cut}");
        let notice = loaded.notice.expect("the learner hears of it");
        assert!(notice.contains("damaged"), "{notice}");
    }
    let kept = fs::read_dir(dir.path().join(".course"))
        .unwrap()
        .filter_map(Result::ok)
        .any(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("progress.damaged-")
        });
    assert!(kept, "the damaged file is kept");
}

#[test]
fn a_history_with_a_line_cut_short_still_rebuilds_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    let history = dir.path().join(".course/history.jsonl");
    let mut bytes = fs::read(&history).unwrap();
    bytes.extend_from_slice(b"{\"event\":\"chec");
    fs::write(&history, bytes).unwrap();
    store
        .record(&report("lookups", PhaseStatus::Passed, "a"))
        .unwrap();
    fs::remove_file(dir.path().join(".course/progress.json")).unwrap();
    let progress = store.load().unwrap().progress;
    assert_eq!(status(&progress, "core"), Some(PhaseStatus::Passed));
    assert_eq!(status(&progress, "lookups"), Some(PhaseStatus::Passed));
}

#[test]
fn a_file_of_a_newer_checker_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    fs::create_dir(dir.path().join(".course")).unwrap();
    let path = dir.path().join(".course/progress.json");
    fs::write(&path, "{\"version\": 99, \"something\": \"new\"}").unwrap();
    let failed = store.record(&report("core", PhaseStatus::Passed, "a"));
    assert!(matches!(failed, Err(StoreError::Newer { found: 99, .. })));
    assert!(fs::read_to_string(&path).unwrap().contains("something"));
}

#[test]
fn many_writers_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..24).map(|n| format!("phase-{n}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let store = store(dir.path());
            scope.spawn(move || {
                store
                    .record(&report(name, PhaseStatus::Passed, "a"))
                    .unwrap()
            });
        }
    });
    let progress = store(dir.path()).load().unwrap().progress;
    for name in &names {
        assert_eq!(status(&progress, name), Some(PhaseStatus::Passed), "{name}");
    }
}

#[test]
fn the_history_has_a_line_only_when_a_result_changes() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    for hash in ["a", "b", "c"] {
        store
            .record(&report("core", PhaseStatus::Failed, hash))
            .unwrap();
    }
    store
        .record(&report("core", PhaseStatus::Passed, "d"))
        .unwrap();
    store
        .record(&report("core", PhaseStatus::Passed, "d"))
        .unwrap();
    let checked = store.history().unwrap();
    let statuses: Vec<_> = checked
        .iter()
        .map(|happening| match happening {
            Happening::Checked { checked, .. } => checked.status,
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    assert_eq!(statuses, [PhaseStatus::Failed, PhaseStatus::Passed]);
}

/// The other half of the next test: records without end until it is killed.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(dir) = std::env::var_os("CHECKER_TEST_PROGRESS_DIR") else {
        return;
    };
    let store = store(Path::new(&dir));
    for round in 0_u32.. {
        let status = if round % 2 == 0 {
            PhaseStatus::Passed
        } else {
            PhaseStatus::Failed
        };
        store
            .record(&report("core", status, &round.to_string()))
            .unwrap();
        println!("{round}");
    }
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_recorded() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let dir = tempfile::tempdir().unwrap();
    for kill in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "child_that_records_until_it_is_killed",
                "--exact",
                "--nocapture",
            ])
            .env("CHECKER_TEST_PROGRESS_DIR", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut recorded = None;
        for line in lines.map_while(Result::ok) {
            if let Ok(round) = line.trim().parse::<u32>() {
                recorded = Some(round);
                if round >= kill {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let loaded = store(dir.path()).load().unwrap();
        assert_eq!(loaded.notice, None, "the file is whole");
        let last = loaded
            .progress
            .phase("lru-cache", "core")
            .unwrap()
            .last
            .clone()
            .unwrap();
        let kept: u32 = last.source_hash.parse().unwrap();
        assert!(kept >= recorded.unwrap(), "{kept} < {recorded:?}");
    }
}

/// The other half of the next test: takes one hint more, again and again.
#[test]
fn child_that_takes_hints() {
    let Some(dir) = std::env::var_os("CHECKER_TEST_HINTS_DIR") else {
        return;
    };
    let store = Store::new(dir);
    let phase = std::env::var("CHECKER_TEST_HINTS_PHASE").unwrap();
    for taken in 1..=HINTS {
        store.record_hint("lru-cache", &phase, taken).unwrap();
    }
}

const HINTS: usize = 25;

#[test]
fn programs_that_write_at_the_same_time_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let phases = ["core", "lookups", "removal", "iteration"];
    let children: Vec<_> = phases
        .iter()
        .map(|phase| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["child_that_takes_hints", "--exact"])
                .env("CHECKER_TEST_HINTS_DIR", dir.path())
                .env("CHECKER_TEST_HINTS_PHASE", phase)
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let store = Store::new(dir.path());
    let progress = store.load().unwrap().progress;
    for phase in phases {
        assert_eq!(progress.hints("lru-cache", phase), HINTS, "{phase}");
    }
    assert_eq!(store.history().unwrap().len(), phases.len() * HINTS);
}

/// What a learner can do with the store.
#[derive(Debug, Clone)]
enum Act {
    Check(&'static str, PhaseStatus, &'static str),
    Hint(&'static str, usize),
    Reset,
}

fn act() -> impl Strategy<Value = Act> {
    let phase = || select(vec!["core", "lookups"]);
    let status = select(vec![
        PhaseStatus::Passed,
        PhaseStatus::Failed,
        PhaseStatus::NotImplemented,
        PhaseStatus::CheckerFault,
        PhaseStatus::Partial,
    ]);
    prop_oneof![
        (phase(), status, select(vec!["a", "b"]))
            .prop_map(|(phase, status, source)| Act::Check(phase, status, source)),
        (phase(), 0..4_usize).prop_map(|(phase, taken)| Act::Hint(phase, taken)),
        Just(Act::Reset),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A store that is opened anew for every act knows what one that stays open knows, and the
    /// history alone tells the same of every phase.
    #[test]
    fn whatever_is_done_in_whatever_order_is_read_back(acts in vec(act(), 1..12)) {
        let dir = tempfile::tempdir().unwrap();
        let kept = store(dir.path());
        for act in &acts {
            let fresh = store(dir.path());
            let notice = match *act {
                Act::Check(phase, status, source) => fresh
                    .record(&report(phase, status, source))
                    .map(|loaded| loaded.notice),
                Act::Hint(phase, taken) => fresh.record_hint("lru-cache", phase, taken),
                Act::Reset => fresh.record_reset("lru-cache"),
            };
            prop_assert_eq!(notice.unwrap(), None);
            prop_assert_eq!(fresh.load().unwrap(), kept.load().unwrap());
        }
        let before = kept.load().unwrap().progress;
        let path = dir.path().join(".course/progress.json");
        if fs::remove_file(&path).is_ok() {
            let after = kept.load().unwrap().progress;
            for phase in ["core", "lookups"] {
                prop_assert_eq!(status(&after, phase), status(&before, phase));
                prop_assert_eq!(after.hints("lru-cache", phase), before.hints("lru-cache", phase));
                let first = |progress: &Progress| {
                    progress.phase("lru-cache", phase).and_then(|phase| phase.first_passed)
                };
                prop_assert_eq!(first(&after), first(&before));
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_progress_file_that_is_kept_elsewhere_stays_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    let (folder, elsewhere) = (dir.path().join(".course"), dir.path().join("elsewhere"));
    for folder in [&folder, &elsewhere] {
        fs::create_dir(folder).unwrap();
    }
    let link = folder.join("progress.json");
    std::os::unix::fs::symlink("../elsewhere/progress.json", &link).unwrap();
    let broken = [
        store
            .record(&report("core", PhaseStatus::Passed, "a"))
            .unwrap_err(),
        store.load().unwrap_err(),
    ];
    for error in broken {
        assert!(matches!(error, StoreError::BrokenLink { .. }), "{error:?}");
    }
    fs::write(elsewhere.join("progress.json"), "").unwrap();
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    let kept = fs::read_to_string(elsewhere.join("progress.json")).unwrap();
    assert!(kept.contains("passed"), "{kept}");
    let progress = store.load().unwrap().progress;
    assert_eq!(status(&progress, "core"), Some(PhaseStatus::Passed));
}

#[test]
fn a_program_that_holds_the_lock_is_waited_for_as_long_as_the_learner_likes() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    let lock = fs::File::open(dir.path().join(".course/progress.lock")).unwrap();
    lock.lock().unwrap();
    let impatient = store.clone().waiting_while(|file, _| {
        assert!(file.ends_with("progress.lock"));
        false
    });
    let error = impatient
        .record(&report("core", PhaseStatus::Failed, "b"))
        .unwrap_err();
    assert!(
        error.to_string().contains("another program holds it"),
        "{error}"
    );
    let progress = store.load().unwrap().progress;
    assert_eq!(status(&progress, "core"), Some(PhaseStatus::Passed));
    let patient = store
        .clone()
        .waiting_while(move |_, _| lock.unlock().is_ok());
    patient
        .record(&report("core", PhaseStatus::Failed, "b"))
        .unwrap();
    let progress = store.load().unwrap().progress;
    assert_eq!(status(&progress, "core"), Some(PhaseStatus::Failed));
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    // A file in the place of the folder refuses every user, whatever their rights.
    fs::write(dir.path().join(".course"), "").unwrap();
    let error = store(dir.path())
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap_err();
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error:?}");
    assert!(!error.to_string().contains('\n'));
}

#[test]
fn damage_that_cannot_be_mended_is_told_and_what_is_left_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path());
    store
        .record(&report("core", PhaseStatus::Passed, "a"))
        .unwrap();
    let folder = dir.path().join(".course");
    let path = folder.join("progress.json");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    fs::remove_file(folder.join("progress.lock")).unwrap();
    fs::create_dir(folder.join("progress.lock")).unwrap();
    let loaded = store.load().unwrap();
    assert_eq!(status(&loaded.progress, "core"), Some(PhaseStatus::Passed));
    assert!(loaded.notice.unwrap().contains("cannot be mended"));
    assert_eq!(fs::read(&path).unwrap(), whole[..whole.len() / 2]);
}
