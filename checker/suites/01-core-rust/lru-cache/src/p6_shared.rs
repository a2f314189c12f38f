//! Phase 6: a cache that threads share.

use crate::{
    driven::capacity,
    hashing::Alike,
    model::Model,
    shared::{Failed, GRACE, Guest, Guests, LIMIT, ManualClock, crowded, shards, shared, value},
};
use lru_cache::{Clock, ShardedLru, TooHeavy};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use suite_kit::{
    Scenario,
    drops::{Ledger, Op, Tracked},
    memory::Meter,
    panics::catch,
    property::check_moves,
    threads::{Background, Gate, background, together},
};

/// A time to live, and a moment at which something is written, in nanoseconds.
const TIME_TO_LIVE: u64 = 100;
const WRITTEN: u64 = 1_000;

fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

/// A cache of one shard whose entries live for a while, and its clock.
fn expiring(time_to_live: Duration) -> (ShardedLru<u32, u64>, Arc<ManualClock>) {
    let clock = ManualClock::at(nanos(WRITTEN));
    let cache = ShardedLru::builder(capacity(64))
        .shards(shards(1))
        .time_to_live(time_to_live)
        .clock(Arc::clone(&clock))
        .build();
    (cache, clock)
}

/// A cache in which every value weighs what it says.
fn weighted(cap: usize, count: usize) -> ShardedLru<u32, u64> {
    ShardedLru::builder(capacity(cap))
        .shards(shards(count))
        .weigher(|_, value| usize::try_from(*value).unwrap_or(usize::MAX))
        .build()
}

/// What a `put` that must succeed returns.
#[track_caller]
fn stored<K, V>(scenario: &Scenario, result: Result<Option<V>, TooHeavy<K, V>>) -> Option<V> {
    match result {
        Ok(old) => old,
        Err(error) => scenario.fail("put stores the value", error),
    }
}

/// Starts a thread whose initializer for `key`, number 1, runs until the gate that is returned is
/// opened, and then returns 10.
#[track_caller]
fn start_initializer<K>(
    scenario: &Scenario,
    cache: &Arc<ShardedLru<K, u64>>,
    key: K,
) -> (Background<Result<u64, Failed>>, Gate)
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    let (started, finish) = (Gate::new(), Gate::new());
    let thread = background({
        let (cache, started, finish) = (Arc::clone(cache), started.clone(), finish.clone());
        move || {
            cache.get_or_try_insert_with(key, || {
                started.open();
                finish.wait(2 * LIMIT);
                Ok(10)
            })
        }
    });
    scenario.step("a thread starts an initializer for key 1, which goes on running");
    scenario.expect(started.wait(LIMIT), "the initializer is run", "it is not");
    (thread, finish)
}

/// A stored value is found by every thread, and by any borrowed form of its key.
#[test]
fn a_stored_value_is_found_by_every_thread() {
    let scenario = Scenario::new();
    let cache: Arc<ShardedLru<String, u64>> = Arc::new(ShardedLru::new(capacity(64), shards(4)));
    scenario.step("8 threads put one key each into a cache of capacity 64");
    scenario.expect_eq("is_empty()", cache.is_empty(), true);
    let writer = Arc::clone(&cache);
    let old = together(&scenario, 8, LIMIT, move |number| {
        writer
            .put(format!("key {number}"), number as u64)
            .ok()
            .flatten()
    });
    scenario.expect_eq("what the puts return", old, vec![None; 8]);
    scenario.expect_eq("get of a missing key", cache.get("key 8"), None);
    scenario.expect_eq(r#"get("key 3")"#, cache.get("key 3"), Some(3));
    let old = stored(&scenario, cache.put("key 3".to_owned(), 30));
    scenario.expect_eq(r#"put("key 3", 30)"#, old, Some(3));
    scenario.expect_eq(r#"pop("key 3")"#, cache.pop("key 3"), Some(30));
    scenario.expect_eq(r#"pop("key 3") again"#, cache.pop("key 3"), None);
    scenario.expect_eq("len()", cache.len(), 7);
    scenario.expect_eq("is_empty()", cache.is_empty(), false);
    scenario.expect_eq("weight()", cache.weight(), 7);
    scenario.expect_eq("cap()", cache.cap().get(), 64);
}

/// The length is never above the capacity, with any number of shards, even while threads write.
///
/// What usually goes wrong is rounding: `cap / shards + 1` for every shard is more than `cap`
/// together. Or an entry is added first, and another evicted later.
#[test]
fn the_capacity_is_never_exceeded() {
    for cap in [1, 2, 3, 5, 8, 17, 64] {
        for count in [1, 2, 3, 4, 7, 16, 64, usize::MAX] {
            let scenario = Scenario::new();
            scenario.step(format!(
                "ShardedLru::new({cap}, {count}); 3 threads put 80 keys each"
            ));
            let cache = shared(cap, count);
            let writer = Arc::clone(&cache);
            let most = together(&scenario, 3, LIMIT, move |thread| {
                let first = thread as u32 * 1_000;
                let lengths = (first..first + 80).map(|key| {
                    let _ = writer.put(key, 0);
                    writer.len().max(writer.weight())
                });
                lengths.max()
            });
            let most = most.into_iter().flatten().max().unwrap_or(0);
            scenario.expect(most <= cap, format_args!("len() is at most {cap}"), most);
        }
    }
}

/// The capacities of the shards add up to exactly the capacity.
///
/// Rounding down wastes up to one entry for each shard.
///
/// hint: Give the first `cap % shards` shards one entry more.
#[test]
fn the_capacity_is_used_to_the_last_entry() {
    for (cap, count) in [
        (1, 1),
        (1, 8),
        (7, 3),
        (10, 4),
        (16, 16),
        (15, 16),
        (33, 32),
        (5, usize::MAX),
    ] {
        let scenario = Scenario::new();
        scenario.step(format!("ShardedLru::new({cap}, {count}), put 5,000 keys"));
        let cache = shared(cap, count);
        for key in 0..5_000 {
            stored(&scenario, cache.put(key, 0));
        }
        scenario.expect_eq("len()", cache.len(), cap);
        scenario.expect_eq("weight()", cache.weight(), cap);
        scenario.expect_eq("cap()", cache.cap().get(), cap);
        scenario.expect_eq(
            "max_weight()",
            cache.max_weight().get(),
            cap / count.min(cap),
        );
    }
}

/// A capacity of `usize::MAX` allocates nothing in proportion to it, and the default number of
/// shards is never above the capacity.
#[test]
fn the_greatest_capacity_costs_nothing() {
    let scenario = Scenario::new();
    scenario.step("ShardedLru::new(usize::MAX, 16), put 100 keys");
    let meter = Meter::start();
    let cache = ShardedLru::new(capacity(usize::MAX), shards(16));
    for key in 0..100_u32 {
        stored(&scenario, cache.put(key, 0_u64));
    }
    let peak = meter.peak();
    scenario.expect(
        peak < 256 << 10,
        "at most 256 KiB in use",
        format_args!("{peak} bytes"),
    );
    scenario.expect_eq("len()", cache.len(), 100);
    scenario.expect_eq("max_weight()", cache.max_weight().get(), usize::MAX / 16);

    scenario.step("ShardedLru::builder(3).build(), put 1,000 keys");
    let small = ShardedLru::builder(capacity(3)).build();
    for key in 0..1_000_u32 {
        stored(&scenario, small.put(key, 0_u64));
    }
    scenario.expect_eq("len()", small.len(), 3);
    scenario.expect_eq("max_weight()", small.max_weight().get(), 1);
}

/// With one shard, the cache evicts exactly the least recently used entry.
///
/// A `get`, and a `get_or_try_insert_with` that finds its key, promote.
#[test]
fn one_shard_keeps_the_exact_order() {
    check_moves(100, 60, &|scenario, cap, moves| {
        let cache: ShardedLru<u8, u16> = ShardedLru::new(capacity(cap), shards(1));
        let mut model = Model::new(cap);
        scenario.step(format!("ShardedLru::new({cap}, 1)"));
        for one in moves {
            let key = one.key % 12;
            let (received, expected) = match one.kind % 4 {
                0 => {
                    scenario.step(format!("put({key}, {})", one.value));
                    (
                        stored(scenario, cache.put(key, one.value)),
                        model.put(key, one.value),
                    )
                }
                1 => {
                    scenario.step(format!("get({key})"));
                    (cache.get(&key), model.get(key))
                }
                2 => {
                    scenario.step(format!("pop({key})"));
                    (cache.pop(&key), model.pop(key))
                }
                _ => {
                    scenario.step(format!("get_or_try_insert_with({key}, Ok({}))", one.value));
                    let found = model.get(key);
                    if found.is_none() {
                        model.put(key, one.value);
                    }
                    let init = || Ok::<u16, Failed>(one.value);
                    (
                        cache.get_or_try_insert_with(key, init).ok(),
                        found.or(Some(one.value)),
                    )
                }
            };
            scenario.expect_eq("what it returns", received, expected);
        }
        for key in 0..12 {
            scenario.expect_eq(format_args!("get({key})"), cache.get(&key), model.get(key));
        }
    });
}

/// Thirty-two threads that miss one key run one initializer, and all get its value.
///
/// The initializers of the others are dropped without running. What usually goes wrong is that the
/// lock is released between the miss and the note that somebody is at it.
///
/// hint: Under one lock, look for the value, then for a running initializer, and leave a note if there is neither.
#[test]
fn thirty_two_threads_run_one_initializer() {
    for round in 0..5 {
        let scenario = Scenario::new();
        scenario.step(format!(
            "round {round}: 32 threads ask for the same missing key"
        ));
        let (cache, ledger) = (shared(8, 4), Ledger::new());
        let runs = Arc::new(AtomicUsize::new(0));
        let (asked, running, another) = (Arc::clone(&cache), Arc::clone(&runs), Gate::new());
        let values = together(&scenario, 32, LIMIT, move |thread| {
            let owned = ledger.value(thread as u64);
            let (running, another) = (&running, &another);
            asked.get_or_try_insert_with(7, move || {
                if running.fetch_add(1, SeqCst) > 0 {
                    another.open();
                }
                another.wait(GRACE);
                Ok::<u64, Failed>(owned.number())
            })
        });
        scenario.expect_eq("the number of initializers that ran", runs.load(SeqCst), 1);
        let stored = cache.get(&7);
        scenario.expect(
            stored.is_some(),
            "the value is stored",
            "get(7) returns None",
        );
        let expected = vec![stored.ok_or(Failed(0)); 32];
        scenario.expect_eq("what the threads get", values, expected);
        ledger.expect_all_dropped_once(&scenario);
    }
}

/// A failing initializer hands its error to its own caller only; one waiting thread after the
/// other then runs its own.
///
/// What usually goes wrong is that all waiting threads get the error, or that all of them start
/// at once.
#[test]
fn a_failing_initializer_is_followed_by_one_other() {
    let scenario = Scenario::new();
    scenario.step("16 threads ask for the same missing key; the first 3 initializers fail");
    let cache = shared(8, 2);
    let (runs, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (asked, running, active) = (Arc::clone(&cache), Arc::clone(&runs), Arc::clone(&at_once));
    let together_at_most = Arc::new(AtomicUsize::new(0));
    let most = Arc::clone(&together_at_most);
    let mut results = together(&scenario, 16, LIMIT, move |_| {
        asked.get_or_try_insert_with(7, || {
            most.fetch_max(active.fetch_add(1, SeqCst) + 1, SeqCst);
            let run = running.fetch_add(1, SeqCst);
            Gate::new().wait(GRACE / 4);
            active.fetch_sub(1, SeqCst);
            if run < 3 {
                Err(Failed(run))
            } else {
                Ok(run as u64)
            }
        })
    });
    results.sort_unstable();
    let mut expected = vec![Ok(3); 13];
    expected.extend((0..3).map(|run| Err(Failed(run))));
    scenario.expect_eq("the number of initializers that ran", runs.load(SeqCst), 4);
    scenario.expect_eq("what the threads get", results, expected);
    let most = together_at_most.load(SeqCst);
    scenario.expect_eq("the most initializers that ran at once", most, 1);
}

/// Who comes while a thread tries again after a failure waits for that thread.
///
/// What usually goes wrong is that the failure ends what the threads share, although one of them
/// still waits: it and the newcomer then run their initializers at once.
#[test]
fn a_newcomer_waits_for_the_one_who_tries_again() {
    let scenario = Scenario::new();
    scenario.step("a first thread's initializer fails while a second thread asks for the same key");
    scenario.step("a third thread asks while the second thread's initializer runs");
    let cache = shared(8, 2);
    let (first, second, overlap) = (Gate::new(), Gate::new(), Gate::new());
    let overlapped = overlap.clone();
    let results = together(&scenario, 3, LIMIT, move |number| match number {
        0 => cache.get_or_try_insert_with(7, || {
            first.open();
            // Time for the second thread to ask. If it comes too late, it is the first.
            Gate::new().wait(GRACE);
            Err(Failed(0))
        }),
        1 => {
            first.wait(LIMIT);
            cache.get_or_try_insert_with(7, || {
                second.open();
                overlap.wait(GRACE);
                Ok(1)
            })
        }
        _ => {
            second.wait(LIMIT);
            cache.get_or_try_insert_with(7, || {
                overlap.open();
                Ok(2)
            })
        }
    });
    scenario.expect_eq("two initializers ran at once", overlapped.is_open(), false);
    scenario.expect_eq(
        "what the threads get",
        results,
        [Err(Failed(0)), Ok(1), Ok(1)],
    );
}

/// A panicking initializer takes its own thread only; one waiting thread after the other then
/// runs its own, and nobody waits for ever.
///
/// hint: What has to happen in any case belongs into the `Drop` of a guard.
#[test]
fn a_panicking_initializer_wedges_nobody() {
    let scenario = Scenario::new();
    scenario.step("16 threads ask for the same missing key; the first 3 initializers panic");
    let cache = shared(8, 2);
    let runs = Arc::new(AtomicUsize::new(0));
    let (asked, running) = (Arc::clone(&cache), Arc::clone(&runs));
    let results = together(&scenario, 16, LIMIT, move |_| {
        catch(|| {
            asked.get_or_try_insert_with(7, || {
                let run = running.fetch_add(1, SeqCst);
                Gate::new().wait(GRACE / 4);
                assert!(run >= 3, "initializer {run} panics, as told");
                Ok::<u64, Failed>(run as u64)
            })
        })
    });
    let mut panics = Vec::new();
    for result in results {
        match result {
            Ok(value) => scenario.expect_eq("what a thread gets", value, Ok(3)),
            Err(panic) => panics.push(panic.message),
        }
    }
    panics.sort_unstable();
    let expected: Vec<String> = (0..3)
        .map(|run| format!("initializer {run} panics, as told"))
        .collect();
    scenario.expect_eq("the panics of the threads", panics, expected);
    scenario.expect_eq("get(7)", cache.get(&7), Some(3));
}

/// After an initializer has failed or panicked, its key is missing and can be tried again.
#[test]
fn a_failed_key_can_be_tried_again() {
    let scenario = Arc::new(Scenario::new());
    let story = Arc::clone(&scenario);
    let tries = background(move || {
        let cache = shared(4, 2);
        story.step("get_or_try_insert_with(1), whose initializer fails");
        let result = cache.get_or_try_insert_with(1, || Err(Failed(1)));
        story.expect_eq("what it returns", result, Err(Failed(1)));
        story.expect_eq("get(1)", cache.get(&1), None);
        story.expect_eq("len()", cache.len(), 0);
        story.step("get_or_try_insert_with(1), whose initializer panics");
        let caught = catch(|| {
            cache.get_or_try_insert_with(1, || -> Result<u64, Failed> { panic!("as told") })
        });
        story.expect(
            caught.is_err(),
            "the panic reaches the caller",
            "it does not",
        );
        story.expect_eq("get(1)", cache.get(&1), None);
        story.step("get_or_try_insert_with(1), whose initializer returns 5");
        story.expect_eq(
            "what it returns",
            cache.get_or_try_insert_with(1, value(5)),
            Ok(5),
        );
        story.step("get_or_try_insert_with(1), whose initializer would return 6");
        story.expect_eq(
            "what it returns",
            cache.get_or_try_insert_with(1, value(6)),
            Ok(5),
        );
    });
    tries.join(&scenario, "trying again", LIMIT);
}

/// While an initializer runs, nobody else waits: not for other keys of its shard, and not to
/// `get` its own key.
///
/// What usually goes wrong is that the shard stays locked while the initializer runs.
#[test]
fn a_running_initializer_holds_nobody_up() {
    let scenario = Scenario::new();
    let cache = shared(8, 1);
    stored(&scenario, cache.put(2, 20));
    let (thread, finish) = start_initializer(&scenario, &cache, 1);
    scenario.step("another thread: get 1, get 2, put 3, pop 3, initialize 4, len");
    let other = background({
        let cache = Arc::clone(&cache);
        move || {
            (
                (cache.get(&1), cache.get(&2)),
                (cache.put(3, 30).ok().flatten(), cache.pop(&3)),
                (cache.get_or_try_insert_with(4, value(40)), cache.len()),
            )
        }
    });
    let received = other.join(&scenario, "the other thread", LIMIT);
    let expected = ((None, Some(20)), (None, Some(30)), (Ok(40), 2));
    scenario.expect_eq("what the other thread gets", received, expected);
    finish.open();
    let received = thread.join(&scenario, "the initializer", LIMIT);
    scenario.expect_eq("what the first thread gets", received, Ok(10));
    scenario.expect_eq("get(1)", cache.get(&1), Some(10));
}

/// An initializer may use the cache itself, and initialize other keys.
#[test]
fn an_initializer_may_use_the_cache() {
    let scenario = Scenario::new();
    let cache = shared(8, 1);
    stored(&scenario, cache.put(2, 20));
    scenario.step("an initializer for key 1 gets 2, puts 3 and initializes 4");
    let inner = Arc::clone(&cache);
    let thread = background(move || {
        inner.get_or_try_insert_with(1, || {
            let two = inner.get(&2).unwrap_or(0);
            let _ = inner.put(3, 300);
            Ok(two + inner.get_or_try_insert_with(4, value(4_000))?)
        })
    });
    let received = thread.join(&scenario, "the initializer", LIMIT);
    scenario.expect_eq("what it returns", received, Ok::<u64, Failed>(4_020));
    let all = [1, 2, 3, 4].map(|key| cache.get(&key));
    scenario.expect_eq(
        "get of 1 to 4",
        all,
        [Some(4_020), Some(20), Some(300), Some(4_000)],
    );
}

/// A value that is put while an initializer runs is newer: it stays. A `pop` meanwhile does not
/// keep the initializer's value from being stored.
#[test]
fn a_put_during_an_initializer_stays() {
    let scenario = Scenario::new();
    let cache = shared(8, 2);
    let (thread, finish) = start_initializer(&scenario, &cache, 1);
    scenario.step("put(1, 99), then the initializer returns 10");
    let old = stored(&scenario, cache.put(1, 99));
    scenario.expect_eq("what put returns", old, None);
    scenario.expect_eq("get(1) before", cache.get(&1), Some(99));
    finish.open();
    let received = thread.join(&scenario, "the initializer", LIMIT);
    scenario.expect_eq("what the initializer's caller gets", received, Ok(10));
    scenario.expect_eq("get(1)", cache.get(&1), Some(99));

    scenario.step("pop(1)");
    cache.pop(&1);
    let (thread, finish) = start_initializer(&scenario, &cache, 1);
    scenario.step("pop(1), then the initializer returns 10");
    scenario.expect_eq("what pop returns", cache.pop(&1), None);
    finish.open();
    let received = thread.join(&scenario, "the initializer", LIMIT);
    scenario.expect_eq("what the initializer's caller gets", received, Ok(10));
    scenario.expect_eq("get(1)", cache.get(&1), Some(10));
}

/// A value that is put while an initializer runs, and has expired when that returns, is missing:
/// the initializer's value is stored.
///
/// hint: Ask for an entry that has not expired, as `get` does, before you leave the new value out.
#[test]
fn an_expired_put_does_not_keep_a_value_out() {
    for (later, found) in [(TIME_TO_LIVE - 1, 99), (TIME_TO_LIVE, 10)] {
        let scenario = Scenario::new();
        scenario.step(format!("a time to live of {TIME_TO_LIVE} ns"));
        scenario.step(format!(
            "an initializer for key 1 puts 99 under key 1, and returns 10 after {later} ns"
        ));
        let (cache, clock) = expiring(nanos(TIME_TO_LIVE));
        let received = cache.get_or_try_insert_with(1, || {
            stored(&scenario, cache.put(1, 99));
            clock.set(nanos(WRITTEN + later));
            Ok::<u64, Failed>(10)
        });
        scenario.expect_eq("what its caller gets", received, Ok(10));
        scenario.expect_eq("get(1)", cache.get(&1), Some(found));
        scenario.expect_eq("len()", cache.len(), 1);
        scenario.expect_eq("weight()", cache.weight(), 1);
    }
}

/// Keys with equal hashes have initializers of their own, each with its own value.
///
/// What usually goes wrong is that a running initializer is found, or its note removed, by the hash
/// alone: then a key gets the value of another.
#[test]
fn initializers_of_equal_hashes_stay_apart() {
    for outcome in [Ok(20), Err(Failed(2))] {
        let scenario = Scenario::new();
        scenario.step("keys 1 and 2 have the same hash");
        let cache = Arc::new(ShardedLru::new(capacity(8), shards(2)));
        let (first, finish) = start_initializer(&scenario, &cache, Alike(1));
        scenario.step(format!("an initializer for key 2 returns {outcome:?}"));
        let other = background({
            let cache = Arc::clone(&cache);
            move || cache.get_or_try_insert_with(Alike(2), || outcome)
        });
        let received = other.join(&scenario, "the initializer for key 2", LIMIT);
        scenario.expect_eq("what key 2 gets", received, outcome);
        scenario.expect_eq("get(2)", cache.get(&Alike(2)), outcome.ok());
        scenario.expect_eq("get(1)", cache.get(&Alike(1)), None);
        scenario.step("a third thread asks for key 1, then its initializer returns 10");
        let overlap = Gate::new();
        let newcomer = background({
            let (cache, overlap) = (Arc::clone(&cache), overlap.clone());
            move || {
                cache.get_or_try_insert_with(Alike(1), || {
                    overlap.open();
                    Ok(30)
                })
            }
        });
        let overlapped = overlap.wait(GRACE);
        scenario.expect_eq("two initializers of key 1 ran at once", overlapped, false);
        finish.open();
        for thread in [first, newcomer] {
            let received = thread.join(&scenario, "a thread that asked for key 1", LIMIT);
            scenario.expect_eq("what key 1 gets", received, Ok(10));
        }
        scenario.expect_eq("get(2) at the end", cache.get(&Alike(2)), outcome.ok());
    }
}

/// Initializers that fail leave nothing behind in memory.
///
/// What usually goes wrong is that the note about a running initializer is not removed.
#[test]
fn failed_initializers_leave_nothing_behind() {
    const KEYS: u32 = 20_000;
    let scenario = Scenario::new();
    scenario.step("initializers of 20,000 keys fail");
    let cache = shared(8, 2);
    let meter = Meter::start();
    for key in 0..KEYS {
        let result = cache.get_or_try_insert_with(key, || Err(Failed(0)));
        scenario.expect_eq("what it returns", result, Err(Failed(0)));
    }
    let live = meter.live();
    scenario.expect(
        live < 64 << 10,
        "at most 64 KiB still in use",
        format_args!("{live} bytes"),
    );
}

/// An entry is there until just before its time to live is over, and gone from that moment on, for
/// every operation.
///
/// hint: It is there while `now < written + time_to_live`.
#[test]
fn an_entry_expires_at_the_exact_moment() {
    let end = WRITTEN + TIME_TO_LIVE;
    for (now, found) in [
        (WRITTEN, true),
        (end - 1, true),
        (end, false),
        (end + 1, false),
    ] {
        let scenario = Scenario::new();
        scenario.step(format!(
            "a time to live of {TIME_TO_LIVE} ns; at {WRITTEN} ns, put(1, 10)"
        ));
        let written = || {
            let (cache, clock) = expiring(nanos(TIME_TO_LIVE));
            stored(&scenario, cache.put(1, 10));
            clock.set(nanos(now));
            cache
        };
        scenario.step(format!("the clock is set to {now} ns"));
        let there = found.then_some(10);
        scenario.expect_eq("get(1)", written().get(&1), there);
        scenario.expect_eq("pop(1)", written().pop(&1), there);
        scenario.expect_eq("put(1, 11)", stored(&scenario, written().put(1, 11)), there);
        let received = written().get_or_try_insert_with(1, value(12));
        scenario.expect_eq(
            "get_or_try_insert_with(1)",
            received,
            Ok(there.unwrap_or(12)),
        );
    }
}

/// Writing starts the time to live anew, reading does not extend it; what an initializer returns
/// is written when it has returned.
#[test]
fn only_writing_extends_the_time_to_live() {
    let scenario = Scenario::new();
    let (cache, clock) = expiring(nanos(TIME_TO_LIVE));
    scenario.step(format!(
        "a time to live of {TIME_TO_LIVE} ns; at {WRITTEN} ns, put 1 and 2"
    ));
    stored(&scenario, cache.put(1, 10));
    stored(&scenario, cache.put(2, 20));
    scenario.step("99 ns later: put(1, 11), get(2), get_or_try_insert_with(2)");
    clock.set(nanos(WRITTEN + 99));
    stored(&scenario, cache.put(1, 11));
    scenario.expect_eq("get(2)", cache.get(&2), Some(20));
    let received = cache.get_or_try_insert_with(2, value(21));
    scenario.expect_eq("get_or_try_insert_with(2)", received, Ok(20));
    scenario.step("1 ns later");
    clock.set(nanos(WRITTEN + 100));
    scenario.expect_eq("get(2)", cache.get(&2), None);
    scenario.expect_eq("get(1)", cache.get(&1), Some(11));
    scenario.step("98 ns later, an initializer for key 3 that takes 1,000 ns");
    clock.set(nanos(WRITTEN + 198));
    scenario.expect_eq("get(1)", cache.get(&1), Some(11));
    let returned = WRITTEN + 1_198;
    let received = cache.get_or_try_insert_with(3, || {
        clock.set(nanos(returned));
        Ok::<u64, Failed>(30)
    });
    scenario.expect_eq("what it returns", received, Ok(30));
    clock.set(nanos(returned + 99));
    scenario.expect_eq(
        "get(3), 99 ns after the initializer",
        cache.get(&3),
        Some(30),
    );
    clock.set(nanos(returned + 100));
    scenario.expect_eq("get(3), 100 ns after the initializer", cache.get(&3), None);
}

/// An operation on the key of an expired entry removes the entry, and its weight with it.
///
/// What usually goes wrong is that only the ordinary `pop` gives the weight back: then the cache
/// fills up with nothing.
#[test]
fn an_expired_entry_goes_with_its_weight() {
    type Operation = fn(&ShardedLru<u32, u64>) -> Option<u64>;
    let operations: [(&str, Operation, (usize, usize)); 5] = [
        ("get(1)", |cache| cache.get(&1), (1, 2)),
        ("pop(1)", |cache| cache.pop(&1), (1, 2)),
        ("put(1, 4)", |cache| cache.put(1, 4).ok().flatten(), (2, 6)),
        (
            "get_or_try_insert_with(1, Ok(3))",
            |cache| cache.get_or_try_insert_with(1, value(3)).ok(),
            (2, 5),
        ),
        (
            "get_or_try_insert_with(1, Err)",
            |cache| cache.get_or_try_insert_with(1, || Err(())).ok(),
            (1, 2),
        ),
    ];
    for (name, operation, expected) in operations {
        let scenario = Scenario::new();
        scenario.step("every value weighs what it says; put(1, 5), and 50 ns later put(2, 2)");
        let clock = ManualClock::at(nanos(WRITTEN));
        let cache = ShardedLru::builder(capacity(10)).shards(shards(1));
        let cache = cache.time_to_live(nanos(TIME_TO_LIVE));
        let cache = cache.weigher(|_: &u32, value: &u64| usize::try_from(*value).unwrap_or(0));
        let cache = cache.clock(Arc::clone(&clock)).build();
        stored(&scenario, cache.put(1, 5));
        clock.set(nanos(WRITTEN + 50));
        stored(&scenario, cache.put(2, 2));
        scenario.step(format!("key 1 has expired, and key 2 has not: {name}"));
        clock.set(nanos(WRITTEN + TIME_TO_LIVE));
        let _ = operation(&cache);
        let received = (cache.len(), cache.weight());
        scenario.expect_eq("(len(), weight())", received, expected);
        scenario.expect_eq("get(2)", cache.get(&2), Some(2));
    }
}

/// A time to live of zero expires at once, one that is too long for a `Duration` never; without
/// one, the clock is not asked.
///
/// What usually goes wrong is an addition that overflows.
#[test]
fn extreme_times_to_live_work() {
    let scenario = Scenario::new();
    scenario.step("a time to live of zero");
    let (cache, _) = expiring(Duration::ZERO);
    stored(&scenario, cache.put(1, 10));
    scenario.expect_eq("get(1) after put(1, 10)", cache.get(&1), None);
    for run in 1..=2 {
        let received = cache.get_or_try_insert_with(1, value(run));
        scenario.expect_eq("what an initializer returns is returned", received, Ok(run));
    }

    scenario.step("a time to live of Duration::MAX");
    let (cache, clock) = expiring(Duration::MAX);
    stored(&scenario, cache.put(1, 10));
    clock.set(Duration::MAX);
    scenario.expect_eq("get(1) at the end of time", cache.get(&1), Some(10));

    scenario.step("no time to live");
    let clock = ManualClock::at(Duration::ZERO);
    let cache = ShardedLru::builder(capacity(8))
        .clock(Arc::clone(&clock))
        .build();
    stored(&scenario, cache.put(1_u32, 10_u64));
    scenario.expect_eq("get(1)", cache.get(&1), Some(10));
    let _ = cache.get_or_try_insert_with(2, value(20));
    scenario.expect_eq("how often the clock is asked", clock.asked(), 0);
}

/// Random operations at random times find what a simple model with a clock finds.
#[test]
fn a_model_with_a_clock_agrees() {
    check_moves(100, 60, &|scenario, size, moves| {
        let time_to_live = size as u64 * 4;
        let (cache, clock) = expiring(nanos(time_to_live));
        scenario.step(format!("a time to live of {time_to_live} ns"));
        let mut now = WRITTEN;
        let mut model: HashMap<u32, (u64, u64)> = HashMap::new();
        for one in moves {
            let (key, number) = (u32::from(one.key % 6), u64::from(one.value));
            let there = model
                .get(&key)
                .filter(|entry| now < entry.1 + time_to_live)
                .map(|entry| entry.0);
            let (received, expected) = match one.kind % 5 {
                0 => {
                    scenario.step(format!("put({key}, {number})"));
                    model.insert(key, (number, now));
                    (stored(scenario, cache.put(key, number)), there)
                }
                1 => {
                    scenario.step(format!("get({key})"));
                    (cache.get(&key), there)
                }
                2 => {
                    scenario.step(format!("pop({key})"));
                    model.remove(&key);
                    (cache.pop(&key), there)
                }
                3 => {
                    scenario.step(format!("get_or_try_insert_with({key}, Ok({number}))"));
                    if there.is_none() {
                        model.insert(key, (number, now));
                    }
                    let received = cache.get_or_try_insert_with(key, value(number));
                    (received.ok(), there.or(Some(number)))
                }
                _ => {
                    now += number % 10;
                    scenario.step(format!("the clock is set to {now} ns"));
                    clock.set(nanos(now));
                    (None, None)
                }
            };
            scenario.expect_eq("what it returns", received, expected);
        }
    });
}

/// With weights, the least recently used entries make room until the new one fits, and no more
/// than these.
///
/// A weight of 0 counts as 1, and a value that replaces another gives back the other's weight.
#[test]
fn weights_make_room_for_the_new_entry() {
    check_moves(120, 60, &|scenario, size, moves| {
        let cap = size * 3;
        let cache = weighted(cap, 1);
        scenario.step(format!(
            "a capacity of {cap}, one shard, every value weighs what it says"
        ));
        let mut model: Vec<(u32, u64)> = Vec::new();
        let weight = |value: u64| value.max(1) as usize;
        for one in moves {
            let (key, number) = (
                u32::from(one.key % 10),
                u64::from(one.value) % (cap as u64 + 2),
            );
            let at = model.iter().position(|entry| entry.0 == key);
            let found = at.map(|at| model[at].1);
            let write = match one.kind % 5 {
                0..=2 => {
                    scenario.step(format!("put({key}, {number})"));
                    let received = cache.put(key, number).map_err(|error| error.weight);
                    let fits = weight(number) <= cap;
                    let expected = if fits { Ok(found) } else { Err(weight(number)) };
                    scenario.expect_eq("what put returns", received, expected);
                    fits.then_some(number)
                }
                3 => {
                    scenario.step(format!("get_or_try_insert_with({key}, Ok({number}))"));
                    let received = cache.get_or_try_insert_with(key, value(number));
                    scenario.expect_eq("what it returns", received, Ok(found.unwrap_or(number)));
                    Some(found.unwrap_or(number)).filter(|number| weight(*number) <= cap)
                }
                _ => {
                    scenario.step(format!("pop({key})"));
                    scenario.expect_eq("what pop returns", cache.pop(&key), found);
                    at.map(|at| model.remove(at));
                    None
                }
            };
            if let Some(number) = write {
                model.retain(|entry| entry.0 != key);
                model.insert(0, (key, number));
                while model.iter().map(|entry| weight(entry.1)).sum::<usize>() > cap {
                    model.pop();
                }
            }
            let total = model.iter().map(|entry| weight(entry.1)).sum::<usize>();
            scenario.expect_eq("weight()", cache.weight(), total);
            scenario.expect_eq("len()", cache.len(), model.len());
        }
        for (key, number) in model {
            scenario.expect_eq(format_args!("get({key})"), cache.get(&key), Some(number));
        }
    });
}

/// A value that is too heavy is handed back, and nothing is evicted for it.
///
/// The limit is the same for all keys, whatever shard they belong to.
#[test]
fn a_value_that_is_too_heavy_evicts_nothing() {
    let scenario = Scenario::new();
    let cache = weighted(10, 3);
    scenario.step("a capacity of 10 in 3 shards, every value weighs what it says");
    scenario.expect_eq("max_weight()", cache.max_weight().get(), 3);
    for key in 0..60 {
        scenario.step(format!("put({key}, 3)"));
        stored(&scenario, cache.put(key, 3));
        scenario.expect_eq(format_args!("get({key})"), cache.get(&key), Some(3));
        scenario.expect(
            cache.weight() <= 10,
            "weight() is at most 10",
            cache.weight(),
        );
    }
    let before: Vec<Option<u64>> = (0..60).map(|key| cache.get(&key)).collect();
    for key in 0..70 {
        scenario.step(format!("put({key}, 4)"));
        let Err(error) = cache.put(key, 4) else {
            scenario.fail("put returns the error TooHeavy", "it stores the value");
        };
        let fields = (error.key, error.value, error.weight, error.max_weight.get());
        scenario.expect_eq(
            "key, value, weight, max_weight of the error",
            fields,
            (key, 4, 4, 3),
        );
    }
    let received = cache.get_or_try_insert_with(1_000, value(4));
    scenario.expect_eq("get_or_try_insert_with(1000, Ok(4))", received, Ok(4));
    scenario.expect_eq("get(1000)", cache.get(&1_000), None);
    let after: Vec<Option<u64>> = (0..60).map(|key| cache.get(&key)).collect();
    scenario.expect_eq("the values of all keys before and after", after, before);
}

/// Weights up to `usize::MAX` add up without overflow.
///
/// hint: Compare with what is left, `cap - weight`, instead of adding.
#[test]
fn the_greatest_weights_do_not_overflow() {
    let scenario = Scenario::new();
    let cache = ShardedLru::builder(capacity(usize::MAX))
        .shards(shards(1))
        .weigher(|_: &u32, weight: &usize| *weight)
        .build();
    scenario.step("a capacity of usize::MAX, one shard, every value weighs what it says");
    for (key, weight, len) in [
        (1, usize::MAX, 1),
        (2, usize::MAX, 1),
        (3, 5, 1),
        (4, usize::MAX - 5, 2),
        (3, 6, 1),
    ] {
        scenario.step(format!("put({key}, {weight})"));
        stored(&scenario, cache.put(key, weight));
        scenario.expect_eq("len()", cache.len(), len);
        scenario.expect_eq(format_args!("get({key})"), cache.get(&key), Some(weight));
    }
    scenario.expect_eq("weight()", cache.weight(), 6);
}

/// The weigher is called once for each value that is about to be stored, with no lock held.
#[test]
fn the_weigher_is_called_once_without_a_lock() {
    let scenario = Scenario::new();
    scenario.step("a weigher that looks into its own cache, which has one shard");
    let calls = Arc::new(AtomicUsize::new(0));
    let cache: Arc<ShardedLru<u32, u64>> = Arc::new_cyclic(|weak| {
        let (weak, calls) = (weak.clone(), Arc::clone(&calls));
        let weak: std::sync::Weak<ShardedLru<u32, u64>> = weak;
        ShardedLru::builder(capacity(10))
            .shards(shards(1))
            .weigher(move |_, value| {
                calls.fetch_add(1, SeqCst);
                let len = weak.upgrade().map_or(0, |cache| cache.len());
                usize::try_from(*value).unwrap_or(0) + len
            })
            .build()
    });
    let used = Arc::clone(&cache);
    let thread = background(move || {
        let first = used.put(1, 1).is_ok();
        let _ = used.get(&1);
        let second = used.get_or_try_insert_with(2, value(2));
        let again = used.get_or_try_insert_with(2, value(3));
        (first, second, again)
    });
    scenario.step("put 1, get 1, initialize 2, initialize 2 again");
    let received = thread.join(&scenario, "the thread that stores values", LIMIT);
    scenario.expect_eq("what it gets", received, (true, Ok(2), Ok(2)));
    scenario.expect_eq("how often the weigher is called", calls.load(SeqCst), 2);
    scenario.expect_eq("weight()", cache.weight(), 4);
}

/// An entry keeps the weight that it was stored with, even if its value comes to weigh another.
///
/// A value such as an `Arc<Mutex<…>>` can change in the cache. Whoever asks the weigher again when
/// the entry goes subtracts what was never added.
///
/// hint: Keep the weight beside the value.
#[test]
fn an_entry_keeps_its_weight() {
    type Cell = Arc<AtomicUsize>;
    type Operation = fn(&ShardedLru<u32, Cell>);
    let cell = |weight| Arc::new(AtomicUsize::new(weight));
    let operations: [(&str, Operation, (usize, usize)); 3] = [
        ("pop(1)", |cache| drop(cache.pop(&1)), (1, 3)),
        (
            "put(1), of weight 2",
            |cache| drop(cache.put(1, Arc::new(AtomicUsize::new(2)))),
            (2, 5),
        ),
        (
            "put(3), of weight 7",
            |cache| drop(cache.put(3, Arc::new(AtomicUsize::new(7)))),
            (2, 10),
        ),
    ];
    for (name, operation, expected) in operations {
        for changed in [1, 9] {
            let scenario = Scenario::new();
            scenario.step("a capacity of 10, one shard; put(1), of weight 5, put(2), of weight 3");
            let cache = ShardedLru::builder(capacity(10)).shards(shards(1));
            let cache = cache.weigher(|_: &u32, weight: &Cell| weight.load(SeqCst));
            let cache = cache.build();
            let first = cell(5);
            stored(&scenario, cache.put(1, Arc::clone(&first)));
            stored(&scenario, cache.put(2, cell(3)));
            scenario.step(format!("the value under key 1 comes to weigh {changed}"));
            first.store(changed, SeqCst);
            scenario.expect_eq("weight()", cache.weight(), 8);
            scenario.step(name);
            operation(&cache);
            let received = (cache.len(), cache.weight());
            scenario.expect_eq("(len(), weight())", received, expected);
        }
    }
}

/// Something done with keys and values whose `Drop` uses the cache.
type Visit = fn(&Guests, &dyn Fn(u64) -> Guest);

/// Every way in which keys and values go, and whether what is stored has expired before.
const VISITS: [(&str, bool, Visit); 12] = [
    ("put(4), for which 1 goes", false, |cache, guest| {
        drop(cache.put(guest(4), guest(1)));
    }),
    ("put(4), for which all go", false, |cache, guest| {
        drop(cache.put(guest(4), guest(3)));
    }),
    ("put(4), too heavy", false, |cache, guest| {
        drop(cache.put(guest(4), guest(9)));
    }),
    ("put(1)", false, |cache, guest| {
        drop(cache.put(guest(1), guest(1)));
    }),
    ("put(1)", true, |cache, guest| {
        drop(cache.put(guest(1), guest(1)));
    }),
    ("get(1)", true, |cache, guest| drop(cache.get(&guest(1)))),
    ("pop(1)", false, |cache, guest| drop(cache.pop(&guest(1)))),
    ("pop(1)", true, |cache, guest| drop(cache.pop(&guest(1)))),
    ("an initializer for 1", false, |cache, guest| {
        initialize(cache, guest(1), Some(guest(1)));
    }),
    ("an initializer for 1", true, |cache, guest| {
        initialize(cache, guest(1), Some(guest(1)));
    }),
    ("an initializer for 4", false, |cache, guest| {
        initialize(cache, guest(4), Some(guest(1)));
    }),
    ("an initializer for 4 that fails", false, |cache, guest| {
        initialize(cache, guest(4), None);
    }),
];

fn initialize(cache: &Guests, key: Guest, value: Option<Guest>) {
    drop(cache.get_or_try_insert_with(key, || value.ok_or(Failed(1))));
}

/// No `Drop` runs under a lock: that of a key or value may use the cache.
///
/// What usually goes wrong is that the guard of the lock outlives what was removed: locals are
/// dropped in reverse order, and parameters last.
///
/// hint: Declare what is to be dropped before the guard, or drop the guard by name.
#[test]
fn a_drop_may_use_the_cache() {
    for (name, expired, visit) in VISITS {
        let scenario = Scenario::new();
        scenario.step("a capacity of 3, one shard; every Drop calls len(); put 1, 2 and 3");
        let (cache, clock, guest) = crowded(nanos(TIME_TO_LIVE));
        for number in 1..=3 {
            drop(cache.put(guest(number), guest(1)));
        }
        if expired {
            scenario.step("all of them expire");
            clock.set(nanos(WRITTEN + TIME_TO_LIVE));
        }
        scenario.step(name);
        let thread = background(move || {
            visit(&cache, &guest);
            cache.len()
        });
        let len = thread.join(&scenario, name, LIMIT);
        scenario.expect(len <= 3, "len() is at most 3", len);
    }
}

/// A panic in `Drop` of an entry that makes room does not keep the others from going, and the
/// weights still add up.
#[test]
fn a_panicking_drop_keeps_the_weights_right() {
    for (kind, number) in [("key", 1), ("value", 1), ("key", 2), ("value", 3)] {
        let scenario = Scenario::new();
        scenario.step("a capacity of 5, one shard, value 9 weighs 4 and all others 1; put 1 to 4");
        let ledger = Ledger::new();
        let cache = ShardedLru::builder(capacity(5)).shards(shards(1));
        let heavy = |value: &Tracked| if value.number() == 9 { 4 } else { 1 };
        let cache = cache
            .weigher(move |_: &Tracked, value| heavy(value))
            .build();
        for number in 1..=4 {
            drop(cache.put(ledger.key(number), ledger.value(number)));
        }
        scenario.step(format!("put(9), while Drop of {kind} {number} panics"));
        ledger.panic_on(Op::Drop, kind, number);
        let caught = catch(|| drop(cache.put(ledger.key(9), ledger.value(9))));
        scenario.expect(
            caught.is_err(),
            "the panic reaches the caller",
            "it does not",
        );
        ledger.expect_no_double_drop(&scenario);
        // The new entry may be there or not.
        let expected: &[&str] = match cache.len() {
            1 => &["key 4", "value 4"],
            _ => &["key 4", "key 9", "value 4", "value 9"],
        };
        ledger.expect_live(&scenario, expected);
        let weight = if cache.len() == 1 { 1 } else { 5 };
        scenario.expect_eq("weight()", cache.weight(), weight);
        drop(cache);
        ledger.expect_all_dropped_once(&scenario);
    }
}

/// A clock or a weigher that panics on demand.
#[derive(Clone, Default)]
struct Trap(Arc<AtomicBool>);

impl Trap {
    fn spring(&self) {
        assert!(!self.0.swap(false, SeqCst), "as told");
    }
}

impl Clock for Trap {
    fn now(&self) -> Duration {
        self.spring();
        Duration::ZERO
    }
}

type Operation = fn(&ShardedLru<Tracked, Tracked>, Ledger);

/// A panic in code of a key, a value, a clock or a weigher reaches its own thread, and the cache
/// goes on working for all.
///
/// What usually goes wrong is a poisoned lock, or a waiting room that nobody opens again.
#[test]
fn a_panic_leaves_the_cache_usable() {
    let get: Operation = |cache, ledger| drop(cache.get(&ledger.key(1)));
    let put: Operation = |cache, ledger| drop(cache.put(ledger.key(9), ledger.value(9)));
    let replace: Operation = |cache, ledger| drop(cache.put(ledger.key(1), ledger.value(1)));
    let pop: Operation = |cache, ledger| drop(cache.pop(&ledger.key(1)));
    let init: Operation = |cache, ledger| {
        drop(cache.get_or_try_insert_with(ledger.key(9), || Ok::<_, Failed>(ledger.value(9))));
    };
    let hit: Operation = |cache, ledger| {
        drop(cache.get_or_try_insert_with(ledger.key(1), || Ok::<_, Failed>(ledger.value(1))));
    };
    let operations = [
        ("get(1)", get),
        ("put(9)", put),
        ("put(1)", replace),
        ("pop(1)", pop),
        ("get_or_try_insert_with(9)", init),
        ("get_or_try_insert_with(1)", hit),
    ];
    for (name, operation) in operations {
        for (kind, number) in [
            ("key", 1),
            ("value", 1),
            ("key", 9),
            ("value", 9),
            ("clock", 0),
            ("weigher", 0),
        ] {
            for op in [Op::Hash, Op::Eq, Op::Clone, Op::Drop] {
                expect_usable_after((op, kind, number), name, operation);
            }
        }
    }
}

/// Runs an operation on a full cache while something panics, which it may not even call.
fn expect_usable_after(
    (op, kind, number): (Op, &'static str, u64),
    name: &str,
    operation: Operation,
) {
    let scenario = Arc::new(Scenario::new());
    let ledger = Ledger::new();
    let (clock, weigher) = (Trap::default(), Trap::default());
    let cache = ShardedLru::builder(capacity(2)).shards(shards(1));
    let cache = cache
        .time_to_live(Duration::from_secs(1))
        .clock(clock.clone());
    let weigh = weigher.clone();
    let cache = cache.weigher(move |_: &Tracked, _: &Tracked| {
        weigh.spring();
        1
    });
    let cache = Arc::new(cache.build());
    for number in [1, 2] {
        drop(cache.put(ledger.key(number), ledger.value(number)));
    }
    match kind {
        "clock" => clock.0.store(true, SeqCst),
        "weigher" => weigher.0.store(true, SeqCst),
        _ => ledger.panic_on(op, kind, number),
    }
    scenario.step(format!(
        "put 1 and 2 into a cache of capacity 2, then {name}"
    ));
    scenario.step(format!("meanwhile, {op:?} of {kind} {number} panics"));
    let caught = catch(|| operation(&cache, ledger));
    let armed = ledger.is_armed() || clock.0.load(SeqCst) || weigher.0.load(SeqCst);
    scenario.expect(
        caught.is_err() != armed,
        "a panic, and only a panic, reaches the caller",
        if armed { "a panic" } else { "no panic" },
    );
    ledger.disarm();
    clock.0.store(false, SeqCst);
    weigher.0.store(false, SeqCst);
    scenario.step("another thread goes on: put 5, get 5, initialize 1, 6 and 9, pop 6");
    let (story, used) = (Arc::clone(&scenario), Arc::clone(&cache));
    let thread = background(move || {
        drop(used.put(ledger.key(5), ledger.value(5)));
        let found = used.get(&ledger.key(5)).map(|value| value.number());
        story.expect_eq("get(5)", found, Some(5));
        for number in [1, 9, 6] {
            let value = used.get_or_try_insert_with(ledger.key(number), || {
                Ok::<_, Failed>(ledger.value(number))
            });
            let received = value.map(|value| value.number());
            story.expect_eq("what get_or_try_insert_with returns", received, Ok(number));
        }
        let popped = used.pop(&ledger.key(6)).map(|value| value.number());
        story.expect_eq("pop(6)", popped, Some(6));
        story.expect(used.len() <= 2, "len() is at most 2", used.len());
    });
    thread.join(&scenario, "another thread", LIMIT);
    drop(thread);
    scenario.step("drop the cache");
    drop(Arc::into_inner(cache));
    // A value on its way to the caller may be leaked by a panic (rust-lang/rust#47949).
    let leaked = ledger.live();
    if (op, kind) != (Op::Drop, "key") || leaked != [format!("value {number}")] {
        ledger.expect_all_dropped_once(&scenario);
    }
    ledger.expect_no_double_drop(&scenario);
}

/// Threads that do everything at once get right values, and every key and value is dropped
/// exactly once.
#[test]
fn everything_at_once_is_dropped_once() {
    const THREADS: usize = 6;
    let scenario = Scenario::new();
    scenario.step("6 threads put, get, pop and initialize 16 keys in a cache of 3 shards");
    let ledger = Ledger::new();
    let cache: Arc<ShardedLru<Tracked, Tracked>> =
        Arc::new(ShardedLru::new(capacity(7), shards(3)));
    let used = Arc::clone(&cache);
    let most = together(&scenario, THREADS, LIMIT, move |thread| {
        let scenario = Scenario::new();
        let mut most = 0;
        for turn in 0..200_u64 {
            // A walk through keys and operations that is different for every thread.
            let mixed = (turn * 7 + 1) * (thread as u64 * 2 + 3);
            let number = mixed / 4 % 16;
            let key = ledger.key(number);
            let found = match mixed % 4 {
                0 => stored(&scenario, used.put(key, ledger.value(number))),
                1 => used.get(&key),
                2 => used.pop(&key),
                _ => used
                    .get_or_try_insert_with(key, || match turn % 3 {
                        0 => Err(Failed(0)),
                        _ => Ok(ledger.value(number)),
                    })
                    .ok(),
            };
            let belongs = found.is_none_or(|value| value.number() == number);
            scenario.expect(
                belongs,
                "a value of the key asked for",
                "another key's value",
            );
            most = most.max(used.len());
        }
        most
    });
    let most = most.into_iter().max().unwrap_or(0);
    scenario.expect(most <= 7, "len() is at most 7", most);
    drop(Arc::into_inner(cache));
    ledger.expect_all_dropped_once(&scenario);
}
