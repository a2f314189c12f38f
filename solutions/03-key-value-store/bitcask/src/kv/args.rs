//! The command line.

use bitcask::{Options, Sync};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{ffi::OsString, path::PathBuf};

const ABOUT: &str = "Keep values under keys, on a disk that may fail at any moment.";

const EXAMPLES: &str = "\
Examples:
  kv set ada 1815
  kv get ada
  kv --dir /var/lib/store list
  printf 'set dog pug\\nget dog\\n' | kv pipe
  kv check --salvage saved

Exit codes: 0 all is well, 1 the KEY is not there, 2 anything else is wrong";

/// The whole command line.
#[derive(Parser)]
#[command(name = "kv", version, about = ABOUT, after_help = EXAMPLES, term_width = 80)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) store: Store,

    #[command(subcommand)]
    pub(super) command: Command,
}

/// Which store, and how it is opened.
#[derive(Args)]
pub(super) struct Store {
    /// The directory of the store
    #[arg(long, value_name = "DIR", env = "KV_DIR", default_value = ".kv")]
    pub(super) dir: PathBuf,

    /// When a write is acknowledged: always = when it is durable, never = at once
    #[arg(long, value_enum, value_name = "WHEN", default_value = "always")]
    sync: When,

    /// Begin a new file before one gets longer than this
    #[arg(long, value_name = "BYTES", default_value_t = Options::default().max_file_size)]
    max_file_size: u64,
}

impl Store {
    pub(super) fn options(&self) -> Options {
        Options {
            max_file_size: self.max_file_size,
            sync: match self.sync {
                When::Always => Sync::Always,
                When::Never => Sync::Never,
            },
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum When {
    Always,
    Never,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Put VALUE under KEY
    Set {
        #[arg(allow_hyphen_values = true)]
        key: OsString,
        #[arg(allow_hyphen_values = true)]
        value: OsString,
    },
    /// Print the value under KEY
    Get {
        #[arg(allow_hyphen_values = true)]
        key: OsString,
    },
    /// Delete KEY
    Rm {
        #[arg(allow_hyphen_values = true)]
        key: OsString,
    },
    /// Print all keys, sorted, one a line, with unprintable bytes escaped
    List,
    /// Print how many keys, files and bytes there are
    Stats,
    /// Free the space of what was overwritten or deleted
    Merge,
    /// Examine every file, and say what is damaged and what can be read
    Check {
        /// Write what can be read to a new store in this directory
        #[arg(long, value_name = "NEW_DIR")]
        salvage: Option<PathBuf>,
    },
    /// Read commands from the input, a line each, and answer each with a line
    ///
    /// set KEY VALUE, get KEY, rm KEY; KEY is a word, VALUE the rest of the line. The answers are:
    /// ok (after the write is durable), the value as "= VALUE", absent, or "error: ...".
    Pipe,
}
