//! Takes the terminal over, and gives it back on every way out.

use std::io::{self, Stdout};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::thread;

use crossterm::cursor::Show;
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// The terminal while the program has it. Dropping this gives it back.
pub(super) struct Screen {
    /// Where to draw.
    pub(super) terminal: Terminal<CrosstermBackend<Stdout>>,
    before: Arc<Hook>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// A panic on this thread gives the terminal back before it is reported. Panics on other
    /// threads are not printed: they would damage the screen, and whoever started the thread
    /// learns of them.
    ///
    /// # Errors
    /// When the terminal cannot be set up; it is given back then, too.
    pub(super) fn enter() -> io::Result<Screen> {
        let before: Arc<Hook> = Arc::from(panic::take_hook());
        let (own, hook) = (thread::current().id(), Arc::clone(&before));
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == own {
                restore();
                hook(info);
            }
        }));
        let terminal = take_over();
        if terminal.is_err() {
            restore();
        }
        match terminal {
            Ok(terminal) => Ok(Screen { terminal, before }),
            Err(error) => {
                put_back(&before);
                Err(error)
            }
        }
    }
}

fn take_over() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    terminal.clear()?;
    Ok(terminal)
}

/// Does all of it even if a part fails: the terminal may be gone.
fn restore() {
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

fn put_back(hook: &Arc<Hook>) {
    // The hook cannot be changed while panicking, and it has done its work then.
    if !thread::panicking() {
        let hook = Arc::clone(hook);
        panic::set_hook(Box::new(move |info| hook(info)));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
        put_back(&self.before);
    }
}
