//! The depot and the power.

use std::io;

use depot::crashes::{Step, check, contents};
use depot::mutant::Forgets;
use depot::simulated::Simulated;
use depot::store::Depot;
use proptest::prelude::*;

fn script() -> Vec<Step> {
    vec![
        Step::Place(7, 12),
        Step::Place(8, 3),
        Step::Place(7, 40),
        Step::HandOut(8),
        Step::Merge,
        Step::HandOut(7),
        Step::Place(9, 1),
        Step::Merge,
        Step::Place(7, 5),
    ]
}

#[test]
fn no_power_cut_breaks_a_promise() -> io::Result<()> {
    assert!(check(&script(), Forgets::Nothing)?.is_ok());
    Ok(())
}

#[test]
fn a_store_that_forgets_to_sync_is_found_out() -> io::Result<()> {
    assert!(check(&script(), Forgets::Sync)?.is_err());
    assert!(check(&script(), Forgets::SyncNames)?.is_err());
    Ok(())
}

// ANCHOR: random
proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_power_cut_breaks_a_promise_in_any_script(
        script in prop::collection::vec(prop_oneof![
            (0..3_u32, 0..9_u16).prop_map(|(parcel, shelf)| Step::Place(parcel, shelf)),
            (0..3_u32).prop_map(Step::HandOut),
            Just(Step::Merge),
        ], 0..10),
    ) {
        prop_assert!(check(&script, Forgets::Nothing)?.is_ok());
    }
}
// ANCHOR_END: random

#[test]
fn an_error_of_any_operation_loses_nothing_that_was_acknowledged() -> io::Result<()> {
    let script = script();
    let mut whole = Simulated::default();
    let mut depot = Depot::open(&mut whole)?;
    for step in &script {
        step.run(&mut depot)?;
    }
    for operation in 0..whole.operations() {
        let disk = Simulated::default().with_fault_after(operation, io::ErrorKind::StorageFull);
        let mut promised = depot::crashes::Model::new();
        let mut disk = disk;
        let mut failed = None;
        if let Ok(mut depot) = Depot::open(&mut disk) {
            for &step in &script {
                match step.run(&mut depot) {
                    Ok(()) => step.apply(&mut promised),
                    Err(_) => {
                        failed = Some(step);
                        break;
                    }
                }
            }
        }
        let mut possible = promised.clone();
        if let Some(step) = failed {
            step.apply(&mut possible);
        }
        let found = contents(&Depot::open(disk.after_kill())?, &script)?;
        assert!(
            found == promised || found == possible,
            "{operation}: {found:?}"
        );
    }
    Ok(())
}
