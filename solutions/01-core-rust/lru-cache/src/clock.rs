//! Where the time of an expiring cache comes from.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// A source of monotonic time.
///
/// A cache that expires entries asks a clock instead of the operating system, so that a test can
/// decide what time it is.
pub trait Clock: Send + Sync {
    /// The time since a start that the clock chooses once. Never goes backward.
    fn now(&self) -> Duration;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Duration {
        (**self).now()
    }
}

/// The operating system's monotonic clock, counted from the creation of this value.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that starts at zero now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}
