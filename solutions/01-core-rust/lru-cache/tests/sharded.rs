//! The shared cache, seen from outside.

use std::collections::HashSet;
use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use lru_cache::{Clock, ShardedLru, SystemClock};

const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// Enough threads for every order of events to have its chance, but few for an interpreter.
const CROWD: usize = if cfg!(miri) { 4 } else { 32 };

fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap_or(ONE)
}

/// A clock that a test turns by hand, in seconds.
#[derive(Default)]
struct Hand(AtomicU64);

impl Hand {
    fn turn_to(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A cache in one shard in which entries live for 10 seconds, and its clock.
fn expiring() -> (ShardedLru<&'static str, u32>, Arc<Hand>) {
    let hand = Arc::new(Hand::default());
    let cache = ShardedLru::builder(count(3))
        .shards(ONE)
        .time_to_live(Duration::from_secs(10))
        .clock(Arc::clone(&hand))
        .build();
    (cache, hand)
}

/// A cache in one shard in which a number weighs what it says.
fn weighing(cap: usize) -> ShardedLru<&'static str, usize> {
    ShardedLru::builder(count(cap))
        .shards(ONE)
        .weigher(|_, &weight| weight)
        .build()
}

#[test]
fn one_shard_evicts_the_least_recently_used_entry() {
    let cache = ShardedLru::new(count(2), ONE);
    assert!(cache.put("a", 1).is_ok_and(|old| old.is_none()));
    assert!(cache.put("b", 2).is_ok_and(|old| old.is_none()));
    assert_eq!(cache.get("a"), Some(1));
    assert!(cache.put("a", 3).is_ok_and(|old| old == Some(1)));
    assert!(cache.put("c", 4).is_ok_and(|old| old.is_none()));
    assert_eq!(
        (cache.get("a"), cache.get("b"), cache.get("c")),
        (Some(3), None, Some(4))
    );
    assert_eq!(
        (cache.pop("a"), cache.pop("a"), cache.len()),
        (Some(3), None, 1)
    );
}

#[test]
fn the_capacity_is_divided_without_rounding_up() {
    for (cap, shards) in [(10, 4), (3, 8), (1, 64), (64, 64), (7, 1)] {
        let cache = ShardedLru::new(count(cap), count(shards));
        for key in 0..1_000 {
            assert!(cache.put(key, ()).is_ok());
            assert!(cache.len() <= cap);
        }
        assert_eq!(cache.len(), cap, "after enough keys every shard is full");
        assert_eq!(cache.weight(), cap);
        assert_eq!(cache.max_weight(), count(cap / shards.min(cap)));
        assert_eq!(cache.cap(), count(cap));
    }
}

#[test]
fn the_length_is_never_above_the_capacity_while_threads_write() {
    let cache = ShardedLru::new(count(10), count(4));
    let rounds = if cfg!(miri) { 50 } else { 20_000 };
    thread::scope(|scope| {
        for writer in 0..4 {
            let cache = &cache;
            scope.spawn(move || {
                for round in 0..rounds {
                    assert!(cache.put(round * 4 + writer, ()).is_ok());
                    assert!(cache.len() <= 10);
                }
            });
        }
    });
}

#[test]
fn an_entry_is_there_until_its_time_to_live_has_passed() {
    let (cache, hand) = expiring();
    hand.turn_to(5);
    assert!(cache.put("a", 1).is_ok());
    hand.turn_to(14);
    assert_eq!(cache.get("a"), Some(1));
    hand.turn_to(15);
    assert_eq!(cache.get("a"), None);
    assert_eq!((cache.len(), cache.weight()), (0, 0));
}

#[test]
fn no_operation_returns_an_expired_value() {
    let (cache, hand) = expiring();
    for key in ["a", "b", "c"] {
        assert!(cache.put(key, 1).is_ok());
    }
    hand.turn_to(10);
    assert!(cache.put("a", 2).is_ok_and(|old| old.is_none()));
    assert_eq!(cache.pop("b"), None);
    assert_eq!(
        cache.get_or_try_insert_with("c", || Ok::<_, Infallible>(2)),
        Ok(2)
    );
    hand.turn_to(19);
    assert_eq!(
        (cache.get("a"), cache.get("b"), cache.get("c")),
        (Some(2), None, Some(2))
    );
}

#[test]
fn an_initialized_value_is_written_when_its_initializer_returns() {
    let (cache, hand) = expiring();
    let value = cache.get_or_try_insert_with("a", || {
        hand.turn_to(100);
        Ok::<_, Infallible>(1)
    });
    hand.turn_to(109);
    assert_eq!((value, cache.get("a")), (Ok(1), Some(1)));
    hand.turn_to(110);
    assert_eq!(cache.get("a"), None);
}

#[test]
fn a_time_that_overflows_never_comes() {
    let hand = Arc::new(Hand::default());
    let cache = ShardedLru::builder(ONE)
        .time_to_live(Duration::MAX)
        .clock(Arc::clone(&hand))
        .build();
    hand.turn_to(1);
    assert!(cache.put("a", 1).is_ok());
    hand.turn_to(u64::MAX);
    assert_eq!(cache.get("a"), Some(1));
}

#[test]
fn the_system_clock_goes_on() {
    let clock = SystemClock::default();
    let earlier = clock.now();
    assert!(clock.now() >= earlier);
    let cache = ShardedLru::builder(ONE)
        .time_to_live(Duration::from_secs(3_600))
        .build();
    assert!(cache.put("a", 1).is_ok());
    assert_eq!(cache.get("a"), Some(1));
}

#[test]
fn the_oldest_entries_make_room_for_a_heavy_one() {
    let cache = weighing(10);
    for (key, weight) in [("a", 3), ("b", 3), ("c", 3)] {
        assert!(cache.put(key, weight).is_ok());
    }
    assert_eq!(cache.get("a"), Some(3));
    assert!(cache.put("d", 6).is_ok());
    assert_eq!((cache.len(), cache.weight()), (2, 9));
    assert_eq!((cache.get("a"), cache.get("d")), (Some(3), Some(6)));
    assert!(cache.put("a", 10).is_ok_and(|old| old == Some(3)));
    assert_eq!(
        (cache.len(), cache.weight(), cache.get("a")),
        (1, 10, Some(10))
    );
}

#[test]
fn an_entry_that_is_too_heavy_changes_nothing() {
    let cache = weighing(10);
    assert!(cache.put("a", 4).is_ok() && cache.put("b", 4).is_ok());
    let Err(error) = cache.put("a", 11) else {
        unreachable!("11 is above the capacity")
    };
    assert_eq!(
        (error.key, error.value, error.weight, error.max_weight),
        ("a", 11, 11, count(10))
    );
    assert_eq!(
        error.to_string(),
        "the entry weighs 11, but the cache takes no entry heavier than 10"
    );
    assert_eq!(cache.weight(), 8);
    assert!(
        cache.put("c", 6).is_ok(),
        "this evicts `a`, which has not been promoted"
    );
    assert_eq!((cache.get("a"), cache.get("b")), (None, Some(4)));
}

#[test]
fn the_greatest_weight_is_the_same_in_every_shard() {
    let cache = ShardedLru::builder(count(11))
        .shards(count(4))
        .weigher(|_, &weight| weight)
        .build();
    for key in 0..100 {
        assert!(cache.put(key, 3).is_err());
        assert!(cache.put(key, 2).is_ok());
        assert!(cache.weight() <= 11);
    }
}

#[test]
fn a_weightless_entry_weighs_one() {
    let cache = weighing(2);
    for key in ["a", "b", "c"] {
        assert!(cache.put(key, 0).is_ok());
    }
    assert_eq!((cache.len(), cache.weight()), (2, 2));
}

#[test]
fn the_greatest_capacity_can_be_filled_at_once() {
    let cache = weighing(usize::MAX);
    assert!(cache.put("a", usize::MAX).is_ok());
    assert!(cache.put("b", usize::MAX).is_ok());
    assert_eq!((cache.len(), cache.weight()), (1, usize::MAX));
}

#[test]
fn a_value_too_heavy_to_be_stored_is_returned_to_everyone() {
    let cache = weighing(10);
    assert_eq!(
        cache.get_or_try_insert_with("a", || Ok::<_, Infallible>(11)),
        Ok(11)
    );
    assert_eq!((cache.get("a"), cache.len()), (None, 0));
}

#[test]
fn many_threads_missing_one_key_run_one_initializer() {
    let cache = ShardedLru::new(count(8), ONE);
    let runs = AtomicUsize::new(0);
    let start = Barrier::new(CROWD);
    thread::scope(|scope| {
        for _ in 0..CROWD {
            scope.spawn(|| {
                start.wait();
                let value = cache.get_or_try_insert_with("key", || {
                    thread::yield_now();
                    Ok::<_, Infallible>(runs.fetch_add(1, Ordering::SeqCst))
                });
                assert_eq!(value, Ok(0));
            });
        }
    });
    assert_eq!(runs.into_inner(), 1);
}

/// Runs initializers for one key on many threads. As many as `failures` of them fail in the way
/// of `fail`, one succeeds.
fn failing_first(failures: usize, fail: fn() -> Result<usize, &'static str>) {
    let cache = ShardedLru::new(count(8), ONE);
    let runs = AtomicUsize::new(0);
    let start = Barrier::new(CROWD);
    let results: Vec<_> = thread::scope(|scope| {
        let ask = || {
            start.wait();
            catch_unwind(AssertUnwindSafe(|| {
                cache.get_or_try_insert_with("key", || {
                    let run = runs.fetch_add(1, Ordering::SeqCst);
                    thread::yield_now();
                    if run < failures { fail() } else { Ok(run) }
                })
            }))
        };
        let threads: Vec<_> = (0..CROWD).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    let values = results
        .iter()
        .filter(|one| matches!(one, Ok(Ok(Ok(value))) if *value == failures));
    assert_eq!(
        values.count(),
        CROWD - failures,
        "everyone else gets the value"
    );
    assert_eq!(runs.into_inner(), failures + 1);
    assert_eq!(cache.get("key"), Some(failures));
}

#[test]
fn a_failed_initializer_passes_to_one_waiting_thread_at_a_time() {
    failing_first(3, || Err("the initializer failed"));
}

#[test]
fn a_panicking_initializer_passes_to_one_waiting_thread_at_a_time() {
    failing_first(3, || resume_unwind(Box::new("the initializer panicked")));
}

#[test]
fn a_failed_initializer_leaves_nothing_behind() {
    let cache = ShardedLru::new(count(8), ONE);
    assert_eq!(
        cache.get_or_try_insert_with("key", || Err("failed")),
        Err("failed")
    );
    assert_eq!((cache.get("key"), cache.len()), (None, 0));
    assert_eq!(
        cache.get_or_try_insert_with("key", || Ok::<_, Infallible>(1)),
        Ok(1)
    );
}

#[test]
fn values_that_are_not_stored_reach_the_waiting_threads_too() {
    // Nothing stays in this cache, so only the flight can hand the value over.
    let cache = ShardedLru::builder(ONE)
        .shards(ONE)
        .time_to_live(Duration::ZERO)
        .build();
    let (running, started) = mpsc::channel();
    let (finish, finished) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let cache = &cache;
        let pilot = scope.spawn(move || {
            cache.get_or_try_insert_with("key", || {
                assert!(running.send(()).is_ok() && finished.recv().is_ok());
                Ok::<_, Infallible>(1)
            })
        });
        assert!(started.recv().is_ok());
        // Whoever asks before the landing waits, whoever asks later runs an initializer.
        let passengers: Vec<_> = (0..CROWD)
            .map(|_| scope.spawn(|| cache.get_or_try_insert_with("key", || Ok::<_, Infallible>(2))))
            .collect();
        assert!(finish.send(()).is_ok());
        assert_eq!(pilot.join().ok(), Some(Ok(1)));
        for passenger in passengers {
            assert!(matches!(passenger.join(), Ok(Ok(1 | 2))));
        }
    });
    assert_eq!(cache.get("key"), None);
}

#[test]
fn other_keys_are_free_while_an_initializer_runs() {
    let cache = ShardedLru::new(count(8), ONE);
    let value = cache.get_or_try_insert_with("outer", || {
        assert_eq!(cache.get("outer"), None);
        let inner = cache.get_or_try_insert_with("inner", || Ok::<_, Infallible>(1))?;
        assert!(cache.put("other", 5).is_ok());
        Ok::<_, Infallible>(inner + cache.get("other").unwrap_or_default())
    });
    assert_eq!(
        (value, cache.get("outer"), cache.len()),
        (Ok(6), Some(6), 3)
    );
}

#[test]
fn a_value_put_while_an_initializer_runs_stays() {
    let cache = ShardedLru::new(count(8), ONE);
    let value = cache.get_or_try_insert_with("key", || {
        assert!(cache.put("key", 1).is_ok());
        Ok::<_, Infallible>(2)
    });
    assert_eq!((value, cache.get("key")), (Ok(2), Some(1)));
}

#[test]
fn a_panicking_weigher_or_clock_wedges_nothing() {
    struct Broken(AtomicUsize);
    impl Clock for Broken {
        fn now(&self) -> Duration {
            if self.0.fetch_add(1, Ordering::SeqCst) == 1 {
                resume_unwind(Box::new("the clock broke"));
            }
            Duration::ZERO
        }
    }
    let clock_breaks = ShardedLru::builder(ONE)
        .time_to_live(Duration::from_secs(1))
        .clock(Broken(AtomicUsize::new(0)))
        .build();
    let weighings = AtomicUsize::new(0);
    let weigher_breaks = ShardedLru::builder(ONE)
        .weigher(move |_, _| {
            if weighings.fetch_add(1, Ordering::SeqCst) == 0 {
                resume_unwind(Box::new("the weigher broke"));
            }
            1
        })
        .build();
    for cache in [clock_breaks, weigher_breaks] {
        let ask = || cache.get_or_try_insert_with("key", || Ok::<_, Infallible>(1));
        assert!(catch_unwind(AssertUnwindSafe(ask)).is_err());
        assert_eq!(cache.get("key"), None);
        assert_eq!(ask(), Ok(1));
        assert_eq!(cache.get("key"), Some(1));
    }
}

/// A value that panics when it is dropped, if it is told to.
#[derive(Clone)]
struct Explosive(Arc<AtomicUsize>);

impl Drop for Explosive {
    fn drop(&mut self) {
        if self.0.swap(0, Ordering::SeqCst) == 1 {
            resume_unwind(Box::new("the value exploded"));
        }
    }
}

#[test]
fn an_expired_value_that_panics_when_dropped_wedges_nothing() {
    let hand = Arc::new(Hand::default());
    let cache = ShardedLru::builder(ONE)
        .time_to_live(Duration::from_secs(10))
        .clock(Arc::clone(&hand))
        .build();
    let fuse = Arc::new(AtomicUsize::new(0));
    let ask = || cache.get_or_try_insert_with("key", || Ok::<_, ()>(Explosive(Arc::clone(&fuse))));
    assert!(ask().is_ok());
    hand.turn_to(10);
    fuse.store(1, Ordering::SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(ask)).is_err());
    assert!(ask().is_ok());
    assert_eq!(cache.len(), 1);
}

/// A value whose `Drop` asks the cache that evicts it.
#[derive(Clone)]
struct Nosy(Option<Arc<ShardedLru<u32, Nosy>>>);

impl Drop for Nosy {
    fn drop(&mut self) {
        if let Some(cache) = &self.0 {
            assert!(cache.len() <= 1);
        }
    }
}

#[test]
fn values_are_dropped_without_the_lock() {
    let cache = Arc::new(ShardedLru::new(ONE, ONE));
    for key in 0..3 {
        assert!(cache.put(key, Nosy(Some(Arc::clone(&cache)))).is_ok());
        assert!(cache.put(key, Nosy(Some(Arc::clone(&cache)))).is_ok());
    }
    assert!(cache.pop(&2).is_some());
    assert!(cache.is_empty());
}

#[test]
fn threads_that_read_and_write_see_only_what_was_written() {
    let cache = ShardedLru::new(count(64), count(4));
    let rounds = if cfg!(miri) { 30 } else { 10_000 };
    thread::scope(|scope| {
        for seed in 1..5_u64 {
            let cache = &cache;
            scope.spawn(move || {
                let mut state = seed;
                for _ in 0..rounds {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let key = (state >> 33) % 128;
                    match state >> 62 {
                        0 => assert!(cache.put(key, key).is_ok()),
                        1 => assert!(cache.pop(&key).is_none_or(|value| value == key)),
                        2 => assert!(cache.get(&key).is_none_or(|value| value == key)),
                        _ => {
                            let value = cache.get_or_try_insert_with(key, || Ok::<_, ()>(key));
                            assert_eq!(value, Ok(key));
                        }
                    }
                }
            });
        }
    });
    let found: HashSet<u64> = (0..128).filter_map(|key| cache.get(&key)).collect();
    assert_eq!(found.len(), cache.len());
}

#[test]
fn the_shared_types_cross_threads_and_print_themselves() {
    fn send_and_sync<T: Send + Sync>(_: &T) {}
    let builder = ShardedLru::<String, String>::builder(count(6)).shards(count(2));
    assert_eq!(
        format!("{builder:?}"),
        "ShardedLruBuilder { cap: 6, shards: 2, time_to_live: None, .. }"
    );
    send_and_sync(&builder);
    let cache = builder.build();
    send_and_sync(&cache);
    assert_eq!(
        format!("{cache:?}"),
        "ShardedLru { cap: 6, len: 0, weight: 0, .. }"
    );
}
