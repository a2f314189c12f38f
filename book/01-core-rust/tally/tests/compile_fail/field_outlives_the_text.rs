//! A field borrows from the text of its line.

use tally::line::Line;

fn main() -> Result<(), tally::error::ParseError> {
    let client = {
        let text = tally::sample::log(1, 1);
        Line::split(&text)?.client
    };
    assert_ne!(client, "");
    Ok(())
}
