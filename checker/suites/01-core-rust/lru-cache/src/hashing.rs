//! Hashers and keys that show how a cache treats them.

use std::{
    cell::Cell,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher},
    rc::Rc,
};

/// A hasher without randomness that keeps only some bits of the hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masked {
    mask: u64,
}

impl Masked {
    /// Keys have distinct hashes.
    pub(crate) const ALL: Self = Self { mask: u64::MAX };
    /// All keys have the same hash.
    pub(crate) const NONE: Self = Self { mask: 0 };
    /// Keys have one of four hashes.
    pub(crate) const TWO: Self = Self { mask: 0b11 };
}

impl BuildHasher for Masked {
    type Hasher = MaskedHasher;

    fn build_hasher(&self) -> MaskedHasher {
        MaskedHasher {
            inner: DefaultHasher::new(),
            mask: self.mask,
        }
    }
}

pub(crate) struct MaskedHasher {
    inner: DefaultHasher,
    mask: u64,
}

impl Hasher for MaskedHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.inner.write(bytes);
    }

    fn finish(&self) -> u64 {
        self.inner.finish() & self.mask
    }
}

/// A hasher of numbers that takes next to no time, for tests of very many operations.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quick(u64);

impl BuildHasher for Quick {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing: an odd constant spreads neighbors over all bits.
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

/// A hasher that counts how many hashes it has been asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counting {
    hashes: Rc<Cell<usize>>,
}

impl Counting {
    pub(crate) fn hashes(&self) -> usize {
        self.hashes.get()
    }
}

impl BuildHasher for Counting {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        self.hashes.set(self.hashes.get() + 1);
        DefaultHasher::new()
    }
}

/// A key that counts how often keys are compared.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    number: u32,
    comparisons: Rc<Cell<usize>>,
}

impl Compared {
    pub(crate) fn new(number: u32, comparisons: &Rc<Cell<usize>>) -> Self {
        Self {
            number,
            comparisons: Rc::clone(comparisons),
        }
    }
}

impl PartialEq for Compared {
    fn eq(&self, other: &Self) -> bool {
        self.comparisons.set(self.comparisons.get() + 1);
        self.number == other.number
    }
}

impl Eq for Compared {}

impl Hash for Compared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

/// A word that equals its other spellings, in capitals or not.
#[derive(Debug)]
pub(crate) struct Word(pub(crate) &'static str);

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Word {}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

/// A key that has the same hash as every other of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alike(pub(crate) u32);

impl Hash for Alike {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(0);
    }
}
