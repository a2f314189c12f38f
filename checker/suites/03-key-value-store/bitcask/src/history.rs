//! What several threads do with one store, and what they are told, as a history.

use crate::driven::{Driven, LIMIT, contents_of};
use bitcask::Bitcask;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};
use suite_kit::{
    Scenario,
    linear::{Client, Clock, Model, Operation},
    text::escaped,
    threads::together,
};

/// How many keys the threads share. Few, so that they meet.
const KEYS: u8 = 3;
/// How many threads write and read.
const CLIENTS: usize = 3;

/// The number of a key.
pub(crate) type Key = u8;

/// What is asked of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Get,
    /// Every put has a number of its own, so that it is known which one a reader sees.
    Put(u32),
    Delete,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Value(Option<u32>),
    Done,
    Existed(bool),
}

pub(crate) type History = Vec<Operation<(Key, Asked), Told>>;

/// One key of a store: absent, or the number that was put last.
pub(crate) struct KeyModel;

impl Model for KeyModel {
    type State = Option<u32>;
    type Call = (Key, Asked);
    type Returned = Told;

    fn initial(&self) -> Option<u32> {
        None
    }

    fn step(
        &self,
        state: &Option<u32>,
        (_, asked): &(Key, Asked),
        told: Option<&Told>,
    ) -> Option<Option<u32>> {
        let (after, answer) = match asked {
            Asked::Get => (*state, Told::Value(*state)),
            Asked::Put(number) => (Some(*number), Told::Done),
            Asked::Delete => (None, Told::Existed(state.is_some())),
        };
        told.is_none_or(|told| *told == answer).then_some(after)
    }
}

/// Three threads do `count` operations each while a fourth merges. Who gets an error stops, and
/// what the operation did is unknown.
pub(crate) fn clients_at_work(driven: &Driven, clock: &Clock, seed: u64, count: u32) -> History {
    let (store, scenario) = (driven.store.clone(), Arc::clone(&driven.scenario));
    let (clock, busy) = (clock.clone(), AtomicUsize::new(CLIENTS));
    let notes = together(&driven.scenario, CLIENTS + 1, LIMIT, move |thread| {
        let mut dice = Dice::new(seed * 100 + thread as u64);
        if thread == CLIENTS {
            while busy.load(SeqCst) > 0 && merge(&store, &mut dice).is_ok() {}
            return Vec::new();
        }
        let mut client = clock.client(thread);
        for turn in 0..count {
            let number = turn * CLIENTS as u32 + thread as u32;
            if act(&scenario, &store, &mut client, &mut dice, number).is_err() {
                break;
            }
        }
        busy.fetch_sub(1, SeqCst);
        client.into_operations()
    });
    notes.concat()
}

/// Merges all files or some.
fn merge(store: &Bitcask, dice: &mut Dice) -> bitcask::Result<()> {
    if dice.below(3) == 0 {
        return store.merge();
    }
    let mut ids = store.sealed_files()?;
    ids.retain(|_| dice.below(2) == 0);
    store.merge_files(&ids)
}

/// One operation on one key, or an iterator, which reads all keys at once.
fn act(
    scenario: &Scenario,
    store: &Bitcask,
    client: &mut Client<(Key, Asked), Told>,
    dice: &mut Dice,
    number: u32,
) -> bitcask::Result<()> {
    let key = dice.below(u64::from(KEYS)) as Key;
    let name = [b'k', key];
    match dice.below(10) {
        0..=3 => {
            let (result, span) = client.span(|| store.put(&name, &value_of(number)));
            let told = result.as_ref().ok().map(|()| Told::Done);
            client.note(span, (key, Asked::Put(number)), told);
            result
        }
        4..=5 => {
            let (result, span) = client.span(|| store.delete(&name));
            let told = result.as_ref().ok().map(|existed| Told::Existed(*existed));
            client.note(span, (key, Asked::Delete), told);
            result.map(|_| ())
        }
        6..=8 => {
            let (result, span) = client.span(|| store.get(&name));
            let value = result?.map(|value| number_of(scenario, &value));
            client.note(span, (key, Asked::Get), Some(Told::Value(value)));
            Ok(())
        }
        _ => {
            let (iter, span) = client.span(|| store.iter());
            let found: Vec<(Vec<u8>, Vec<u8>)> = iter?.collect::<Result<_, _>>()?;
            for key in 0..KEYS {
                let value = found.iter().find(|(name, _)| name == &[b'k', key]);
                let value = value.map(|(_, value)| number_of(scenario, value));
                client.note(span, (key, Asked::Get), Some(Told::Value(value)));
            }
            Ok(())
        }
    }
}

/// What the store holds for each key in the end, as a part of the history.
pub(crate) fn read_all(driven: &Driven, clock: &Clock) -> History {
    let mut client = clock.client(CLIENTS + 1);
    let (found, span) = client.span(|| contents_of(&driven.scenario, &driven.store));
    for key in 0..KEYS {
        let value = found.get(&[b'k', key][..]);
        let value = value.map(|value| number_of(&driven.scenario, value));
        client.note(span, (key, Asked::Get), Some(Told::Value(value)));
    }
    client.into_operations()
}

/// The value that stands for a number. Its length varies.
fn value_of(number: u32) -> Vec<u8> {
    format!("{number}{}", ".".repeat(number as usize % 40)).into_bytes()
}

/// The number that a value stands for; fails if nobody ever wrote such a value.
#[track_caller]
pub(crate) fn number_of(scenario: &Scenario, value: &[u8]) -> u32 {
    let number = str::from_utf8(value)
        .ok()
        .and_then(|text| text.trim_end_matches('.').parse().ok());
    match number {
        Some(number) => number,
        None => scenario.fail(
            "a value that was put",
            format_args!("\"{}\"", escaped(value)),
        ),
    }
}

/// Numbers that look random, the same for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `end - 1`: a step of `SplitMix64`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % end
    }
}
