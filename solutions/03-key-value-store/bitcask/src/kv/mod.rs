//! The commands.

mod args;
mod check;
mod escape;
mod pipe;

use args::{Cli, Command};
use bitcask::{Bitcask, Error};
use clap::Parser as _;
use escape::escaped;
use std::{
    io::{self, BufWriter, ErrorKind, Write},
    process::ExitCode,
};

/// The key is not there.
const ABSENT: u8 = 1;
/// Anything else is wrong.
const FAILURE: u8 = 2;

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] Error),
    /// The output cannot be written.
    #[error("the output: {0}")]
    Output(io::Error),
    /// The input cannot be read.
    #[error("the input: {0}")]
    Input(io::Error),
    #[error("{key}: not found")]
    Absent { key: String },
    /// The place for what is saved is taken.
    #[error("{dir}: not empty; what can be read is saved to a new directory")]
    NotEmpty { dir: String },
    /// Damage was found, and told.
    #[error("the store is damaged")]
    Damaged,
}

pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli, &mut BufWriter::new(io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::from(FAILURE)
        }
        Err(failure) => {
            // With the error stream gone, the exit code is all that is left.
            let _ = writeln!(io::stderr(), "kv: {failure}");
            if let Failure::Store(Error::Corrupt { .. }) = failure {
                let _ = writeln!(io::stderr(), "kv: kv check tells what can be saved");
            }
            ExitCode::from(match failure {
                Failure::Absent { .. } => ABSENT,
                _ => FAILURE,
            })
        }
    }
}

fn run(cli: Cli, out: &mut dyn Write) -> Result<(), Failure> {
    let Cli { store, command } = cli;
    if let Command::Check { salvage } = command {
        return check::check(&store.dir, salvage.as_deref(), out);
    }
    let opened = Bitcask::open(&store.dir, store.options())?;
    let done = on_store(&opened, &command, out);
    out.flush().map_err(Failure::Output)?;
    opened.close()?;
    done
}

fn on_store(store: &Bitcask, command: &Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Set { key, value } => {
            store.put(key.as_encoded_bytes(), value.as_encoded_bytes())?;
        }
        Command::Get { key } => {
            let key = key.as_encoded_bytes();
            let value = store.get(key)?.ok_or_else(|| absent(key))?;
            out.write_all(&value)
                .and_then(|()| out.write_all(b"\n"))
                .map_err(Failure::Output)?;
        }
        Command::Rm { key } => {
            let key = key.as_encoded_bytes();
            if !store.delete(key)? {
                return Err(absent(key));
            }
        }
        Command::List => {
            let mut keys = Vec::with_capacity(store.len());
            for item in store.iter()? {
                let (key, _) = item?;
                keys.push(key);
            }
            keys.sort_unstable();
            for key in keys {
                writeln!(out, "{}", escaped(&key)).map_err(Failure::Output)?;
            }
        }
        Command::Stats => {
            let stats = store.stats();
            let dead = stats.total_bytes.saturating_sub(stats.live_bytes);
            writeln!(
                out,
                "keys         {}\nfiles        {}\nlive bytes   {}\ntotal bytes  {} (a merge would free {dead})",
                stats.keys, stats.files, stats.live_bytes, stats.total_bytes
            )
            .map_err(Failure::Output)?;
        }
        Command::Merge => store.merge()?,
        Command::Pipe => pipe::answer(store, &mut io::stdin().lock(), out)?,
        Command::Check { .. } => {}
    }
    Ok(())
}

fn absent(key: &[u8]) -> Failure {
    Failure::Absent { key: escaped(key) }
}
