use super::*;
use crate::{Failure, panics::catch, threads::together};
use std::{
    iter,
    sync::{Arc, Mutex},
    time::Duration,
};

/// A number that starts as 0.
struct Register;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Read,
    Write(u8),
    /// Writes the second number if the first is there; returns whether.
    Swap(u8, u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Returned {
    Number(u8),
    Done,
    Swapped(bool),
}

impl Model for Register {
    type State = u8;
    type Call = Call;
    type Returned = Returned;

    fn initial(&self) -> u8 {
        0
    }

    fn step(&self, state: &u8, call: &Call, returned: Option<&Returned>) -> Option<u8> {
        let (after, answer) = match *call {
            Call::Read => (*state, Returned::Number(*state)),
            Call::Write(number) => (number, Returned::Done),
            Call::Swap(old, new) if old == *state => (new, Returned::Swapped(true)),
            Call::Swap(..) => (*state, Returned::Swapped(false)),
        };
        returned
            .is_none_or(|returned| *returned == answer)
            .then_some(after)
    }
}

fn operation(
    client: usize,
    (called_at, returned_at): (u64, u64),
    call: Call,
    returned: Option<Returned>,
) -> Operation<Call, Returned> {
    Operation {
        client,
        call,
        returned,
        called_at,
        returned_at,
    }
}

fn write(client: usize, time: (u64, u64), number: u8) -> Operation<Call, Returned> {
    operation(client, time, Call::Write(number), Some(Returned::Done))
}

fn read(client: usize, time: (u64, u64), number: u8) -> Operation<Call, Returned> {
    operation(client, time, Call::Read, Some(Returned::Number(number)))
}

#[test]
fn an_empty_history_is_linearizable() {
    assert_eq!(check(&Register, &[]), Ok(()));
}

#[test]
fn a_read_during_a_write_may_return_either_value() {
    for number in [0, 1] {
        let history = [write(0, (0, 9), 1), read(1, (1, 5), number)];
        assert_eq!(check(&Register, &history), Ok(()));
    }
}

#[test]
fn a_read_after_a_write_returns_its_value() {
    let history = [write(0, (0, 1), 1), read(1, (2, 3), 0)];
    let violation = check(&Register, &history).unwrap_err();
    assert_eq!((violation.order, violation.stuck), (vec![0], vec![1]));
}

#[test]
fn values_do_not_go_back() {
    let history = [write(0, (0, 20), 1), read(1, (1, 2), 1), read(2, (3, 4), 0)];
    let violation = check(&Register, &history).unwrap_err();
    assert_eq!((violation.order, violation.stuck), (vec![0, 1], vec![2]));
}

#[test]
fn nobody_reads_what_nobody_wrote() {
    let history = [write(0, (0, 9), 1), read(1, (1, 5), 7)];
    assert!(check(&Register, &history).is_err());
}

#[test]
fn of_two_swaps_of_the_same_value_one_succeeds() {
    let swap = |client, time, new, swapped| {
        operation(
            client,
            time,
            Call::Swap(0, new),
            Some(Returned::Swapped(swapped)),
        )
    };
    let both = |second| [swap(0, (0, 5), 1, true), swap(1, (1, 6), 2, second)];
    assert_eq!(check(&Register, &both(false)), Ok(()));
    assert!(check(&Register, &both(true)).is_err());
}

#[test]
fn an_operation_without_an_answer_takes_effect_late_or_never() {
    let lost = operation(0, (0, 1), Call::Write(1), None);
    for (numbers, holds) in [
        ([0, 0], true),
        ([0, 1], true),
        ([1, 1], true),
        ([1, 0], false),
        ([0, 2], false),
    ] {
        let history = [
            lost.clone(),
            read(1, (2, 3), numbers[0]),
            read(1, (4, 5), numbers[1]),
        ];
        assert_eq!(check(&Register, &history).is_ok(), holds, "{numbers:?}");
    }
    assert_eq!(check(&Register, &[lost]), Ok(()));
}

#[test]
fn the_order_in_which_operations_are_listed_is_of_no_account() {
    let history = [
        read(1, (7, 8), 2),
        write(0, (5, 6), 2),
        write(0, (0, 1), 1),
        read(1, (2, 3), 1),
    ];
    assert_eq!(check(&Register, &history), Ok(()));
}

/// Every order of the operations, tried one by one.
fn tried_one_by_one(left: &[Operation<Call, Returned>], state: u8) -> bool {
    let answered = |operation: &&Operation<Call, Returned>| operation.returned.is_some();
    let Some(first) = left
        .iter()
        .filter(answered)
        .map(|one| one.returned_at)
        .min()
    else {
        return true;
    };
    (0..left.len()).any(|number| {
        let mut rest = left.to_vec();
        let next = rest.swap_remove(number);
        next.called_at < first
            && Register
                .step(&state, &next.call, next.returned.as_ref())
                .is_some_and(|after| tried_one_by_one(&rest, after))
    })
}

/// Numbers that look random, the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        // Knuth's MMIX generator; its low bits are weak.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn number(&mut self) -> u8 {
        u8::try_from(self.below(3)).unwrap()
    }
}

/// A history of a few clients whose answers are made up, so that about half are wrong.
fn made_up(dice: &mut Dice) -> Vec<Operation<Call, Returned>> {
    let mut history = Vec::new();
    // Each client calls and returns in turn; who is next is shuffled.
    let mut events: Vec<usize> = Vec::new();
    for client in 0..3 {
        let operations = 2 + dice.below(2) as usize;
        events.extend(iter::repeat_n(client, operations * 2));
    }
    for end in (1..events.len()).rev() {
        events.swap(end, dice.below(end as u64 + 1) as usize);
    }
    let mut open: [Option<u64>; 3] = [None; 3];
    for (time, client) in events.into_iter().enumerate() {
        let time = time as u64;
        match open[client].take() {
            None => open[client] = Some(time),
            Some(called_at) => {
                let (call, returned) = match dice.below(3) {
                    0 => (Call::Read, Returned::Number(dice.number())),
                    1 => (Call::Write(dice.number()), Returned::Done),
                    _ => (
                        Call::Swap(dice.number(), dice.number()),
                        Returned::Swapped(dice.below(2) == 0),
                    ),
                };
                let returned = (dice.below(8) > 0).then_some(returned);
                history.push(operation(client, (called_at, time), call, returned));
            }
        }
    }
    history
}

#[test]
fn the_search_agrees_with_trying_every_order() {
    let mut dice = Dice(7);
    let mut right = 0;
    for _ in 0..3_000 {
        let history = made_up(&mut dice);
        let expected = tried_one_by_one(&history, 0);
        assert_eq!(check(&Register, &history).is_ok(), expected, "{history:#?}");
        right += usize::from(expected);
    }
    assert!((300..2_700).contains(&right), "{right} of 3,000 are right");
}

#[test]
fn a_long_history_is_checked_quickly() {
    let scenario = Scenario::new();
    let clock = Clock::new();
    let shared = Arc::new(Mutex::new(0));
    let notes = together(&scenario, 4, Duration::from_secs(30), move |number| {
        let mut client = clock.client(number);
        let mut dice = Dice(number as u64);
        for _ in 0..500 {
            let call = match dice.below(2) {
                0 => Call::Read,
                _ => Call::Write(dice.number()),
            };
            client.call(call, |call| {
                let mut held = shared.lock().unwrap();
                Some(match call {
                    Call::Write(number) => {
                        *held = *number;
                        Returned::Done
                    }
                    _ => Returned::Number(*held),
                })
            });
        }
        client.into_operations()
    });
    expect(&scenario, &Register, notes.concat(), |_| ());
}

#[test]
fn a_violation_shows_the_order_so_far_and_what_cannot_follow() {
    let mut history: Vec<_> = (0..20_u8)
        .map(|number| {
            let time = u64::from(number) * 2;
            write(0, (time, time + 1), number)
        })
        .collect();
    history.push(read(1, (50, 51), 3));
    let scenario = Scenario::new();
    scenario.step("20 writes and a read");
    let caught = catch(|| expect(&scenario, &Register, history, |_| "the register")).unwrap_err();
    let failure = Failure::recall(&caught.message).unwrap();
    assert_eq!(
        failure.expected.as_deref(),
        Some(
            "an order of the 21 operations on \"the register\" in which each takes effect \
             between its call and its return"
        )
    );
    let received = failure.received.unwrap();
    assert!(
        received.starts_with(
            "there is none. After the best order of 20 of them,\n  … 8 earlier\n  \
             [  16 to   17] client 0: Write(8) → Done"
        ),
        "{received}"
    );
    assert!(
        received.ends_with(
            "the state is 19, and none of these can come next:\n  \
             [  50 to   51] client 1: Read → Number(3)"
        ),
        "{received}"
    );
}

#[test]
fn keys_are_checked_apart() {
    // As one object, the read of 0 after the write of 1 would be wrong.
    let history = vec![write(0, (0, 1), 1), read(1, (2, 3), 0)];
    expect(&Scenario::new(), &Register, history, |call| {
        *call == Call::Read
    });
}

#[test]
fn one_action_may_answer_for_several_objects() {
    let mut client = Clock::new().client(3);
    let (numbers, span) = client.span(|| [0, 5]);
    for number in numbers {
        client.note(span, Call::Read, Some(Returned::Number(number)));
    }
    let operations = client.into_operations();
    assert_eq!(operations, [read(3, (0, 1), 0), read(3, (0, 1), 5)]);
}
