//! What a process printed: all of it up to a size, or its head and its tail.

use std::collections::VecDeque;

/// Bytes shown from the beginning and from the end.
const SHOWN: usize = 16 * 1024;
/// Bytes of the end that are kept: room for the last line, which carries a failure's evidence.
const TAIL: usize = 1024 * 1024;

/// How much of a stream is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep {
    /// The first bytes and the last.
    HeadAndTail,
    /// Everything up to this many bytes.
    UpTo(usize),
}

/// A stream as far as it is kept.
#[derive(Debug)]
pub(super) struct Capture {
    head: Vec<u8>,
    head_room: usize,
    tail: VecDeque<u8>,
    tail_room: usize,
    total: u64,
}

impl Capture {
    pub(super) fn new(keep: Keep) -> Capture {
        let (head_room, tail_room) = match keep {
            Keep::HeadAndTail => (SHOWN, TAIL),
            Keep::UpTo(bytes) => (bytes, 0),
        };
        Capture {
            head: Vec::new(),
            head_room,
            tail: VecDeque::new(),
            tail_room,
            total: 0,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (head, rest) = bytes.split_at(bytes.len().min(self.head_room - self.head.len()));
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(self.tail_room)..];
        let over = (self.tail.len() + rest.len()).saturating_sub(self.tail_room);
        self.tail.drain(..over);
        self.tail.extend(rest);
    }

    /// The first bytes, up to the room for them.
    pub(super) fn into_head(self) -> Vec<u8> {
        self.head
    }

    /// The last bytes that are kept: the whole stream if it is short.
    pub(super) fn end(&self) -> Vec<u8> {
        let is_whole = self.total == (self.head.len() + self.tail.len()) as u64;
        let head = if is_whole { self.head.as_slice() } else { &[] };
        head.iter().chain(&self.tail).copied().collect()
    }

    /// The stream for people, without its last `hidden` bytes.
    pub(super) fn shown(&self, hidden: usize) -> String {
        let total = self.total - (hidden as u64).min(self.total);
        let end = self.end();
        let end = &end[..end.len().saturating_sub(hidden)];
        if total <= end.len() as u64 && total <= 2 * SHOWN as u64 {
            return String::from_utf8_lossy(end).into_owned();
        }
        // A stream that is cut is longer than the head.
        let head = whole_characters_at_end(&self.head[..self.head.len().min(SHOWN)]);
        let tail = whole_characters_at_start(&end[end.len().saturating_sub(SHOWN)..]);
        let left_out = total.saturating_sub((head.len() + tail.len()) as u64);
        format!(
            "{}\n… {left_out} bytes left out …\n{}",
            String::from_utf8_lossy(head),
            String::from_utf8_lossy(tail)
        )
    }
}

/// The bytes without the first few, where these continue a character of UTF-8.
fn whole_characters_at_start(bytes: &[u8]) -> &[u8] {
    let continued = bytes
        .iter()
        .take(3)
        .take_while(|byte| is_continuation(**byte))
        .count();
    &bytes[continued..]
}

/// The bytes without the last few, where these begin a character of UTF-8 and do not end it.
fn whole_characters_at_end(bytes: &[u8]) -> &[u8] {
    let continued = bytes
        .iter()
        .rev()
        .take(3)
        .take_while(|byte| is_continuation(**byte))
        .count();
    let Some(start) = bytes.len().checked_sub(continued + 1) else {
        return bytes;
    };
    let needed = match bytes[start] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    if needed > continued + 1 {
        &bytes[..start]
    } else {
        bytes
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(keep: Keep, chunks: &[&[u8]]) -> Capture {
        let mut capture = Capture::new(keep);
        for chunk in chunks {
            capture.push(chunk);
        }
        capture
    }

    #[test]
    fn a_short_stream_is_shown_whole() {
        let capture = capture(Keep::HeadAndTail, &[b"one ", b"two"]);
        assert_eq!(capture.shown(0), "one two");
        assert_eq!(capture.shown(4), "one");
        assert_eq!(capture.end(), b"one two");
    }

    #[test]
    fn a_long_stream_is_shown_by_its_head_and_its_tail() {
        let middle = vec![b'.'; 3_000_000];
        let capture = capture(
            Keep::HeadAndTail,
            &[b"first ", &middle, b" last", b"hidden"],
        );
        let shown = capture.shown(6);
        assert!(shown.starts_with("first ..."), "{}", &shown[..20]);
        assert!(
            shown.ends_with("... last"),
            "{}",
            &shown[shown.len() - 20..]
        );
        let left_out = 3_000_000 + 6 + 5 - 2 * SHOWN;
        assert!(shown.contains(&format!("\n… {left_out} bytes left out …\n")));
        assert!(shown.len() < 2 * SHOWN + 100);
    }

    #[test]
    fn a_stream_between_the_shown_and_the_kept_size_is_cut_once() {
        let middle = vec![b'.'; 2 * SHOWN];
        let capture = capture(Keep::HeadAndTail, &[b"first", &middle, b"last"]);
        let shown = capture.shown(0);
        assert!(shown.contains("\n… 9 bytes left out …\n"));
        assert!(shown.starts_with("first.") && shown.ends_with(".last"));
        assert_eq!(capture.end().len(), 2 * SHOWN + 9);
    }

    #[test]
    fn characters_are_not_torn_at_the_cuts() {
        for shift in 0..3 {
            let text = "x".repeat(shift) + &"日".repeat(40_000);
            let shown = capture(Keep::HeadAndTail, &[text.as_bytes()]).shown(0);
            assert!(
                !shown.contains(char::REPLACEMENT_CHARACTER),
                "shifted by {shift}"
            );
        }
    }

    #[test]
    fn a_stream_kept_whole_ends_at_its_room() {
        let capture = capture(Keep::UpTo(5), &[b"abc", b"defg"]);
        assert_eq!(capture.into_head(), b"abcde");
    }
}
