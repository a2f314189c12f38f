//! A flag that ends running tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::monitor;

/// A flag shared by whoever runs tests and whoever may want them ended. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Kills the tests and commands that run under this flag, and lets no more start.
    ///
    /// It returns at once; the calls that run them return within milliseconds.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
        monitor::wake();
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
