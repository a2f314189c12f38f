//! `tally` answers questions about web server access logs.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
