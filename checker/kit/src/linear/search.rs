//! The search for an order.

use super::Operation;
use std::{
    collections::HashSet,
    fmt::{self, Debug, Display, Write},
    hash::Hash,
};

/// Of a long order, this many last operations are shown.
const SHOWN: usize = 12;

/// What one object does, if operations come one after the other.
pub trait Model {
    /// All that later answers depend on.
    type State: Clone + Eq + Hash + Debug;
    /// What can be asked for.
    type Call: Debug;
    /// An answer.
    type Returned: Debug;

    /// The state before the first operation.
    fn initial(&self) -> Self::State;

    /// The state after `call` if it may answer `returned` in `state`, and `None` if it may not.
    /// Without an answer, the state after the call has taken effect.
    fn step(
        &self,
        state: &Self::State,
        call: &Self::Call,
        returned: Option<&Self::Returned>,
    ) -> Option<Self::State>;
}

/// A history that is not linearizable, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// As many operations as can be put into an order, by their place in the history.
    pub order: Vec<usize>,
    /// The operations of which one has to come next, and none can.
    pub stuck: Vec<usize>,
    text: String,
}

impl Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Whether the operations on one object, in any order, are linearizable.
///
/// # Errors
///
/// The longest order that was found, and why it cannot go on.
pub fn check<M: Model>(
    model: &M,
    operations: &[Operation<M::Call, M::Returned>],
) -> Result<(), Violation> {
    let mut pending = Pending::new(operations);
    let mut done = Set::of(operations.len());
    let mut state = model.initial();
    let mut taken: Vec<(usize, M::State)> = Vec::new();
    let mut tried: HashSet<(Set, M::State)> = HashSet::new();
    let mut deepest = Deepest {
        order: Vec::new(),
        stuck: pending.candidates(),
        state: state.clone(),
    };
    let mut at = pending.first();
    while pending.answers > 0 {
        match at.map(|place| (place, pending.events[place])) {
            Some((place, Event::Call(number))) => {
                let operation = &operations[number];
                let after = model.step(&state, &operation.call, operation.returned.as_ref());
                let news = after.filter(|after| {
                    done.insert(number);
                    tried.insert((done.clone(), after.clone())) || {
                        done.remove(number);
                        false
                    }
                });
                at = if let Some(after) = news {
                    taken.push((number, std::mem::replace(&mut state, after)));
                    pending.take(number);
                    if taken.len() > deepest.order.len() && pending.answers > 0 {
                        deepest.order = taken.iter().map(|(number, _)| *number).collect();
                        deepest.stuck = pending.candidates();
                        deepest.state = state.clone();
                    }
                    pending.first()
                } else {
                    pending.after(place)
                };
            }
            // The operation that answered here had to come before, and could not.
            Some((_, Event::Return)) | None => {
                let Some((number, before)) = taken.pop() else {
                    return Err(deepest.violation(operations));
                };
                state = before;
                done.remove(number);
                pending.put_back(number);
                at = pending.after(pending.places[number].0);
            }
        }
    }
    Ok(())
}

/// The order that got furthest.
struct Deepest<S> {
    order: Vec<usize>,
    stuck: Vec<usize>,
    state: S,
}

impl<S: Debug> Deepest<S> {
    fn violation<C: Debug, R: Debug>(self, operations: &[Operation<C, R>]) -> Violation {
        let mut text = String::from("there is none. ");
        let left_out = self.order.len().saturating_sub(SHOWN);
        // Writing to a string cannot fail.
        let _ = match self.order.len() {
            0 => write!(text, "At the beginning"),
            all => write!(text, "After the best order of {all} of them,"),
        };
        if left_out > 0 {
            let _ = write!(text, "\n  … {left_out} earlier");
        }
        for number in &self.order[left_out..] {
            let _ = write!(text, "\n  {}", operations[*number]);
        }
        let _ = write!(
            text,
            "\nthe state is {:?}, and none of these can come next:",
            self.state
        );
        for number in &self.stuck {
            let _ = write!(text, "\n  {}", operations[*number]);
        }
        Violation {
            order: self.order,
            stuck: self.stuck,
            text,
        }
    }
}

#[derive(Clone, Copy)]
enum Event {
    Call(usize),
    Return,
}

/// The calls and returns of the operations that are not in the order yet, by time: a list of which
/// the search takes a call with its return, and puts both back as it backtracks.
struct Pending {
    events: Vec<Event>,
    /// For each place, and for the end of the list, the places before and after.
    links: Vec<(usize, usize)>,
    /// Where each operation's call and return are. What nobody knows the answer of has no return.
    places: Vec<(usize, Option<usize>)>,
    /// How many returns are left.
    answers: usize,
}

impl Pending {
    fn new<C, R>(operations: &[Operation<C, R>]) -> Self {
        let mut times: Vec<(u64, usize, bool)> = Vec::with_capacity(operations.len() * 2);
        for (number, operation) in operations.iter().enumerate() {
            times.push((operation.called_at, number, true));
            if operation.returned.is_some() {
                times.push((operation.returned_at, number, false));
            }
        }
        times.sort_unstable();
        let mut places = vec![(0, None); operations.len()];
        let mut events = Vec::with_capacity(times.len());
        for (place, (_, number, is_call)) in times.into_iter().enumerate() {
            if is_call {
                places[number].0 = place;
                events.push(Event::Call(number));
            } else {
                places[number].1 = Some(place);
                events.push(Event::Return);
            }
        }
        let end = events.len();
        let links = (0..=end)
            .map(|place| ((place + end) % (end + 1), (place + 1) % (end + 1)))
            .collect();
        Self {
            answers: places.iter().filter(|(_, answer)| answer.is_some()).count(),
            events,
            links,
            places,
        }
    }

    /// The first place in the list.
    fn first(&self) -> Option<usize> {
        self.after(self.events.len())
    }

    /// The place after `place`, also after one that was just put back.
    fn after(&self, place: usize) -> Option<usize> {
        let next = self.links[place].1;
        (next < self.events.len()).then_some(next)
    }

    fn take(&mut self, number: usize) {
        let (call, answer) = self.places[number];
        self.unlink(call);
        if let Some(answer) = answer {
            self.unlink(answer);
            self.answers -= 1;
        }
    }

    /// Undoes the last `take` that was not undone.
    fn put_back(&mut self, number: usize) {
        let (call, answer) = self.places[number];
        if let Some(answer) = answer {
            self.link(answer);
            self.answers += 1;
        }
        self.link(call);
    }

    fn unlink(&mut self, place: usize) {
        let (before, after) = self.links[place];
        self.links[before].1 = after;
        self.links[after].0 = before;
    }

    fn link(&mut self, place: usize) {
        let (before, after) = self.links[place];
        self.links[before].1 = place;
        self.links[after].0 = place;
    }

    /// The operations that were called before the first answer: one of them comes next.
    fn candidates(&self) -> Vec<usize> {
        let mut candidates = Vec::new();
        let mut at = self.first();
        while let Some(place) = at {
            let Event::Call(number) = self.events[place] else {
                break;
            };
            candidates.push(number);
            at = self.after(place);
        }
        candidates
    }
}

/// A set of operations.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Set(Box<[u64]>);

impl Set {
    fn of(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)].into())
    }

    fn insert(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    fn remove(&mut self, number: usize) {
        self.0[number / 64] &= !(1 << (number % 64));
    }
}
