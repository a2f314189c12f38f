//! Takes the terminal over, and gives it back on every way out.

use std::io::{self, Stdout};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Undoes it all when dropped.
    _hold: Hold,
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
        let hold = Hold::take()?;
        execute!(io::stdout(), EnterAlternateScreen)?;
        let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        terminal.clear()?;
        Ok(Screen {
            terminal,
            _hold: hold,
        })
    }
}

/// What has to be undone: raw mode, the other screen, the panic hook.
struct Hold {
    held: Arc<AtomicBool>,
    hook: Arc<Hook>,
}

impl Hold {
    fn take() -> io::Result<Hold> {
        enable_raw_mode()?;
        let held = Arc::new(AtomicBool::new(true));
        let hook: Arc<Hook> = Arc::from(panic::take_hook());
        let (own, before) = (thread::current().id(), Arc::clone(&hook));
        let flag = Arc::clone(&held);
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == own {
                restore(&flag);
                before(info);
            }
        }));
        Ok(Hold { held, hook })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        restore(&self.held);
        // The hook cannot be changed while panicking, and it has done its work then.
        if !thread::panicking() {
            let hook = Arc::clone(&self.hook);
            panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

/// Gives the terminal back, once: leaving the other screen twice would move the cursor into what
/// was printed since. All of it is tried even if a part fails, because the terminal may be gone.
fn restore(held: &AtomicBool) {
    if held.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}
