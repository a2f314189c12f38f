//! # An LRU cache
//!
//! A cache holds a bounded number of entries. When it is full, a new entry takes the place of the
//! one that has not been used for the longest time: the *least recently used*. You build one in
//! which every look-up, insertion and removal takes constant time, and then share it between
//! threads.
//!
//! ## Where to begin
//!
//! Open `cache.rs` and write `with_hasher`, `put`, `get`, `len`, `is_empty` and `cap`: they are
//! phase 1. Every body that you have to write is a `todo!` that names its phase, and the comment
//! above it is the contract that the hidden tests verify. Work through the phases in order.
//!
//! | phase | you write | file |
//! |---|---|---|
//! | 1 Core | `with_hasher`, `put`, `get`, `len`, `is_empty`, `cap` | `cache.rs` |
//! | 2 Look-ups | borrowed keys; `get_mut`, `peek`, `contains`, `peek_lru` | `cache.rs` |
//! | 3 Removal | `pop`, `pop_lru`, `resize`, `clear`; drops and panics | `cache.rs` |
//! | 4 Iteration | `iter`, `iter_mut`, `into_iter`, `Clone`, `Debug` | `iter.rs`, `cache.rs` |
//! | 5 Soundness | nothing new: `Send`, `Sync`, lifetimes, Miri | what you have |
//! | 6 Shared | `ShardedLru`: single flight, expiry, weights | `builder.rs`, `sharded.rs` |
//!
//! `clock.rs` is complete.
//!
//! ## What is yours to choose
//!
//! The signatures and the documented behavior are fixed. Everything private is yours: replace the
//! private fields, add files and modules, and choose between an arena of nodes with indices and
//! nodes with raw pointers, between hash tables, and between locks. `hashbrown` is declared as a
//! dependency because its `HashTable` stores any value under a hash that you compute, an index
//! into an arena for example, and leaves the comparison to you. The standard library's `HashMap`
//! needs to own its keys.
//!
//! ## What holds throughout
//!
//! - `len()` is never above `cap()`.
//! - Nothing is allocated in proportion to the capacity: `usize::MAX` is a fine capacity. Memory
//!   follows the number of entries.
//! - Keys and values need not be `Clone`, `Copy` or `Default`.
//! - Every key and every value is dropped exactly once.
//! - If `Hash`, `Eq` or `Drop` of a key or a value panics, the panic reaches the caller and the
//!   cache stays consistent: `len`, look-ups and iteration agree with each other, `len` is not
//!   above `cap`, the entries that the operation was not about are still there in their order,
//!   and the rule about drops holds. Only a value on its way to the caller may be leaked.
//! - `LruCache` is `Send` if keys, values and hasher are, and `Sync` if they are. Its iterators
//!   are what `&(K, V)`, `&mut (K, V)` and `(K, V)` are. `ShardedLru` is both if keys and values
//!   are both.
//! - What `get`, `peek` and the iterators return borrows the cache, so the compiler refuses to
//!   change the cache while you hold it.

#![deny(missing_docs)]

mod builder;
mod cache;
mod clock;
mod iter;
mod sharded;

pub use builder::ShardedLruBuilder;
pub use cache::LruCache;
pub use clock::{Clock, SystemClock};
pub use iter::{IntoIter, Iter, IterMut};
pub use sharded::{ShardedLru, TooHeavy};
