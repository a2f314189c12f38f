//! `checker watch`: a full-screen program that checks each time a file is saved.
//!
//! One channel carries everything that happens: keys, saves, what a running check reports. The
//! thread that draws waits for it and does nothing else, so that keys are answered at once
//! whatever the learner's code does. `state` decides, `view` draws, `worker` checks.

pub mod input;
mod layout;
mod page;
mod screen;
mod state;
mod view;
mod worker;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::Backend;

use self::input::Input;
use self::screen::Screen;
use self::state::{Effect, Message, State};
use self::worker::Worker;
use crate::engine::files::{self, Watching};
use crate::engine::{Engine, EngineError};
use crate::report::terminal::Look;

/// How long a cancelled check may take to end its processes before the program leaves anyway.
const FAREWELL: Duration = Duration::from_secs(3);

/// Why the program could not run.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Nobody could see it or press a key.
    #[error(
        "`checker watch` needs a terminal; `checker check {0}` checks once and prints the result"
    )]
    NotATerminal(String),
    /// The exercise cannot be opened.
    #[error(transparent)]
    Exercise(#[from] EngineError),
    /// The terminal cannot be set up or written to.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

/// How the program came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The learner quit.
    Quit,
    /// It was interrupted from elsewhere, or the terminal went away.
    Interrupted,
}

/// The program before it runs.
pub struct Watch {
    engine: Arc<dyn Engine>,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
}

/// Ends a running [`Watch`] from elsewhere, such as the handler of a signal. Clones are alike.
#[derive(Debug, Clone)]
pub struct Interrupter(Sender<Message>);

impl Interrupter {
    /// Asks the program to cancel what runs, give the terminal back, and return.
    pub fn interrupt(&self) {
        // A program that has ended needs no interruption.
        let _ = self.0.send(Message::Interrupted);
    }
}

impl Watch {
    /// Prepares the program.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>) -> Watch {
        let (sender, receiver) = mpsc::channel();
        Watch {
            engine,
            sender,
            receiver,
        }
    }

    /// What ends the program early.
    #[must_use]
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.sender.clone())
    }

    /// Runs until the learner quits or [`Interrupter::interrupt`] is called. No check is left
    /// running, and the terminal is as it was, however this returns. The panic hook is replaced
    /// meanwhile.
    ///
    /// # Errors
    /// When standard input or output is no terminal, the exercise cannot be opened, or the
    /// terminal fails.
    pub fn run(self, exercise: &str) -> Result<Ending, WatchError> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(WatchError::NotATerminal(exercise.to_owned()));
        }
        let outline = self.engine.outline(exercise)?;
        let mut screen = Screen::enter()?;
        let size = screen.terminal.size()?;
        let (state, effects) = State::new(outline, Look::for_stdout(), (size.width, size.height));
        read_input(self.sender.clone());
        let mut session = Session::new(self.engine, self.sender, self.receiver, state);
        session.perform(effects);
        let result = session.drive(&mut screen.terminal);
        // The learner has the terminal back while processes are still being ended.
        drop(screen);
        session.farewell();
        result?;
        Ok(session.ending)
    }
}

/// Reads keys on a thread that ends with the program: a read cannot be interrupted.
fn read_input(sender: Sender<Message>) {
    thread::spawn(move || {
        input::read(|input| {
            let message = match input {
                Input::Key(action) => Message::Key(action),
                Input::Resized(columns, rows) => Message::Resized(columns, rows),
                Input::Closed => Message::Interrupted,
            };
            sender.send(message).is_ok()
        });
    });
}

/// The running program: its state and all that acts for it.
struct Session {
    engine: Arc<dyn Engine>,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    state: State,
    worker: Worker,
    watching: Option<Watching>,
    ending: Ending,
}

impl Session {
    fn new(
        engine: Arc<dyn Engine>,
        sender: Sender<Message>,
        receiver: Receiver<Message>,
        state: State,
    ) -> Session {
        Session {
            engine,
            sender,
            receiver,
            state,
            worker: Worker::default(),
            watching: None,
            ending: Ending::Quit,
        }
    }

    /// Draws and waits for what happens, until the state says to quit.
    fn drive<B: Backend>(&mut self, terminal: &mut Terminal<B>) -> Result<(), B::Error> {
        while !self.state.quit {
            terminal.draw(|frame| view::draw(&self.state, frame.area(), frame.buffer_mut()))?;
            let Ok(message) = self.receiver.recv() else {
                break;
            };
            self.take(message);
            // Everything that waits is taken in before the next frame: a burst is drawn once.
            while let Ok(message) = self.receiver.try_recv() {
                self.take(message);
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message) {
        if matches!(message, Message::Interrupted) {
            self.ending = Ending::Interrupted;
        }
        let effects = self.state.update(message);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let message = match effect {
                Effect::Start {
                    run,
                    exercise,
                    phase,
                } => {
                    let engine = Arc::clone(&self.engine);
                    self.worker
                        .start(engine, run, exercise, phase, self.sender.clone());
                    continue;
                }
                Effect::Cancel => {
                    self.worker.cancel();
                    continue;
                }
                Effect::Hint { exercise, phase } => {
                    let hint = self.engine.hint(&exercise, phase);
                    Message::Hinted(hint.map_err(|error| error.to_string()))
                }
                Effect::List => Message::Listed(self.engine.exercises()),
                Effect::Open(exercise) => {
                    let outline = self.engine.outline(&exercise).map(Box::new);
                    Message::Opened(outline.map_err(|error| error.to_string()))
                }
                Effect::Watch => match self.watch_files() {
                    Ok(()) => continue,
                    Err(why) => Message::Unwatched(why),
                },
            };
            let effects = self.state.update(message);
            self.perform(effects);
        }
    }

    /// Watches the folder of the open exercise instead of the one before.
    fn watch_files(&mut self) -> Result<(), String> {
        self.watching = None;
        let exercise = self.state.outline.id.clone();
        let dir: &Path = &self.state.outline.dir;
        let sender = self.sender.clone();
        let report = move |files| {
            let exercise = exercise.clone();
            sender.send(Message::Saved { exercise, files }).is_ok()
        };
        let watching = files::watch(dir, report)
            .map_err(|error| format!("{} cannot be watched: {error}", dir.display()))?;
        self.watching = Some(watching);
        Ok(())
    }

    /// Cancels the check under way, and waits a moment for its processes to be gone.
    fn farewell(&mut self) {
        self.watching = None;
        self.worker.cancel();
        let end = Instant::now() + FAREWELL;
        while self.state.run.is_some() {
            let left = end.saturating_duration_since(Instant::now());
            match self.receiver.recv_timeout(left) {
                Ok(Message::Finished(id, result)) => {
                    self.state.quit = true;
                    let _ = self.state.update(Message::Finished(id, result));
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
