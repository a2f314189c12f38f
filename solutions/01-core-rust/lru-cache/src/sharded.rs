//! The cache shared between threads: raw caches behind locks.
//!
//! A key is hashed once, before any lock is taken. Some bits of the hash choose the shard, the
//! whole of it finds the entry there. What an operation removes is dropped after the lock has been
//! released, as a `Drop` may do anything.

use std::borrow::Borrow;
use std::error::Error;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hashbrown::HashTable;

use crate::builder::{ShardedLruBuilder, Weigher};
use crate::clock::Clock;
use crate::flight::{Arrival, Flight, lock};
use crate::raw::{Put, RawLru};

/// An LRU cache that threads share by reference or in an [`Arc`].
///
/// The keys are divided among *shards* by their hash. Each shard is an LRU cache of its own
/// behind a lock of its own, so that threads that work on different shards do not wait for each
/// other. The order of use is kept for each shard; with one shard the cache evicts exactly the
/// least recently used entry.
///
/// Look-ups return clones of the values. Put large values into an `Arc`.
///
/// # Capacity
///
/// There are `min(shards, cap)` shards. Their capacities differ by at most 1 and add up to exactly
/// `cap`, so that [`len`](Self::len) is never above [`cap`](Self::cap), not for a moment and not
/// with any number of shards. A shard that is full evicts although others may have room.
///
/// # Weights
///
/// Every entry weighs 1, unless the builder was given a
/// [`weigher`](ShardedLruBuilder::weigher). Then the capacity is the greatest total weight, and a
/// shard evicts its least recently used entries until the new one fits. A weight of 0 counts as
/// 1, so that `len() <= weight() <= cap()` always holds. A value heavier than
/// [`max_weight`](Self::max_weight) is not stored, and nothing is evicted for it.
///
/// An entry keeps the weight that it was stored with until it goes, even if its value changes
/// meanwhile, as what is in an `Arc<Mutex<_>>` can.
///
/// # Expiry
///
/// With a [`time_to_live`](ShardedLruBuilder::time_to_live), an entry that was written at time
/// `t` is there while `now < t + time_to_live` and gone from `now == t + time_to_live` on. Writing
/// counts, reading does not extend the time. An expired entry is never returned, by any
/// operation; for all of them its key is missing. It may stay in memory, and count in
/// [`len`](Self::len) and [`weight`](Self::weight), until it is evicted as the least recently used
/// or there is an operation on its key: each of them removes it, and its weight with it.
///
/// # Drops
///
/// No `Drop` of a key or value runs while a lock is held, so that it may use the cache itself.
/// (Where `Eq` or `Clone` panics under a lock, what is dropped on the way out may find it held.)
///
/// # Panics
///
/// A panic in an initializer, the weigher, the clock, or in `Hash`, `Eq`, `Clone` or `Drop` of a
/// key or value reaches the thread that caused it. No other thread sees it, no lock stays
/// poisoned, and the cache stays usable.
pub struct ShardedLru<K, V> {
    shards: Box<[Padded<K, V>]>,
    hasher: RandomState,
    cap: NonZeroUsize,
    max_weight: NonZeroUsize,
    time_to_live: Option<Duration>,
    clock: Box<dyn Clock>,
    weigher: Option<Weigher<K, V>>,
}

impl<K, V> ShardedLru<K, V> {
    /// Creates an empty cache for at most `cap` entries in `min(shards, cap)` shards, without
    /// expiry and weights.
    #[must_use]
    pub fn new(cap: NonZeroUsize, shards: NonZeroUsize) -> Self {
        Self::builder(cap).shards(shards).build()
    }

    /// Settings for a cache of capacity `cap`, to be completed with
    /// [`build`](ShardedLruBuilder::build).
    pub fn builder(cap: NonZeroUsize) -> ShardedLruBuilder<K, V> {
        ShardedLruBuilder::new(cap)
    }

    /// The greatest total weight of the entries, which is their greatest number if there is no
    /// weigher.
    #[must_use]
    pub fn cap(&self) -> NonZeroUsize {
        self.cap
    }

    /// The greatest weight of a single entry: `cap / min(shards, cap)`, rounded down, the same
    /// for every key.
    #[must_use]
    pub fn max_weight(&self) -> NonZeroUsize {
        self.max_weight
    }

    /// The number of entries in memory, expired ones included. Never above [`cap`](Self::cap),
    /// even while other threads write.
    ///
    /// Takes time in proportion to the number of shards.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| lock(&shard.0).entries.len())
            .sum()
    }

    /// Whether there is no entry in memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The total weight of the entries in memory, expired ones included. Never above
    /// [`cap`](Self::cap), even while other threads write.
    ///
    /// Takes time in proportion to the number of shards.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.shards.iter().map(|shard| lock(&shard.0).weight).sum()
    }
}

impl<K, V> ShardedLru<K, V>
where
    K: Hash + Eq,
    V: Clone,
{
    /// A clone of the value stored under `key`, or `None` if the key is missing. Promotes the
    /// entry in its shard.
    ///
    /// Does not wait for an initializer that is running for the key.
    #[must_use]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let now = self.now();
        let hash = self.hasher.hash_one(key);
        // Declared before the guard, and so dropped after it.
        let _expired;
        let mut shard = self.shard(hash);
        match shard.get(hash, key, now) {
            Lookup::Present(value) => Some(value),
            Lookup::Missing(expired) => {
                _expired = expired;
                None
            }
        }
    }

    /// Stores `value` under `key` and makes the entry the most recent of its shard. Returns the
    /// value that was stored there before, unless that had expired.
    ///
    /// If the key is there, its entry is replaced. What the shard then has no room for is evicted,
    /// least recently used entries first and never the new one. If an initializer is running for
    /// the key, see [`get_or_try_insert_with`](Self::get_or_try_insert_with).
    ///
    /// # Errors
    ///
    /// [`TooHeavy`], with the key and the value in it, if the value weighs more than
    /// [`max_weight`](Self::max_weight). The cache is unchanged then: nothing is evicted, and an
    /// older value under the same key stays where it is.
    pub fn put(&self, key: K, value: V) -> Result<Option<V>, TooHeavy<K, V>> {
        let hash = self.hasher.hash_one(&key);
        let weight = self.weigh(&key, &value);
        if weight > self.max_weight.get() {
            return Err(TooHeavy {
                key,
                value,
                weight,
                max_weight: self.max_weight,
            });
        }
        let now = self.now();
        let entry = self.entry(value, weight, now);
        let (put, evicted) = self.shard(hash).put(hash, key, entry);
        match put {
            Put::Added | Put::Evicted(..) => Ok(None),
            Put::Replaced(key, old) => {
                // Dropped before the value is in the place of the result, where a panic in `Drop`
                // would leak it. The same goes for the other operations.
                drop((key, evicted));
                Ok(old.into_alive(now))
            }
        }
    }

    /// Removes the entry under `key` and returns its value, or `None` if the key is missing.
    ///
    /// An initializer that is running for the key is not affected, and stores its value later.
    pub fn pop<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let now = self.now();
        let hash = self.hasher.hash_one(key);
        let popped = self.shard(hash).pop(hash, key);
        let (key, entry) = popped?;
        drop(key);
        entry.into_alive(now)
    }

    /// A clone of the value stored under `key`, which is promoted; if the key is missing, the
    /// value that `init` returns, which is stored.
    ///
    /// However many threads miss the same key at the same time, one of them runs its initializer
    /// and the others wait. (Keys are the same if they are equal; equal hashes are not enough.)
    ///
    /// - If the initializer returns a value, that is stored, and its caller and everyone who
    ///   waited return a clone of it. Their own initializers are dropped without running.
    /// - If it returns an error, its caller alone returns that error. Exactly one of the waiting
    ///   threads then runs its own initializer, and the others wait for that one.
    /// - If it panics, the panic goes on in its own thread. Exactly one of the waiting threads
    ///   takes over in the same way.
    ///
    /// While an initializer runs, no lock is held: other keys, those of the same shard included,
    /// can be read and written, by the initializer itself too. An initializer must not ask for its
    /// own key with this function, for it would wait for itself.
    ///
    /// A value that is [`put`](Self::put) under the key while an initializer is running is newer
    /// than what that returns. It stays, and the initializer's value is not stored; its caller and
    /// the waiting threads return it nevertheless. So they do with a value that is too heavy to be
    /// stored, or that expires at once. If what was put has expired when `init` returns, the key
    /// is missing, and the initializer's value is stored.
    ///
    /// With a time to live, the value is written at the time when `init` has returned.
    ///
    /// # Errors
    ///
    /// The error of `init`, if it was this call's initializer that ran and failed.
    pub fn get_or_try_insert_with<E>(
        &self,
        key: K,
        init: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E>
    where
        K: Clone,
    {
        match self.board(&key) {
            Boarding::Value(value) => {
                drop((key, init));
                Ok(value)
            }
            Boarding::Pilot(pilot) => match init() {
                Ok(value) => {
                    pilot.land(key, &value);
                    Ok(value)
                }
                Err(error) => {
                    drop((pilot, key));
                    Err(error)
                }
            },
        }
    }

    /// The value under `key`, for which it waits if that is being computed, or the duty to
    /// compute it.
    fn board(&self, key: &K) -> Boarding<'_, K, V>
    where
        K: Clone,
    {
        let now = self.now();
        let hash = self.hasher.hash_one(key);
        let (flight, boarded) = loop {
            let mut shard = self.shard(hash);
            match shard.get(hash, key, now) {
                Lookup::Present(value) => return Boarding::Value(value),
                Lookup::Missing(None) => break shard.join(hash, key),
                Lookup::Missing(Some(expired)) => {
                    // Its `Drop` may panic or take long, so it comes before any obligation.
                    drop(shard);
                    drop(expired);
                }
            }
        };
        if boarded && let Arrival::Value(value) = flight.wait() {
            return Boarding::Value(value);
        }
        Boarding::Pilot(Pilot {
            cache: self,
            hash,
            flight,
            landed: false,
        })
    }
}

/// Prints the capacity, the number of entries and the weight, not the entries.
impl<K, V> fmt::Debug for ShardedLru<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardedLru")
            .field("cap", &self.cap())
            .field("len", &self.len())
            .field("weight", &self.weight())
            .finish_non_exhaustive()
    }
}

/// The error of [`ShardedLru::put`]: the value weighs more than any shard could hold. It hands
/// back what was to be stored.
pub struct TooHeavy<K, V> {
    /// The key that was passed in.
    pub key: K,
    /// The value that was passed in.
    pub value: V,
    /// What the weigher said of them.
    pub weight: usize,
    /// The greatest weight that the cache accepts.
    pub max_weight: NonZeroUsize,
}

impl<K, V> fmt::Debug for TooHeavy<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TooHeavy")
            .field("weight", &self.weight)
            .field("max_weight", &self.max_weight)
            .finish_non_exhaustive()
    }
}

impl<K, V> fmt::Display for TooHeavy<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the entry weighs {}, but the cache takes no entry heavier than {}",
            self.weight, self.max_weight
        )
    }
}

impl<K, V> Error for TooHeavy<K, V> {}

impl<K, V> ShardedLru<K, V> {
    pub(crate) fn with_settings(settings: ShardedLruBuilder<K, V>) -> Self {
        let ShardedLruBuilder {
            cap,
            shards,
            time_to_live,
            clock,
            weigher,
        } = settings;
        let count = shards.min(cap);
        let share = cap.get() / count;
        let larger = cap.get() % count;
        // `count` is at most `cap`, so that a share is at least 1.
        let max_weight = NonZeroUsize::MIN.saturating_add(share - 1);
        let shards = (0..count.get())
            .map(|at| max_weight.saturating_add(usize::from(at < larger)))
            .map(|cap| Padded(Mutex::new(Shard::new(cap))))
            .collect();
        let hasher = RandomState::new();
        Self {
            shards,
            hasher,
            cap,
            max_weight,
            time_to_live,
            clock,
            weigher,
        }
    }

    /// Locks the shard that keys of this hash belong to.
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard<K, V>> {
        // The hash table of the shard takes the lowest bits for the place and the highest 7 as a
        // tag. The 32 bits below the tag choose the shard: scaled to the number of shards, which
        // needs no division.
        let bits = u128::from((hash << 7) >> 32);
        let at = (bits * self.shards.len() as u128) >> 32;
        lock(&self.shards[at as usize].0)
    }

    /// The time, if it is needed.
    fn now(&self) -> Duration {
        self.time_to_live
            .map_or(Duration::ZERO, |_| self.clock.now())
    }

    fn weigh(&self, key: &K, value: &V) -> usize {
        self.weigher
            .as_ref()
            .map_or(1, |weigher| weigher(key, value).max(1))
    }

    /// A value that is written `now`.
    fn entry(&self, value: V, weight: usize, now: Duration) -> Entry<V> {
        let expires = self.time_to_live.and_then(|time| now.checked_add(time));
        Entry {
            value,
            weight,
            expires,
        }
    }
}

/// Keeps a lock on cache lines of its own, so that threads in neighboring shards do not slow each
/// other down. Processors fetch lines of 64 bytes in pairs.
#[repr(align(128))]
struct Padded<K, V>(Mutex<Shard<K, V>>);

/// A value with what the shared cache has to know about it.
struct Entry<V> {
    value: V,
    weight: usize,
    /// The first moment at which the entry is gone; `None` if there is none.
    expires: Option<Duration>,
}

impl<V> Entry<V> {
    fn is_expired(&self, now: Duration) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }

    fn into_alive(self, now: Duration) -> Option<V> {
        (!self.is_expired(now)).then_some(self.value)
    }
}

/// A flight in the table of those under way.
struct Departure<K, V> {
    hash: u64,
    key: K,
    flight: Arc<Flight<V>>,
}

/// One part of the cache.
struct Shard<K, V> {
    /// Every weight is at least 1, so that the capacity bounds the number of entries as well.
    entries: RawLru<K, Entry<V>>,
    /// The total weight of the entries, at most the capacity.
    weight: usize,
    /// For each key whose initializer is running, its flight.
    flights: HashTable<Departure<K, V>>,
}

/// What storing an entry in a shard did, and the entries that were too heavy to stay beside it.
type Stored<K, V> = (Put<K, Entry<V>>, Vec<(K, Entry<V>)>);

/// What a look-up in a shard finds.
enum Lookup<K, V> {
    Present(V),
    /// Nothing, or the expired entry that it has removed.
    Missing(Option<(K, Entry<V>)>),
}

impl<K, V> Shard<K, V> {
    const fn new(cap: NonZeroUsize) -> Self {
        Self {
            entries: RawLru::new(cap),
            weight: 0,
            flights: HashTable::new(),
        }
    }

    /// Ends a flight. Returns what was its departure, to be dropped without the lock.
    fn arrive(&mut self, hash: u64, flight: &Arc<Flight<V>>) -> Option<Departure<K, V>> {
        let found = self
            .flights
            .find_entry(hash, |one| Arc::ptr_eq(&one.flight, flight));
        found.ok().map(|departure| departure.remove().0)
    }
}

impl<K: Eq, V> Shard<K, V> {
    fn get<Q>(&mut self, hash: u64, key: &Q, now: Duration) -> Lookup<K, V>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
        V: Clone,
    {
        match self.entries.get_mut(hash, key) {
            None => Lookup::Missing(None),
            Some(entry) if entry.is_expired(now) => Lookup::Missing(self.pop(hash, key)),
            Some(entry) => Lookup::Present(entry.value.clone()),
        }
    }

    /// Whether there is an entry under `key` that has not expired.
    fn holds(&self, hash: u64, key: &K, now: Duration) -> bool {
        let list = self.entries.list();
        self.entries
            .find(hash, key)
            .is_some_and(|at| !list.node(at).value.is_expired(now))
    }

    /// Stores an entry of at most the capacity's weight. Returns what it evicts for its weight.
    fn put(&mut self, hash: u64, key: K, entry: Entry<V>) -> Stored<K, V> {
        let weight = entry.weight;
        let put = self.entries.put(hash, key, entry);
        let mut others = match &put {
            Put::Added => self.weight,
            Put::Evicted(_, old) | Put::Replaced(_, old) => self.weight - old.weight,
        };
        // The new entry is the most recent one, and the others weigh something as long as there
        // are any. So it is never taken itself.
        let room = self.entries.cap().get() - weight;
        let mut evicted = Vec::new();
        while others > room
            && let Some((key, entry)) = self.entries.pop_lru()
        {
            others -= entry.weight;
            evicted.push((key, entry));
        }
        self.weight = others + weight;
        (put, evicted)
    }

    fn pop<Q>(&mut self, hash: u64, key: &Q) -> Option<(K, Entry<V>)>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let popped = self.entries.pop(hash, key)?;
        self.weight -= popped.1.weight;
        Some(popped)
    }

    /// Boards the flight for a missing key, or starts one. Returns whether it boarded one that
    /// has a pilot.
    fn join(&mut self, hash: u64, key: &K) -> (Arc<Flight<V>>, bool)
    where
        K: Clone,
    {
        if let Some(departure) = self.flights.find(hash, |one| one.key == *key) {
            departure.flight.board();
            return (Arc::clone(&departure.flight), true);
        }
        let flight = Arc::new(Flight::new());
        let departure = Departure {
            hash,
            key: key.clone(),
            flight: Arc::clone(&flight),
        };
        self.flights.insert_unique(hash, departure, |one| one.hash);
        (flight, false)
    }
}

/// What a thread that asks for a value gets.
enum Boarding<'a, K, V> {
    Value(V),
    Pilot(Pilot<'a, K, V>),
}

/// The duty of a thread that runs an initializer: to land, or else to leave the seat to another
/// thread, also when a panic ends it.
struct Pilot<'a, K, V> {
    cache: &'a ShardedLru<K, V>,
    hash: u64,
    flight: Arc<Flight<V>>,
    landed: bool,
}

impl<K: Eq, V: Clone> Pilot<'_, K, V> {
    /// Stores the value and hands it to the waiting threads.
    fn land(mut self, key: K, value: &V) {
        let Self { cache, hash, .. } = self;
        let handed = value.clone();
        let weight = cache.weigh(&key, value);
        let now = cache.now();
        let entry =
            (weight <= cache.max_weight.get()).then(|| cache.entry(value.clone(), weight, now));
        // All user code has run now, except for `Eq`, which comes before any change. What is to
        // be dropped is declared here, and so dropped when the flight has landed.
        let _stored;
        let _departure;
        {
            let mut shard = cache.shard(hash);
            _stored = match entry {
                Some(entry) if !shard.holds(hash, &key, now) => Some(shard.put(hash, key, entry)),
                _ => None,
            };
            _departure = shard.arrive(hash, &self.flight);
        }
        self.landed = true;
        self.flight.land(handed);
    }
}

impl<K, V> Drop for Pilot<'_, K, V> {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let _departure;
        let mut shard = self.cache.shard(self.hash);
        // Under the lock of the shard, as no one can board between the count and the end then.
        _departure = if self.flight.leave_seat() {
            None
        } else {
            shard.arrive(self.hash, &self.flight)
        };
    }
}
