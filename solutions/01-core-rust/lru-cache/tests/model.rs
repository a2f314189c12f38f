//! The cache against a model: a `Vec` with the most recent entry first, in which every operation
//! takes linear time and is obvious.

use std::num::NonZeroUsize;

use lru_cache::LruCache;
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u16),
    Get(u8),
    GetMut(u8, u16),
    Peek(u8),
    Pop(u8),
    PopLru,
    Resize(NonZeroUsize),
    Clear,
    AddToAll(u16),
    Clone,
}

fn step() -> impl Strategy<Value = Step> {
    // Few keys, so that most of them are met again.
    let key = 0..12_u8;
    prop_oneof![
        8 => (key.clone(), any::<u16>()).prop_map(|(key, value)| Step::Put(key, value)),
        4 => key.clone().prop_map(Step::Get),
        2 => (key.clone(), any::<u16>()).prop_map(|(key, value)| Step::GetMut(key, value)),
        2 => key.clone().prop_map(Step::Peek),
        3 => key.prop_map(Step::Pop),
        2 => Just(Step::PopLru),
        1 => capacity().prop_map(Step::Resize),
        1 => Just(Step::Clear),
        1 => any::<u16>().prop_map(Step::AddToAll),
        1 => Just(Step::Clone),
    ]
}

fn capacity() -> impl Strategy<Value = NonZeroUsize> {
    (0..8_usize).prop_map(|more| NonZeroUsize::MIN.saturating_add(more))
}

struct Model {
    cap: usize,
    entries: Vec<(u8, u16)>,
}

impl Model {
    fn take(&mut self, key: u8) -> Option<(u8, u16)> {
        let at = self.entries.iter().position(|entry| entry.0 == key)?;
        Some(self.entries.remove(at))
    }

    fn put(&mut self, key: u8, value: u16) -> Option<u16> {
        let old = self.take(key);
        self.entries.insert(0, (key, value));
        self.entries.truncate(self.cap);
        old.map(|entry| entry.1)
    }

    fn get(&mut self, key: u8) -> Option<&mut u16> {
        let entry = self.take(key)?;
        self.entries.insert(0, entry);
        self.entries.first_mut().map(|entry| &mut entry.1)
    }

    fn peek(&self, key: u8) -> Option<u16> {
        self.entries
            .iter()
            .find(|entry| entry.0 == key)
            .map(|entry| entry.1)
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 512 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_cache_behaves_as_the_model_does(cap in capacity(), steps in vec(step(), 1..120)) {
        let mut cache = LruCache::new(cap);
        let mut model = Model { cap: cap.get(), entries: Vec::new() };
        for step in steps {
            match step {
                Step::Put(key, value) => {
                    prop_assert_eq!(cache.put(key, value), model.put(key, value));
                }
                Step::Get(key) => {
                    prop_assert_eq!(cache.get(&key).copied(), model.get(key).copied());
                }
                Step::GetMut(key, value) => {
                    let (mut got, mut expected) = (cache.get_mut(&key), model.get(key));
                    prop_assert_eq!(&got, &expected);
                    if let (Some(got), Some(expected)) = (&mut got, &mut expected) {
                        **got = value;
                        **expected = value;
                    }
                }
                Step::Peek(key) => {
                    prop_assert_eq!(cache.peek(&key).copied(), model.peek(key));
                    prop_assert_eq!(cache.contains(&key), model.peek(key).is_some());
                }
                Step::Pop(key) => {
                    prop_assert_eq!(cache.pop(&key), model.take(key).map(|entry| entry.1));
                }
                Step::PopLru => prop_assert_eq!(cache.pop_lru(), model.entries.pop()),
                Step::Resize(cap) => {
                    cache.resize(cap);
                    model.cap = cap.get();
                    model.entries.truncate(model.cap);
                }
                Step::Clear => {
                    cache.clear();
                    model.entries.clear();
                }
                Step::AddToAll(more) => {
                    for (_, value) in &mut cache {
                        *value = value.wrapping_add(more);
                    }
                    for (_, value) in &mut model.entries {
                        *value = value.wrapping_add(more);
                    }
                }
                Step::Clone => cache = cache.clone(),
            }
            let entries: Vec<(u8, u16)> = cache.iter().map(|(&key, &value)| (key, value)).collect();
            prop_assert_eq!(&entries, &model.entries);
            prop_assert_eq!(cache.len(), entries.len());
            let oldest = cache.peek_lru().map(|(&key, &value)| (key, value));
            prop_assert_eq!(oldest, model.entries.last().copied());
        }
        prop_assert!(cache.into_iter().rev().eq(model.entries.into_iter().rev()));
    }
}
