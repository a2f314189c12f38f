//! Streams that do not behave.

use config_cli::Output;
use std::io::{self, ErrorKind, Read, Write};

/// Takes some bytes, and fails from then on.
pub(crate) struct Failing {
    left: usize,
    with: ErrorKind,
}

impl Failing {
    pub(crate) fn after(left: usize, with: ErrorKind) -> Self {
        Self { left, with }
    }
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(self.with.into());
        }
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Failing {}

/// Keeps what is written until it is flushed, and may fail then.
#[derive(Default)]
pub(crate) struct Buffered {
    waiting: Vec<u8>,
    pub(crate) flushed: Vec<u8>,
    fails_with: Option<ErrorKind>,
}

impl Buffered {
    pub(crate) fn that_fails(fails_with: Option<ErrorKind>) -> Self {
        Self {
            fails_with,
            ..Self::default()
        }
    }
}

impl Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(kind) = self.fails_with {
            return Err(kind.into());
        }
        self.flushed.append(&mut self.waiting);
        Ok(())
    }
}

impl Output for Buffered {}

/// A stream that leads to a terminal.
#[derive(Default)]
pub(crate) struct Terminal(pub(crate) Vec<u8>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Terminal {
    fn is_terminal(&self) -> bool {
        true
    }
}

/// A standard input that cannot be read.
pub(crate) struct Unreadable;

impl Read for Unreadable {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::PermissionDenied.into())
    }
}
