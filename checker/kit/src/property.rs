//! Model tests on random input: the same input every time, shrunk before it is shown.

use crate::{Failure, Scenario, panics};
use proptest::{
    arbitrary::any,
    collection,
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::{env, panic};

/// The seed unless `CHECKER_SEED` gives another.
const DEFAULT_SEED: u64 = 0x5EED;
/// Attempts at finding a smaller input that fails, too.
const SHRINKING_ATTEMPTS: usize = 2_000;

/// Runs `test` on `cases` inputs made by `strategy`, and fails with the smallest one found that
/// fails. The steps noted in the scenario are those of that input.
#[track_caller]
pub fn check<S: Strategy>(cases: usize, strategy: S, test: impl Fn(&Scenario, S::Value)) {
    let seed = seed();
    let mut runner = TestRunner::new_with_rng(Config::default(), random(seed));
    for _ in 0..cases {
        let mut tree = match strategy.new_tree(&mut runner) {
            Ok(tree) => tree,
            Err(reason) => panic!("the strategy makes no value: {}", reason.message()),
        };
        if let Err(first) = attempt(seed, tree.current(), &test) {
            smallest(seed, &mut tree, first, &test).raise();
        }
    }
}

/// One operation on the thing under test; the test decides what the numbers stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Which operation.
    pub kind: u8,
    /// What it is about.
    pub key: u8,
    /// What else it needs.
    pub value: u16,
}

/// Like [`check`], on up to `most` moves on a thing of a size from 1 to 8.
///
/// The machinery for this input is compiled here, once, and not with every suite.
#[track_caller]
pub fn check_moves(cases: usize, most: usize, test: &dyn Fn(&Scenario, usize, &[Move])) {
    let one = (any::<u8>(), any::<u8>(), any::<u16>()).prop_map(|(kind, key, value)| Move {
        kind,
        key,
        value,
    });
    let all = (1..=8_usize, collection::vec(one, 0..=most));
    check(cases, all, |scenario, (size, moves)| {
        test(scenario, size, &moves)
    });
}

/// The seed of this run.
///
/// # Panics
///
/// If `CHECKER_SEED` is set, but is no number.
pub fn seed() -> u64 {
    match env::var("CHECKER_SEED") {
        Ok(text) => match text.trim().parse() {
            Ok(seed) => seed,
            Err(_) => panics::fault(format!("CHECKER_SEED is not a number: {text:?}")),
        },
        Err(_) => DEFAULT_SEED,
    }
}

fn random(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn smallest<T: ValueTree>(
    seed: u64,
    tree: &mut T,
    first: Box<Failure>,
    test: &impl Fn(&Scenario, T::Value),
) -> Box<Failure> {
    let mut smallest = first;
    let mut goes_on = tree.simplify();
    for _ in 0..SHRINKING_ATTEMPTS {
        if !goes_on {
            break;
        }
        goes_on = match attempt(seed, tree.current(), test) {
            Ok(()) => tree.complicate(),
            Err(smaller) => {
                smallest = smaller;
                tree.simplify()
            }
        };
    }
    smallest
}

fn attempt<V>(seed: u64, value: V, test: &impl Fn(&Scenario, V)) -> Result<(), Box<Failure>> {
    let scenario = Scenario::with_seed(seed);
    panics::catch_payload(|| test(&scenario, value)).map_err(|(panic, payload)| {
        if panic.unimplemented().is_some() {
            // No input is small enough for what isn't there.
            panic::resume_unwind(payload);
        }
        Box::new(Failure::recall(&panic.message).unwrap_or_else(|| Failure {
            location: panic.location,
            ..scenario.failure(format!("panicked: {}", panic.message))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::RefCell;

    fn failure(body: impl FnOnce()) -> Failure {
        let caught = panics::catch(body).unwrap_err();
        Failure::recall(&caught.message).unwrap()
    }

    #[test]
    fn the_same_inputs_come_every_time() {
        let inputs = || {
            let seen = RefCell::new(Vec::new());
            check(20, any::<u64>(), |_, number| seen.borrow_mut().push(number));
            seen.into_inner()
        };
        let first = inputs();
        assert_eq!(first.len(), 20);
        assert_eq!(first, inputs());
    }

    #[test]
    fn the_smallest_failing_input_is_shown_with_its_steps_and_seed() {
        let failure = failure(|| {
            check(
                100,
                prop::collection::vec(0..1_000_u32, 0..50),
                |scenario, numbers| {
                    for number in numbers {
                        scenario.step(format!("add {number}"));
                        scenario.expect(number < 500, "less than 500", number);
                    }
                },
            );
        });
        assert_eq!(failure.steps, ["add 500"]);
        assert_eq!(failure.received.as_deref(), Some("500"));
        assert_eq!(failure.seed, Some(seed()));
    }

    #[test]
    fn a_panic_of_the_tested_code_is_shown_with_its_steps_and_place() {
        let failure = failure(|| {
            check(100, 0..100_usize, |scenario, index| {
                scenario.step(format!("index {index}"));
                assert!(index < 3, "out of bounds");
            });
        });
        assert_eq!(failure.message, "panicked: out of bounds");
        assert_eq!(failure.steps, ["index 3"]);
        assert!(failure.location.unwrap().contains("property.rs"));
    }

    #[test]
    fn moves_are_shrunk_to_the_ones_that_matter() {
        let failure = failure(|| {
            check_moves(100, 40, &|scenario, size, moves| {
                for Move { kind, key, .. } in moves {
                    scenario.step(format!("{size}: {kind} {key}"));
                    scenario.expect(*kind < 100 || *key < 3, "few", "many");
                }
            });
        });
        assert_eq!(failure.steps, ["1: 100 3"]);
    }

    #[test]
    fn a_todo_ends_the_search_at_once() {
        let runs = RefCell::new(0);
        let body = || {
            check(100, any::<u64>(), |_, _| {
                *runs.borrow_mut() += 1;
                todo!("phase 1: core")
            });
        };
        assert!(panic::catch_unwind(panic::AssertUnwindSafe(body)).is_err());
        assert_eq!(runs.into_inner(), 1);
    }
}
