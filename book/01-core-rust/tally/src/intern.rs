//! Each name once in memory.
//!
//! A log has millions of lines and thousands of different paths. An interner keeps one copy of
//! each and hands out a [`Symbol`], which is as cheap to copy, compare and hash as a number.
//! Three ways to store the copies are here, to compare what they cost. [`BufferInterner`] is the
//! one that [`Query`](crate::query::Query) uses.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use hashbrown::HashTable;

// ANCHOR: symbol
/// The number of a name in the interner that gave it out. Names are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The symbol of the name at `index`.
    fn at(index: usize) -> Result<Self, InternerFull> {
        u32::try_from(index).map(Self).map_err(|_| InternerFull)
    }

    /// The number, as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
// ANCHOR_END: symbol

/// An interner cannot number another name with 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the interner is full")]
pub struct InternerFull;

// ANCHOR: arena-interner
/// An interner with one allocation for each name.
///
/// The table holds symbols only, 4 bytes each. It looks into the arena to compare names.
#[derive(Clone, Debug, Default)]
pub struct ArenaInterner<S = RandomState> {
    names: Vec<Box<str>>,
    table: HashTable<Symbol>,
    hasher: S,
}
// ANCHOR_END: arena-interner

// ANCHOR: arena-intern
impl<S: BuildHasher> ArenaInterner<S> {
    /// The symbol of `name`, which is copied if it is new. Takes O(length) time.
    ///
    /// # Errors
    ///
    /// Fails if `name` would be the 2³²nd plus one.
    pub fn intern(&mut self, name: &str) -> Result<Symbol, InternerFull> {
        let Self {
            names,
            table,
            hasher,
        } = self;
        let hash = hasher.hash_one(name);
        if let Some(symbol) = table.find(hash, |symbol| &*names[symbol.index()] == name) {
            return Ok(*symbol);
        }
        let symbol = Symbol::at(names.len())?;
        names.push(name.into());
        table.insert_unique(hash, symbol, |symbol| {
            hasher.hash_one(&*names[symbol.index()])
        });
        Ok(symbol)
    }

    /// The name of a symbol, if this interner has given out as many. Takes O(1) time.
    #[must_use]
    pub fn resolve(&self, symbol: Symbol) -> Option<&str> {
        self.names.get(symbol.index()).map(|name| &**name)
    }
}
// ANCHOR_END: arena-intern

// ANCHOR: buffer-interner
/// An interner with all names in one buffer, end to end.
#[derive(Clone, Debug, Default)]
pub struct BufferInterner<S = RandomState> {
    names: Names,
    table: HashTable<Symbol>,
    hasher: S,
}
// ANCHOR_END: buffer-interner

// ANCHOR: names
/// Names end to end, and where each of them ends.
#[derive(Clone, Debug, Default)]
struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Names {
    fn push(&mut self, name: &str) -> Result<Symbol, InternerFull> {
        let symbol = Symbol::at(self.ends.len())?;
        let end = self.bytes.len() + name.len();
        self.ends
            .push(u32::try_from(end).map_err(|_| InternerFull)?);
        self.bytes.extend_from_slice(name.as_bytes());
        Ok(symbol)
    }
}
// ANCHOR_END: names

// ANCHOR: unsafe
impl Names {
    fn get(&self, symbol: Symbol) -> Option<&str> {
        let index = symbol.index();
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        let span = self.bytes.get(start..end)?;
        // SAFETY: `push` is the only method that writes. It appends the bytes of a whole `&str`
        // and records where they end, so the bytes between two neighboring ends are those of one
        // `&str`, which are UTF-8.
        Some(unsafe { str::from_utf8_unchecked(span) })
    }
}
// ANCHOR_END: unsafe

// ANCHOR: buffer-intern
impl<S: BuildHasher> BufferInterner<S> {
    /// The symbol of `name`, which is copied if it is new. Takes O(length) time, amortized.
    ///
    /// # Errors
    ///
    /// Fails if all names together would be longer than 4 GiB.
    ///
    /// # Examples
    ///
    /// ```
    /// use tally::intern::BufferInterner;
    ///
    /// let mut paths: BufferInterner = BufferInterner::default();
    /// let orders = paths.intern("/orders")?;
    /// assert_ne!(paths.intern("/cart")?, orders);
    /// assert_eq!(paths.intern("/orders")?, orders);
    /// assert_eq!(paths.resolve(orders), Some("/orders"));
    /// # Ok::<(), tally::intern::InternerFull>(())
    /// ```
    pub fn intern(&mut self, name: &str) -> Result<Symbol, InternerFull> {
        let Self {
            names,
            table,
            hasher,
        } = self;
        let hash = hasher.hash_one(name);
        if let Some(symbol) = table.find(hash, |symbol| names.get(*symbol) == Some(name)) {
            return Ok(*symbol);
        }
        let symbol = names.push(name)?;
        table.insert_unique(hash, symbol, |symbol| {
            hasher.hash_one(names.get(*symbol).unwrap_or_default())
        });
        Ok(symbol)
    }

    /// The name of a symbol, if this interner has given out as many. Takes O(1) time.
    #[must_use]
    pub fn resolve(&self, symbol: Symbol) -> Option<&str> {
        self.names.get(symbol)
    }
}
// ANCHOR_END: buffer-intern

// ANCHOR: rc-interner
/// An interner whose names are shared instead of numbered.
///
/// A name lives for as long as anyone holds it, with or without the interner. Each holder has a
/// pointer and a length, 16 bytes, and cannot be sent to another thread.
#[derive(Clone, Debug, Default)]
pub struct RcInterner<S = RandomState> {
    names: HashSet<Rc<str>, S>,
}

impl<S: BuildHasher> RcInterner<S> {
    /// The shared copy of `name`, made if it is new. Takes O(length) time.
    pub fn intern(&mut self, name: &str) -> Rc<str> {
        if let Some(name) = self.names.get(name) {
            return Rc::clone(name);
        }
        let name = Rc::from(name);
        self.names.insert(Rc::clone(&name));
        name
    }

    /// The number of names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
// ANCHOR_END: rc-interner
