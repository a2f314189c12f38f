//! The program `kv`: a store in the terminal.

use std::process::ExitCode;

mod kv;

fn main() -> ExitCode {
    kv::main()
}
