//! What happened, as each client saw it.

use std::{
    fmt::{self, Debug, Display},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// One call and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation<C, R> {
    /// Who called. A client does one operation after the other.
    pub client: usize,
    /// What was asked for.
    pub call: C,
    /// The answer; `None` if it is not known whether the operation took effect. It may then have
    /// taken effect at any moment after its call, or never.
    pub returned: Option<R>,
    /// When it was called, in ticks of the history's clock.
    pub called_at: u64,
    /// When it returned; later than `called_at`.
    pub returned_at: u64,
}

impl<C: Debug, R: Debug> Display for Operation<C, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            call,
            called_at,
            returned_at,
            ..
        } = self;
        write!(
            formatter,
            "[{called_at:>4} to {returned_at:>4}] client {client}: {call:?} → "
        )?;
        match &self.returned {
            Some(returned) => write!(formatter, "{returned:?}"),
            None => formatter.write_str("unknown"),
        }
    }
}

/// The clock of one history. It ticks with every call and every return.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ticks: Arc<AtomicU64>,
}

impl Clock {
    /// A clock at its first tick.
    pub fn new() -> Self {
        Self::default()
    }

    /// A client that notes what it does by this clock. Each thread needs one of its own, with a
    /// number of its own.
    pub fn client<C, R>(&self, number: usize) -> Client<C, R> {
        Client {
            clock: self.clone(),
            number,
            operations: Vec::new(),
        }
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }
}

/// The notes of one client.
#[derive(Debug)]
pub struct Client<C, R> {
    clock: Clock,
    number: usize,
    operations: Vec<Operation<C, R>>,
}

/// When something began and when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    called_at: u64,
    returned_at: u64,
}

impl<C, R> Client<C, R> {
    /// Runs `body` and notes when it began, when it ended, and what it returned: `None` if it is
    /// not known whether it took effect.
    pub fn call(&mut self, call: C, body: impl FnOnce(&C) -> Option<R>) {
        let (returned, span) = self.span(|| body(&call));
        self.note(span, call, returned);
    }

    /// Runs `body`, for one action whose answers come later or concern several objects. Each is to
    /// be noted with the span that is returned.
    pub fn span<T>(&self, body: impl FnOnce() -> T) -> (T, Span) {
        let called_at = self.clock.tick();
        let result = body();
        let returned_at = self.clock.tick();
        let span = Span {
            called_at,
            returned_at,
        };
        (result, span)
    }

    /// Notes an answer: `None` if it is not known whether the operation took effect.
    pub fn note(&mut self, span: Span, call: C, returned: Option<R>) {
        self.operations.push(Operation {
            client: self.number,
            call,
            returned,
            called_at: span.called_at,
            returned_at: span.returned_at,
        });
    }

    /// What the client did, in order.
    pub fn into_operations(self) -> Vec<Operation<C, R>> {
        self.operations
    }
}
