//! An LRU cache, and one that threads share.
//!
//! The modules build on each other in this order:
//!
//! 1. `list`: the entries, linked from the most to the least recently used, in one block of
//!    memory.
//! 2. `raw`: the list with a hash table over it, for keys that have been hashed.
//! 3. `cache`: [`LruCache`], which hashes the keys.
//! 4. `iter`: the iterators.
//! 5. `clock` and `builder`: the settings of a shared cache.
//! 6. `flight`: one computation for everyone who misses the same key.
//! 7. `sharded`: [`ShardedLru`], which joins the parts behind locks.
//!
//! # Design
//!
//! The entries lie in a `Vec` without gaps. Their links, two indices of 32 bits for each, lie in
//! another one, so that promoting touches little memory. The hash table holds nothing but such
//! indices, 4 bytes for each entry. Each entry keeps the hash of its key, so that an operation
//! hashes one key once: an evicted entry is found in the table, and the table grows, without asking
//! a key. That is why no `Hash` or `Eq` of a key can interrupt a change halfway.
//!
//! The one use of `unsafe` is in [`IterMut`].
//!
//! # Examples
//!
//! ```
//! use std::num::NonZeroUsize;
//!
//! use lru_cache::{LruCache, ShardedLru};
//!
//! let two = NonZeroUsize::MIN.saturating_add(1);
//! let mut cache = LruCache::new(two);
//! cache.put("a", 1);
//! cache.put("b", 2);
//! assert_eq!(cache.get("a"), Some(&1));
//! cache.put("c", 3);
//! assert!(!cache.contains("b"));
//!
//! let shared = ShardedLru::new(two, NonZeroUsize::MIN);
//! let read = |text: &str| text.parse::<u32>();
//! assert_eq!(shared.get_or_try_insert_with("7", || read("7")), Ok(7));
//! assert!(shared.get_or_try_insert_with("x", || read("x")).is_err());
//! assert_eq!((shared.get("7"), shared.get("x")), (Some(7), None));
//! ```

#![deny(missing_docs)]

mod builder;
mod cache;
mod clock;
mod flight;
mod iter;
mod list;
mod raw;
mod sharded;

pub use builder::ShardedLruBuilder;
pub use cache::LruCache;
pub use clock::{Clock, SystemClock};
pub use iter::{IntoIter, Iter, IterMut};
pub use sharded::{ShardedLru, TooHeavy};
