//! Panics: caught, silenced, and remembered with their place.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::VecDeque,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread::{self, ThreadId},
};

/// As many panics are remembered as could matter for one test.
const REMEMBERED: usize = 64;

/// A panic that was seen by the hook or caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// What the panic said.
    pub message: String,
    /// `file:line:column`, if the kit's hook saw it.
    pub location: Option<String>,
}

impl Panic {
    /// What a `todo!()` or `unimplemented!()` says is missing, if this panic is one.
    pub fn unimplemented(&self) -> Option<&str> {
        let rest = ["not yet implemented", "not implemented"]
            .iter()
            .find_map(|start| self.message.strip_prefix(start))?;
        match rest.strip_prefix(": ") {
            Some(what) => Some(what),
            None if rest.is_empty() => Some("not yet implemented"),
            None => None,
        }
    }
}

/// Runs `body` and catches its panic, without a word on the error stream.
///
/// A `todo!()` is no panic that a test could expect: it goes on unwinding.
pub fn catch<T>(body: impl FnOnce() -> T) -> Result<T, Panic> {
    catch_payload(body).map_err(|(panic, payload)| {
        if panic.unimplemented().is_some() {
            panic::resume_unwind(payload);
        }
        panic
    })
}

/// Like [`catch`], with the payload for whoever wants to go on unwinding.
pub(crate) fn catch_payload<T>(
    body: impl FnOnce() -> T,
) -> Result<T, (Panic, Box<dyn Any + Send>)> {
    install();
    LAST.with(|last| last.borrow_mut().take());
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    QUIET.set(before);
    result.map_err(|payload| (describe(&*payload), payload))
}

/// The panic that a payload belongs to, with its place: that of this thread's last panic if it was
/// that one, else that of the last one on any thread with the same message.
pub(crate) fn describe(payload: &(dyn Any + Send)) -> Panic {
    let message = text(payload);
    let last = LAST.with(|last| last.borrow().clone());
    if let Some(last) = last.filter(|last| last.message == message) {
        return last;
    }
    let log = log();
    let mut newest_first = log.loud.iter().rev().map(|(_, panic)| panic);
    let location = newest_first
        .find(|panic| panic.message == message)
        .and_then(|panic| panic.location.clone());
    Panic { message, location }
}

/// What all threads of this process have panicked with, in order.
#[derive(Default)]
pub(crate) struct Log {
    /// The first `todo!()` that was reached, on any thread, caught or not.
    pub(crate) unimplemented: Option<Panic>,
    /// The first thing that the machine was found to lack, on any thread, caught or not.
    pub(crate) fault: Option<String>,
    /// Panics that nobody was waiting for, oldest first.
    pub(crate) loud: VecDeque<(ThreadId, Panic)>,
}

pub(crate) fn log() -> MutexGuard<'static, Log> {
    static LOG: Mutex<Log> = Mutex::new(Log {
        unimplemented: None,
        fault: None,
        loud: VecDeque::new(),
    });
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Panics because the machine, or whoever started the test, is at fault: the code under test is
/// not blamed, whatever it makes of this panic.
#[track_caller]
pub(crate) fn fault(message: String) -> ! {
    log().fault.get_or_insert_with(|| message.clone());
    panic!("{message}")
}

/// Puts the kit's hook before the one that is there, once in the life of the process.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let quiet = QUIET.try_with(Cell::get).unwrap_or(false);
            remember(info, quiet);
            let shown_as_card = crate::failure::is_raising() && crate::process::is_reporting();
            if !quiet && !shown_as_card {
                print(info);
            }
        }));
    });
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

fn remember(info: &PanicHookInfo<'_>, quiet: bool) {
    let panic = Panic {
        message: text(info.payload()),
        location: info.location().map(ToString::to_string),
    };
    let mut log = log();
    if panic.unimplemented().is_some() {
        log.unimplemented.get_or_insert_with(|| panic.clone());
    }
    if !quiet {
        log.loud.truncate(REMEMBERED - 1);
        log.loud.push_back((thread::current().id(), panic.clone()));
    }
    drop(log);
    let _ = LAST.try_with(|last| last.replace(Some(panic)));
}

fn text(payload: &(dyn Any + Send)) -> String {
    match (
        payload.downcast_ref::<&'static str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic whose value is not a string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caught_panic_has_its_message_and_its_place() {
        let line = line!() + 1;
        let caught = catch(|| panic!("number {}", 7)).unwrap_err();
        assert_eq!(caught.message, "number 7");
        let location = caught.location.unwrap();
        assert!(location.contains("panics.rs"), "{location}");
        assert!(location.contains(&format!(":{line}:")), "{location}");
    }

    #[test]
    fn a_panic_of_another_thread_keeps_its_place() {
        install();
        let line = line!() + 1;
        let thread = thread::spawn(|| panic!("said on another thread"));
        let payload = thread.join().unwrap_err();
        let location = describe(&*payload).location.unwrap();
        assert!(location.contains(&format!(":{line}:")), "{location}");
    }

    #[test]
    fn a_body_that_does_not_panic_returns_its_value() {
        assert_eq!(catch(|| 5), Ok(5));
    }

    #[test]
    fn a_todo_passes_through_and_is_remembered() {
        let outer = panic::catch_unwind(|| catch(|| todo!("phase 2: look-ups")));
        assert_eq!(
            describe(&*outer.unwrap_err()).unimplemented(),
            Some("phase 2: look-ups")
        );
        assert!(log().unimplemented.is_some());
    }

    #[test]
    fn only_the_messages_of_todo_and_unimplemented_count_as_such() {
        let said = |message: &str| Panic {
            message: message.to_owned(),
            location: None,
        };
        assert_eq!(
            said("not yet implemented").unimplemented(),
            Some("not yet implemented")
        );
        assert_eq!(
            said("not implemented: later").unimplemented(),
            Some("later")
        );
        assert_eq!(said("not implemented yet, sorry").unimplemented(), None);
        assert_eq!(said("it is not implemented").unimplemented(), None);
    }

    #[test]
    fn a_payload_that_is_no_string_is_named_as_such() {
        let caught = catch(|| panic::panic_any(5_u8)).unwrap_err();
        assert_eq!(caught.message, "a panic whose value is not a string");
    }
}
