//! Prints a sample log: `cargo run --example sample -- LINES [SEED]`.

use std::error::Error;
use std::io::{self, Write};

use tally::sample::Sample;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let lines = args.next().ok_or("how many lines?")?.parse()?;
    let seed = args.next().map_or(Ok(1), |seed| seed.parse())?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in Sample::new(seed).take(lines) {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}
