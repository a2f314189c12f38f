//! Stops at every operation of the file system, one after the other.

use crate::driven::{Driven, Files};
use bitcask::{Bitcask, Error, Options};

/// A merge of a few files does not take this many operations.
const MOST: usize = 2_000;
/// How many ways to lose a part of what was not synced are tried at each moment.
const SEEDS: u64 = 3;

/// How a store's process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// What was written is there, synced or not.
    Kill,
    /// What was not synced may be gone.
    PowerFailure,
}

/// As often as a merge by `merge` has operations that change the disk, runs it on a store of these
/// files, and stops it after one operation more. What is left must hold all that the store held,
/// and can be merged.
#[track_caller]
pub(crate) fn everywhere(
    crash: Crash,
    options: &Options,
    files: &Files,
    merge: impl Fn(&Bitcask) -> Result<(), Error>,
) {
    for after in 0..MOST {
        let driven = Driven::on(files, options.clone());
        driven.disk.lose_power_after(after);
        let result = merge(&driven.store);
        let stopped = driven.disk.has_lost_power();
        driven.scenario.step(format!(
            "the merge is stopped after {after} changes of the disk: {}",
            driven.disk.last_changes()
        ));
        driven.scenario.expect(
            stopped || result.is_ok(),
            "a merge that is not stopped succeeds",
            format_args!("{result:?}"),
        );
        match crash {
            Crash::Kill => expect_recovered(driven.killed_copy()),
            Crash::PowerFailure => {
                expect_recovered(driven.after_power_failure(None));
                for seed in 0..SEEDS {
                    let seed = after as u64 * SEEDS + seed;
                    expect_recovered(driven.after_power_failure(Some(seed)));
                }
                for after in driven.after_power_failures_around_each() {
                    expect_recovered(after);
                }
            }
        }
        if !stopped {
            return;
        }
    }
    Driven::new(options.clone()).scenario.fail(
        "the merge comes to an end",
        format_args!("{MOST} changes of the disk"),
    );
}

/// As often as a full merge has operations that change the disk, runs it on a store of these files,
/// which has a key `kept`, and lets one operation fail. Nothing may be lost.
#[track_caller]
pub(crate) fn failing_everywhere(options: &Options, files: &Files) {
    for after in 0..MOST {
        let mut driven = Driven::on(files, options.clone());
        driven.disk.fail_change(after);
        let result = driven.store.merge();
        let failed = driven.disk.has_failed();
        driven.scenario.step(format!(
            "the last change of the disk fails, merge returns {result:?}: {}",
            driven.disk.last_changes()
        ));
        driven.disk.heal();
        driven.expect_contents();
        driven.after_power_failure(None).expect_contents();
        driven.killed_copy().expect_contents();
        driven.scenario.step("the disk is well again; merge");
        match driven.store.merge() {
            // What the failed merge has left must not come back, either.
            Ok(()) => {
                driven.expect_contents();
                driven.delete("kept");
                driven.merge();
                driven.expect_contents();
                driven.killed_copy().expect_contents();
                driven.expect_live_only();
            }
            Err(Error::SyncFailed) if failed => {}
            Err(error) => driven.scenario.fail("the merge succeeds", error),
        }
        expect_recovered(driven.killed_copy());
        if !failed {
            return;
        }
    }
    Driven::new(options.clone()).scenario.fail(
        "the merge comes to an end",
        format_args!("{MOST} changes of the disk"),
    );
}

/// A store that was opened after a crash holds everything, can be merged, and goes on.
#[track_caller]
fn expect_recovered(mut driven: Driven) {
    driven.expect_contents();
    let left: Vec<String> = driven.files().into_keys().collect();
    driven.scenario.expect(
        left.iter().all(|name| !name.ends_with(".tmp")),
        "no leftovers that end in .tmp",
        format_args!("{left:?}"),
    );
    driven.merge();
    driven.expect_live_only();
    driven.put("after the crash", "1");
    // A store that does not sync may keep a write in its own memory.
    driven.sync();
    driven.killed().expect_contents();
}
