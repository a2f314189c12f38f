//! The whole program with made-up checks and a terminal in memory.

use std::sync::mpsc::{Receiver, Sender};

use ratatui::backend::TestBackend;

use super::fake::{self, Behavior, Fake};
use super::input::Action;
use super::*;
use crate::report::overview::Mark;
use crate::report::terminal::glyphs::UNICODE;
use crate::report::terminal::samples;

/// Far longer than any machine takes; only a test that fails waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

struct Program {
    send: Sender<Message>,
    tell: Sender<Behavior>,
    starts: Receiver<Option<u32>>,
    ended: thread::JoinHandle<Session>,
}

fn program() -> Program {
    let (engine, tell, starts) = Fake::new();
    let (send, receive) = mpsc::channel();
    let sender = send.clone();
    let ended = thread::spawn(move || {
        let dir = tempfile::tempdir().unwrap();
        let mut outline = fake::outline([Mark::Open; 3]);
        outline.dir = dir.path().to_path_buf();
        let (state, effects) = State::new(outline, Look::new(100, UNICODE), (100, 30));
        let mut session = Session::new(Arc::new(engine), sender, receive, state);
        session.perform(effects);
        let mut terminal = Terminal::new(TestBackend::new(100, 30)).unwrap();
        session.drive(&mut terminal).unwrap();
        session.farewell();
        session
    });
    Program {
        send,
        tell,
        starts,
        ended,
    }
}

impl Program {
    fn key(&self, action: Action) {
        self.send.send(Message::Key(action)).unwrap();
    }

    fn next_start(&self) -> Option<u32> {
        self.starts.recv_timeout(DEADLINE).unwrap()
    }
}

fn report() -> Behavior {
    let phases = vec![
        fake::core_passed(),
        fake::lookups_failed(),
        fake::removal_open(),
    ];
    Behavior::Report(Box::new(samples::report(phases)))
}

#[test]
fn keys_are_answered_while_a_check_goes_on_without_end() {
    let program = program();
    program.tell.send(Behavior::Loop).unwrap();
    assert_eq!(program.next_start(), None);
    program.key(Action::Help);
    program.key(Action::Quit);
    let session = program.ended.join().unwrap();
    assert_eq!(session.state.overlay, Some(state::Overlay::Help));
    assert!(session.state.run.is_none(), "the check has ended");
    assert_eq!(session.ending, Ending::Quit);
}

#[test]
fn a_save_ends_an_endless_check_and_starts_the_next() {
    let program = program();
    program.tell.send(Behavior::Loop).unwrap();
    program.tell.send(report()).unwrap();
    assert_eq!(program.next_start(), None);
    let saved = Message::Saved {
        exercise: "lru-cache".to_owned(),
        files: vec!["src/cache.rs".to_owned()],
    };
    program.send.send(saved).unwrap();
    assert_eq!(program.next_start(), None);
    program.key(Action::Quit);
    program.ended.join().unwrap();
}

#[test]
fn a_panic_of_the_checker_is_shown_and_the_program_goes_on() {
    let program = program();
    program.tell.send(Behavior::Panic).unwrap();
    assert_eq!(program.next_start(), None);
    program.tell.send(report()).unwrap();
    program.key(Action::Again);
    assert_eq!(program.next_start(), None);
    program.key(Action::Quit);
    program.ended.join().unwrap();
}

#[test]
fn an_interruption_ends_the_program() {
    let program = program();
    program.tell.send(Behavior::Loop).unwrap();
    Interrupter(program.send.clone()).interrupt();
    let session = program.ended.join().unwrap();
    assert_eq!(session.ending, Ending::Interrupted);
    assert!(session.state.run.is_none(), "the check has ended");
}
