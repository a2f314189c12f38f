//! Lines, split and read.

use std::io::{self, BufReader, Read};

use tally::error::{Error, Field, ParseErrorKind};
use tally::line::{Line, LineReader, OwnedLine};
use tally::sample;

// ANCHOR: field-ends
/// Every prefix of a line lacks the end of some field, until only the latency is cut short.
#[test]
fn a_line_that_is_cut_short_names_the_first_field_that_does_not_end() {
    let text = sample::log(1, 1);
    let text = text.trim_end();
    let mut named = Vec::new();
    for end in 0..text.len() {
        if let Err(error) = Line::split(&text[..end]) {
            let ParseErrorKind::Unterminated { field, .. } = error.kind else {
                panic!("{error}");
            };
            named.push((error.column, field));
        }
    }
    named.dedup();
    let line = Line::split(text).expect("a sample line is valid");
    let fields = [
        (line.client, Field::Client),
        (line.user, Field::User),
        (line.time, Field::Time),
        (line.request, Field::Request),
        (line.status, Field::Status),
        (line.bytes, Field::Bytes),
        (line.referrer, Field::Referrer),
        (line.agent, Field::Agent),
    ];
    let column = |part: &str| part.as_ptr().addr() - text.as_ptr().addr() + 1;
    let expected = fields.map(|(part, field)| (column(part), field));
    assert_eq!(named, expected);
}
// ANCHOR_END: field-ends

// ANCHOR: borrows
/// The fields are slices of the line itself, and outlive the `Line`.
#[test]
fn fields_are_slices_of_the_text() {
    let text = sample::log(1, 1);
    let text = text.trim_end();
    let client = {
        let line = Line::split(text).expect("a sample line is valid");
        line.client
    };
    assert_eq!(client.as_ptr(), text.as_ptr());
}
// ANCHOR_END: borrows

#[test]
fn an_owned_line_outlives_its_text_and_borrows_as_the_same_line() {
    let text = sample::log(1, 1);
    let copy = text.clone();
    let owned = OwnedLine::from(Line::split(text.trim_end()).expect("a sample line is valid"));
    drop(text);
    assert_eq!(Line::split(copy.trim_end()), Ok(owned.as_line()));
}

#[test]
fn a_reader_strips_both_kinds_of_line_breaks_and_needs_none_at_the_end() {
    let mut reader = LineReader::new("one\r\n\ntwo\r\rthree".as_bytes());
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line().expect("the source does not fail") {
        lines.push(line.to_owned());
    }
    assert_eq!(lines, ["one", "", "two\r\rthree"]);
}

#[test]
fn a_line_that_is_not_utf8_is_told_with_its_place_and_passed_over() {
    let mut reader = LineReader::new(&b"one\nab\xffcd\ntwo\n"[..]);
    assert_eq!(reader.next_line().expect("valid"), Some("one"));
    let Err(Error::Parse(error)) = reader.next_line() else {
        panic!("the line was accepted");
    };
    assert_eq!((error.line, error.column), (2, 3));
    assert_eq!(error.kind, ParseErrorKind::NotUtf8);
    assert_eq!(reader.next_line().expect("valid"), Some("two"));
}

#[test]
fn errors_of_a_reader_count_all_lines() {
    let log = format!("bad\n{}bad\n", sample::log(1, 2));
    let mut reader = LineReader::new(log.as_bytes());
    let mut bad = Vec::new();
    loop {
        match reader.next_entry() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(Error::Parse(error)) => bad.push(error.line),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(bad, [1, 4]);
}

/// A source that fails after its first bytes.
struct Broken(&'static [u8]);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            count => Ok(count),
        }
    }
}

#[test]
fn a_source_that_fails_is_not_the_end_of_the_log() {
    let mut reader = LineReader::new(BufReader::new(Broken(b"one\ntw")));
    assert_eq!(reader.next_line().expect("read"), Some("one"));
    assert!(matches!(reader.next_line(), Err(Error::Read(_))));
}
