//! The depot against a map.

use depot::crashes::{Model, Step, contents};
use depot::disk::Disk;
use depot::simulated::Simulated;
use depot::store::Depot;
use proptest::prelude::*;

// ANCHOR: strategy
fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..4_u32, any::<u16>()).prop_map(|(parcel, shelf)| Step::Place(parcel, shelf)),
        3 => (0..4_u32).prop_map(Step::HandOut),
        1 => Just(Step::Merge),
    ]
}
// ANCHOR_END: strategy

// ANCHOR: property
proptest! {
    #[test]
    fn a_depot_answers_like_a_map_before_and_after_it_is_reopened(
        script in prop::collection::vec(step(), 0..40),
    ) {
        let mut model = Model::new();
        let mut depot = Depot::open(Simulated::default())?;
        for step in &script {
            step.run(&mut depot)?;
            step.apply(&mut model);
            prop_assert_eq!(&contents(&depot, &script)?, &model);
            prop_assert_eq!(depot.live(), model.len());
        }
        let reopened = Depot::open(depot.into_disk().after_kill())?;
        prop_assert_eq!(contents(&reopened, &script)?, model);
    }
}
// ANCHOR_END: property

proptest! {
    #[test]
    fn a_merge_leaves_one_record_for_each_parcel(
        script in prop::collection::vec(step(), 0..40),
    ) {
        let mut depot = Depot::open(Simulated::default())?;
        for step in &script {
            step.run(&mut depot)?;
        }
        depot.merge()?;
        prop_assert_eq!(depot.records(), depot.live());
        let live = depot.live();
        let disk = depot.into_disk();
        let mut records = 0;
        for file in disk.files() {
            while disk.read(file, records)?.is_some() {
                records += 1;
            }
        }
        prop_assert_eq!(records, live);
    }
}
