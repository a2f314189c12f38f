//! A line is gone when the next one is read.

use tally::line::LineReader;

fn main() -> Result<(), tally::error::Error> {
    let mut reader = LineReader::new("one\ntwo\n".as_bytes());
    let one = reader.next_line()?;
    let two = reader.next_line()?;
    assert_ne!(one, two);
    Ok(())
}
