//! How a store is opened. This file is complete.

/// How a store writes.
///
/// ```
/// use bitcask::{Options, Sync};
///
/// let options = Options { sync: Sync::Never, ..Options::default() };
/// assert_eq!(options.max_file_size, 64 << 20);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The length in bytes that a file does not exceed, unless it has a single record that is
    /// longer by itself. The default is 64 MiB.
    pub max_file_size: u64,
    /// When a write is acknowledged. The default is [`Sync::Always`].
    pub sync: Sync,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_file_size: 64 << 20,
            sync: Sync::default(),
        }
    }
}

/// When a write is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sync {
    /// When it is durable: it is there after a kill and after a power failure.
    #[default]
    Always,
    /// At once. It becomes durable with [`sync`](crate::Bitcask::sync),
    /// [`close`](crate::Bitcask::close), when its file is sealed, or when the system pleases. A
    /// killed process may lose it, too.
    Never,
}
