//! Linearizability of recorded histories.
//!
//! Threads do operations on something that they share, and each notes when it called and when it
//! got its answer. The history is linearizable if every operation can be given one moment between
//! its call and its return so that the operations, done one after the other in the order of these
//! moments, give the same answers: the shared thing then cannot be told from one that does one
//! operation at a time.
//!
//! The search is that of Wing and Gong (*Testing and verifying concurrent objects*, 1993) with the
//! memory that Lowe added (*Testing for linearizability*, 2017): an order is extended by any
//! operation that had been called before the first answer among the rest, and a set of done
//! operations that led to the same state before is not tried again. It is exponential in the
//! number of operations that are under way at once, not in the length of the history. Operations
//! on different keys are checked apart ([`expect`]), which is allowed since linearizability is
//! local: a history is linearizable exactly if that of each object is.
//!
//! ```
//! use suite_kit::{Scenario, linear::{self, Clock, Model}};
//!
//! /// A number that is written (`Some`) and read (`None`).
//! struct Register;
//! impl Model for Register {
//!     type State = u64;
//!     type Call = Option<u64>;
//!     type Returned = u64;
//!     fn initial(&self) -> u64 { 0 }
//!     fn step(&self, state: &u64, call: &Option<u64>, returned: Option<&u64>) -> Option<u64> {
//!         let after = call.unwrap_or(*state);
//!         returned.is_none_or(|returned| *returned == after).then_some(after)
//!     }
//! }
//!
//! let clock = Clock::new();
//! let mut client = clock.client(0);
//! client.call(Some(3), |_| Some(3));
//! client.call(None, |_| Some(3));
//! linear::expect(&Scenario::new(), &Register, client.into_operations(), |_| "the register");
//! ```

mod history;
mod search;

pub use history::{Client, Clock, Operation, Span};
pub use search::{Model, Violation, check};

use crate::Scenario;
use std::{collections::BTreeMap, fmt::Debug};

/// Fails unless the operations on each key are linearizable, with what is wrong about the first
/// key for which they are not.
///
/// `key` names the object that a call is about; a call is about one object only. The operations
/// may come in any order.
#[track_caller]
pub fn expect<M: Model, K: Ord + Debug>(
    scenario: &Scenario,
    model: &M,
    operations: Vec<Operation<M::Call, M::Returned>>,
    key: impl Fn(&M::Call) -> K,
) {
    let mut parts: BTreeMap<K, Vec<_>> = BTreeMap::new();
    for operation in operations {
        parts
            .entry(key(&operation.call))
            .or_default()
            .push(operation);
    }
    for (key, part) in parts {
        if let Err(violation) = check(model, &part) {
            scenario.fail(
                format_args!(
                    "an order of the {} operations on {key:?} in which each takes effect between \
                     its call and its return",
                    part.len()
                ),
                violation,
            );
        }
    }
}

#[cfg(test)]
mod tests;
