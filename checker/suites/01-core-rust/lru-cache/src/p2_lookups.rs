//! Phase 2: keys in borrowed form, and look-ups that promote or don't.

use crate::{
    driven::{Driven, capacity},
    hashing::{Compared, Masked, Word},
    model::expect_agreement,
};
use lru_cache::LruCache;
use std::{
    cell::Cell,
    path::{Path, PathBuf},
    rc::Rc,
};
use suite_kit::Scenario;

/// A cache with `String` keys is asked with a `&str`, by every look-up.
#[test]
fn string_keys_are_looked_up_by_str() {
    let scenario = Scenario::new();
    let mut cache: LruCache<String, i32> = LruCache::new(capacity(2));
    scenario.step(r#"put("a".to_owned(), 1)"#);
    cache.put("a".to_owned(), 1);
    scenario.expect_eq(r#"get("a")"#, cache.get("a"), Some(&1));
    scenario.expect_eq(r#"get_mut("a")"#, cache.get_mut("a"), Some(&mut 1));
    scenario.expect_eq(r#"peek("a")"#, cache.peek("a"), Some(&1));
    scenario.expect_eq(r#"contains("a")"#, cache.contains("a"), true);
    scenario.expect_eq(r#"get("b")"#, cache.get("b"), None);
    scenario.expect_eq(r#"get_mut("b")"#, cache.get_mut("b"), None);
    scenario.expect_eq(r#"peek("b")"#, cache.peek("b"), None);
    scenario.expect_eq(r#"contains("b")"#, cache.contains("b"), false);
}

/// A key is looked up by any of its borrowed forms: slices, paths, the key itself.
#[test]
fn keys_are_looked_up_by_any_borrowed_form() {
    let scenario = Scenario::new();
    let mut bytes: LruCache<Vec<u8>, i32> = LruCache::new(capacity(2));
    bytes.put(vec![1, 2], 3);
    scenario.step("put(vec![1, 2], 3)");
    scenario.expect_eq("peek of a slice", bytes.peek(&[1, 2][..]), Some(&3));
    scenario.expect_eq("peek of a vector", bytes.peek(&vec![1, 2]), Some(&3));

    let mut paths: LruCache<PathBuf, i32> = LruCache::new(capacity(2));
    paths.put(PathBuf::from("a/b"), 4);
    scenario.step(r#"put(PathBuf::from("a/b"), 4)"#);
    scenario.expect_eq("get of a path", paths.get(Path::new("a/b")), Some(&4));

    let mut shared: LruCache<Rc<str>, i32> = LruCache::new(capacity(2));
    shared.put("key".into(), 5);
    scenario.step(r#"put(Rc::from("key"), 5)"#);
    scenario.expect_eq("contains of a str", shared.contains("key"), true);
}

/// A `peek` finds a value without promoting its entry.
#[test]
fn a_peek_does_not_promote() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.expect_peek("a", Some(1));
    driven.expect_lru("a", 1);
    driven.put("c", 3);
    driven.expect_peek("a", None);
    driven.expect_peek("b", Some(2));
    driven.expect_peek("c", Some(3));
}

/// `contains` tells whether a key is there without promoting its entry.
#[test]
fn contains_does_not_promote() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.expect_contains("a", true);
    driven.expect_lru("a", 1);
    driven.put("c", 3);
    driven.expect_contains("a", false);
    driven.expect_contains("b", true);
    driven.expect_contains("c", true);
}

/// `peek_lru` shows the entry that the next eviction takes, and promotes nothing.
#[test]
fn peek_lru_shows_the_next_to_be_evicted() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2), ("c", 3)]);
    for _ in 0..2 {
        driven.expect_lru("a", 1);
    }
    driven.put("d", 4);
    driven.expect_contains("a", false);
    driven.expect_lru("b", 2);
    driven.get("b");
    driven.expect_lru("c", 3);
}

/// `peek_lru` of an empty cache is `None`, and of a cache with one entry that entry.
#[test]
fn peek_lru_of_an_empty_cache_is_none() {
    let mut driven: Driven = Driven::new(2);
    let none = driven.cache.peek_lru().is_none();
    driven
        .scenario
        .expect(none, "peek_lru() returns None", "it returns an entry");
    driven.put("a", 1);
    driven.expect_lru("a", 1);
}

/// A `get_mut` makes its entry the most recently used one.
#[test]
fn a_get_mut_promotes() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.scenario.step(r#"get_mut("a")"#);
    let found = driven.cache.get_mut("a").copied();
    driven.scenario.expect_eq(r#"get_mut("a")"#, found, Some(1));
    driven.expect_lru("b", 2);
    driven.put("c", 3);
    driven.expect_contains("b", false);
    driven.expect_contains("a", true);
}

/// What is changed through `get_mut` is what later look-ups find.
#[test]
fn a_get_mut_changes_the_value_in_place() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.scenario.step(r#"*get_mut("a") += 10"#);
    if let Some(value) = driven.cache.get_mut("a") {
        *value += 10;
    }
    driven.expect_peek("a", Some(11));
    driven.expect_peek("b", Some(2));
    driven.expect_get("a", Some(11));
    driven.expect_put("a", 5, Some(11));
    driven.expect_len(2);
}

/// A look-up that finds nothing leaves the order and the length as they are.
#[test]
fn a_missed_lookup_changes_nothing() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2)]);
    driven.expect_peek("x", None);
    driven.expect_contains("x", false);
    driven.scenario.step(r#"get_mut("x")"#);
    let missed = driven.cache.get_mut("x").is_none();
    driven
        .scenario
        .expect(missed, r#"get_mut("x") returns None"#, "it returns a value");
    driven.expect_len(2);
    driven.expect_lru("a", 1);
}

/// Keys that are equal but not identical are one key.
///
/// Comparing addresses or hashes instead of calling `Eq` stores them twice.
#[test]
fn equal_keys_are_one_key() {
    let scenario = Scenario::new();
    let mut cache = LruCache::new(capacity(2));
    scenario.step(r#"put("Apple", 1), in which words equal their other spellings"#);
    cache.put(Word("Apple"), 1);
    scenario.step(r#"put("APPLE", 2)"#);
    scenario.expect_eq(
        "what the second put returns",
        cache.put(Word("APPLE"), 2),
        Some(1),
    );
    scenario.expect_eq("len()", cache.len(), 1);
    scenario.expect_eq(r#"peek("apple")"#, cache.peek(&Word("apple")), Some(&2));
    scenario.expect_eq(r#"get("aPPLE")"#, cache.get(&Word("aPPLE")), Some(&2));
    scenario.expect_eq(
        r#"contains("apples")"#,
        cache.contains(&Word("apples")),
        false,
    );
}

/// A `put` under an equal key keeps the stored key, as the maps of the standard library do.
///
/// hint: Only the value is replaced; the key passed in is dropped.
#[test]
fn a_put_keeps_the_stored_key() {
    let scenario = Scenario::new();
    let mut cache = LruCache::new(capacity(2));
    scenario.step(r#"put("Apple", 1), in which words equal their other spellings"#);
    cache.put(Word("Apple"), 1);
    scenario.step(r#"put("APPLE", 2)"#);
    cache.put(Word("APPLE"), 2);
    let received = cache.peek_lru().map(|(key, value)| (key.0, *value));
    scenario.expect_eq("what peek_lru() returns", received, Some(("Apple", 2)));
}

/// Look-ups that promote nothing need a shared reference only, so that several values can be read
/// at once.
#[test]
fn peeks_share_the_cache() {
    let driven = Driven::with(3, &[("a", 1), ("b", 2)]);
    let cache = &driven.cache;
    let (one, other, oldest) = (cache.peek("a"), cache.peek("b"), cache.peek_lru());
    driven
        .scenario
        .step("hold what peek(a), peek(b) and peek_lru() return");
    driven.scenario.expect_eq("peek(a)", one, Some(&1));
    driven.scenario.expect_eq("peek(b)", other, Some(&2));
    driven
        .scenario
        .expect_eq("peek_lru()", oldest, Some((&"a", &1)));
    driven
        .scenario
        .expect_eq("contains(a)", cache.contains("a"), true);
}

/// An evicted entry is found by no look-up.
#[test]
fn an_evicted_entry_is_found_by_no_lookup() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2), ("c", 3)]);
    driven.expect_peek("a", None);
    driven.expect_contains("a", false);
    driven.expect_get("a", None);
    let missed = driven.cache.get_mut("a").is_none();
    driven
        .scenario
        .expect(missed, r#"get_mut("a") returns None"#, "it returns a value");
    driven.expect_lru("b", 2);
}

/// A `peek`, `contains` or `get_mut` compares a few keys only, however many entries there are.
#[test]
fn a_lookup_does_not_compare_with_every_key() {
    const ENTRIES: u32 = 1_000;
    let scenario = Scenario::new();
    let comparisons = Rc::new(Cell::new(0));
    let mut cache = LruCache::new(capacity(ENTRIES as usize));
    for number in 0..ENTRIES {
        cache.put(Compared::new(number, &comparisons), number);
    }
    scenario.step("put 1,000 entries; peek, contains and get_mut of each, peek_lru");
    comparisons.set(0);
    for number in 0..ENTRIES {
        let key = Compared::new(number, &comparisons);
        scenario.expect_eq("peek of a stored key", cache.peek(&key), Some(&number));
        scenario.expect_eq("contains of a stored key", cache.contains(&key), true);
        scenario.expect(
            cache.peek_lru().is_some(),
            "peek_lru() returns an entry",
            "None",
        );
        scenario.expect_eq(
            "get_mut of a stored key",
            cache.get_mut(&key).copied(),
            Some(number),
        );
    }
    let each = comparisons.get() / (4 * ENTRIES as usize);
    scenario.expect(
        each < 20,
        "fewer than 20 comparisons of keys for each look-up",
        format_args!("{each} for each"),
    );
}

/// Look-ups tell keys with the same hash apart.
#[test]
fn lookups_tell_colliding_keys_apart() {
    expect_agreement(2, Masked::NONE);
    expect_agreement(2, Masked::TWO);
}

/// Random sequences of insertions and look-ups give what a simple, slow cache gives.
#[test]
fn a_simple_model_agrees() {
    expect_agreement(2, Masked::ALL);
}
