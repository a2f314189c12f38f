//! Logs for tests and benchmarks: realistic, and the same each time.

use std::fmt::Write;

use crate::model::{Latency, Timestamp};

// ANCHOR: split-mix
/// SplitMix64, the generator by Steele, Lea and Flood (2014).
///
/// Fast, good enough for test data, and never to be used for secrets.
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// A generator whose numbers `seed` determines.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, each of the 2⁶⁴ as likely as any other.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number less than `bound`, or 0 if that is 0.
    ///
    /// Scaling by multiplication favors some numbers by less than one part in 2⁶⁴ / `bound`.
    pub const fn below(&mut self, bound: u64) -> u64 {
        let wide = self.next_u64() as u128 * bound as u128;
        (wide >> 64) as u64
    }

    /// A number less than `bound`, small ones more often: six of ten are in the lowest quarter.
    pub const fn skewed_below(&mut self, bound: u64) -> u64 {
        let ceiling = self.below(bound) + 1;
        self.below(ceiling)
    }
}
// ANCHOR_END: split-mix

// ANCHOR: sample
/// An endless log of a small shop.
///
/// # Examples
///
/// ```
/// use tally::sample::Sample;
///
/// let lines: Vec<String> = Sample::new(7).take(2).collect();
/// assert_eq!(lines, Sample::new(7).take(2).collect::<Vec<_>>());
/// assert_ne!(lines[0], lines[1]);
/// ```
#[derive(Clone, Debug)]
pub struct Sample {
    random: SplitMix64,
    now: i64,
}

impl Sample {
    /// A log that `seed` determines and that begins on 12 March 2026.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            random: SplitMix64::new(seed),
            now: 1_773_273_600,
        }
    }
}
// ANCHOR_END: sample

// ANCHOR: sample-iterator
impl Iterator for Sample {
    type Item = String;

    /// The next line, without a line break.
    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        // Writing to a string cannot fail.
        self.write_line(&mut line).ok().map(|()| line)
    }
}
// ANCHOR_END: sample-iterator

impl Sample {
    fn write_line(&mut self, line: &mut String) -> std::fmt::Result {
        let random = &mut self.random;
        self.now += i64::from(random.below(4) == 0);
        let time = Timestamp::from_unix(self.now);
        let client = random.skewed_below(5_000);
        write!(
            line,
            "203.0.{}.{} - - [{time}] \"",
            113 + client / 256,
            client % 256
        )?;

        // Percent of all requests, method, path, typical size in bytes and time in microseconds.
        let (method, path, size, micros) = match random.below(100) {
            0..30 => ("GET", String::from("/"), 9_000, 4_000),
            30..55 => {
                let product = random.skewed_below(2_000);
                ("GET", format!("/products/{product}"), 14_000, 9_000)
            }
            55..70 => {
                let page = random.below(20);
                (
                    "GET",
                    format!("/search?q=shoes&page={page}"),
                    22_000,
                    60_000,
                )
            }
            70..80 => ("POST", String::from("/cart"), 300, 12_000),
            80..85 => ("DELETE", format!("/cart/{}", random.below(50)), 0, 8_000),
            85..90 => ("POST", String::from("/checkout"), 800, 180_000),
            90..97 => {
                let order = random.skewed_below(3_000);
                ("GET", format!("/orders/{order}"), 5_000, 25_000)
            }
            97..99 => ("HEAD", String::from("/health"), 0, 500),
            _ => ("PROPFIND", String::from("/admin.php"), 150, 300),
        };
        let status = self.status(method);
        let bytes = if method == "HEAD" {
            0
        } else {
            size / 2 + self.random.below(size + 1)
        };
        let latency = self.latency(micros);
        let agent = ["curl/8.5", "Mozilla/5.0 (X11; Linux x86_64)", "okhttp/4.12"]
            [self.random.skewed_below(3) as usize];
        write!(
            line,
            "{method} {path} HTTP/1.1\" {status} {bytes} \"-\" \"{agent}\" {latency}"
        )
    }

    fn status(&mut self, method: &str) -> u16 {
        match (method, self.random.below(1_000)) {
            ("PROPFIND", _) => 405,
            (_, 0..5) => 500,
            (_, 5..9) => 503,
            ("GET", 9..40) => 404,
            ("GET", 40..160) => 304,
            ("POST", 9..60) => 422,
            ("DELETE", _) => 204,
            _ => 200,
        }
    }

    /// Twice as long becomes half as likely, as it is in many services.
    fn latency(&mut self, typical: u64) -> Latency {
        let doublings = self.random.next_u64().trailing_zeros().min(8);
        let micros = typical / 2 + self.random.below(typical << doublings);
        // nginx writes milliseconds.
        Latency::from_micros(micros / 1_000 * 1_000)
    }
}

// ANCHOR: log
/// A log of this many lines, each with its line break.
#[must_use]
pub fn log(seed: u64, lines: usize) -> String {
    let mut log = String::new();
    for line in Sample::new(seed).take(lines) {
        log.push_str(&line);
        log.push('\n');
    }
    log
}
// ANCHOR_END: log
