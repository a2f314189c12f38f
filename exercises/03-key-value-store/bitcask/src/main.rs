//! The program `kv`: a store in the terminal. The chapter's section on it lists the commands.
//!
//! Phase 1: `set`, `get`, `rm`, `list`, `pipe`. Phase 2: `check`. Phase 3: `stats` and the options.
//! Phase 4: `merge`.

use std::process::ExitCode;

fn main() -> ExitCode {
    todo!("phase 1: kv set, get, rm, list and pipe")
}
