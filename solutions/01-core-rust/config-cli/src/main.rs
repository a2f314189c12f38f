//! The program `conf`: hands the process to [`config_cli::run`]. This file is complete.

use std::io::{self, BufWriter};

use config_cli::{Exit, run};

fn main() -> Exit {
    run(
        std::env::args_os(),
        std::env::vars_os(),
        &mut io::stdin().lock(),
        &mut BufWriter::new(io::stdout().lock()),
        &mut io::stderr().lock(),
    )
}
