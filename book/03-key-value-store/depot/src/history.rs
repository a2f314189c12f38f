//! Whether what several threads saw of one parcel can have happened one after the other.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

// ANCHOR: call
/// What a thread asked, and the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The parcel was put on a shelf, or handed out.
    Write(Option<u16>),
    /// The parcel was found there.
    Read(Option<u16>),
}

/// A call, with the two moments between which it took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Taken before the call began.
    pub called: u64,
    /// Taken after it returned; `u64::MAX` if it never did.
    pub returned: u64,
    /// What it was about.
    pub op: Op,
}
// ANCHOR_END: call

/// Whether there is an order of the calls that a single thread could have made, in which no call
/// comes after one that began only when it had returned. The time is exponential in the number of
/// calls that overlap.
// ANCHOR: linearizable
pub fn linearizable(history: &[Call], state: Option<u16>) -> bool {
    let Some(first) = history.iter().map(|call| call.returned).min() else {
        return true;
    };
    if first == u64::MAX {
        return true;
    }
    let can_be_next = |call: &Call| call.called < first;
    history.iter().enumerate().any(|(index, call)| {
        let next = match call.op {
            Op::Write(shelf) => Some(shelf),
            Op::Read(seen) => (seen == state).then_some(state),
        };
        let mut rest = history.to_vec();
        rest.remove(index);
        can_be_next(call) && next.is_some_and(|state| linearizable(&rest, state))
    })
}
// ANCHOR_END: linearizable

/// Takes down the calls of any number of threads.
// ANCHOR: recorder
#[derive(Debug, Default)]
pub struct Recorder {
    clock: AtomicU64,
    calls: Mutex<Vec<Call>>,
}

impl Recorder {
    /// Makes a call and takes it down.
    pub fn record(&self, call: impl FnOnce() -> Op) {
        let called = self.clock.fetch_add(1, Ordering::SeqCst);
        let op = call();
        let returned = self.clock.fetch_add(1, Ordering::SeqCst);
        let call = Call {
            called,
            returned,
            op,
        };
        if let Ok(mut calls) = self.calls.lock() {
            calls.push(call);
        }
    }
    // ANCHOR_END: recorder

    /// All calls so far.
    pub fn into_history(self) -> Vec<Call> {
        self.calls
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
