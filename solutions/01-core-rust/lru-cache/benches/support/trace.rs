//! Traces of keys, the same in every run.

use crate::keys::scramble;

/// The `SplitMix64` generator: small, fast and good enough for traces.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.0)
    }

    /// A number from 0 up to, but not including, 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// `length` keys drawn evenly from the `count` keys `scramble(0..count)`.
pub(crate) fn uniform(seed: u64, count: u64, length: usize) -> Vec<u64> {
    let mut random = Random::new(seed);
    (0..length)
        .map(|_| scramble(random.next() % count))
        .collect()
}

/// `length` keys of the `count` keys `scramble(0..count)`, the key of rank `r`, counted from 0,
/// with a probability in proportion to `1 / (r + 1)`: Zipf's law with exponent 1.
pub(crate) fn zipf(seed: u64, count: u64, length: usize) -> Vec<u64> {
    let mut total = 0.0;
    let sums: Vec<f64> = (1..=count)
        .map(|rank| {
            total += 1.0 / rank as f64;
            total
        })
        .collect();
    let mut random = Random::new(seed);
    (0..length)
        .map(|_| {
            let point = random.fraction() * total;
            scramble(sums.partition_point(|&sum| sum <= point) as u64)
        })
        .collect()
}
