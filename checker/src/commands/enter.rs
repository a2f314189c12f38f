//! The Enter key, for a program that has nothing else to ask.

use std::io::{self, Stdin};
use std::thread;

/// Calls `pressed` whenever Enter is pressed in the terminal of this program, until the input
/// ends. A program that was sent to the background takes nothing from the shell.
pub(super) fn on_enter(mut pressed: impl FnMut() + Send + 'static) {
    thread::spawn(move || {
        let stdin = io::stdin();
        let mut line = String::new();
        while wait(&stdin) && stdin.read_line(&mut line).is_ok_and(|read| read > 0) {
            line.clear();
            pressed();
        }
    });
}

/// Waits until there is something to read, and it is for this program: reading in the background
/// would stop it. Returns whether there can be.
#[cfg(unix)]
fn wait(stdin: &Stdin) -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use rustix::process::getpgrp;
    use rustix::termios::tcgetpgrp;

    /// How long the input is left to another program before it is looked at again.
    const REST: std::time::Duration = std::time::Duration::from_millis(500);
    loop {
        let mut inputs = [PollFd::new(stdin, PollFlags::IN)];
        match poll(&mut inputs, None) {
            Ok(_) => match tcgetpgrp(stdin) {
                Ok(foreground) if foreground == getpgrp() => return true,
                Ok(_) => thread::sleep(REST),
                Err(_) => return false,
            },
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(not(unix))]
fn wait(_: &Stdin) -> bool {
    true
}
