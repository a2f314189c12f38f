//! The store against a model, a plain map, whatever is written, merged and reopened in whatever
//! order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use bitcask::{Bitcask, Options, Sync};
use proptest::{collection::vec, prelude::*};
use std::{collections::BTreeMap, fs};
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Step {
    Put(u8, Vec<u8>),
    Delete(u8),
    Merge,
    MergeFiles(u8),
    Reopen,
    ReopenWithoutHints,
}

fn step() -> impl Strategy<Value = Step> {
    // Few keys, so that most of them are met again.
    let key = 1..6_u8;
    prop_oneof![
        6 => (key.clone(), vec(any::<u8>(), 0..40)).prop_map(|(key, value)| Step::Put(key, value)),
        4 => key.prop_map(Step::Delete),
        1 => Just(Step::Merge),
        2 => any::<u8>().prop_map(Step::MergeFiles),
        1 => Just(Step::Reopen),
        1 => Just(Step::ReopenWithoutHints),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_store_holds_what_a_map_holds(steps in vec(step(), 0..60), max_file_size in 1..200_u64) {
        let dir = TempDir::new().unwrap();
        let options = Options { max_file_size, sync: Sync::Never };
        let open = || Bitcask::open(dir.path(), options.clone()).unwrap();
        let mut store = open();
        let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Put(key, value) => {
                    store.put(&[key], &value).unwrap();
                    model.insert(vec![key], value);
                }
                Step::Delete(key) => {
                    let was_there = model.remove(&vec![key]).is_some();
                    prop_assert_eq!(store.delete(&[key]).unwrap(), was_there);
                }
                Step::Merge => {
                    store.merge().unwrap();
                    let stats = store.stats();
                    prop_assert_eq!(stats.total_bytes, stats.live_bytes);
                }
                Step::MergeFiles(bits) => {
                    let mut ids = store.sealed_files().unwrap();
                    ids.retain(|id| bits.rotate_right(*id as u32 % 8) & 1 == 1);
                    store.merge_files(&ids).unwrap();
                }
                Step::Reopen => {
                    store.close().unwrap();
                    store = open();
                }
                Step::ReopenWithoutHints => {
                    store.close().unwrap();
                    for entry in fs::read_dir(dir.path()).unwrap() {
                        let path = entry.unwrap().path();
                        if path.extension().is_some_and(|extension| extension == "hint") {
                            fs::remove_file(path).unwrap();
                        }
                    }
                    store = open();
                }
            }
            let found: BTreeMap<_, _> = store.iter().unwrap().map(Result::unwrap).collect();
            prop_assert_eq!(&found, &model);
            prop_assert_eq!(store.len(), model.len());
            let live: u64 = model.iter().map(|(key, value)| (20 + key.len() + value.len()) as u64).sum();
            prop_assert_eq!(store.stats().live_bytes, live);
        }
    }
}
