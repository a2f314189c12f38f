//! Commands from a pipe, each answered before the next is read.

use super::Failure;
use bitcask::{Bitcask, MAX_KEY_LEN, MAX_VALUE_LEN, Result};
use std::io::{self, BufRead, Read as _, Write};

/// The longest line that can be a command, with its line feed.
const MAX_LINE_LEN: u64 = (MAX_KEY_LEN + MAX_VALUE_LEN + 16) as u64;

/// Answers every line of `input` with a line.
///
/// An error of the store is an answer and ends nothing.
pub(super) fn answer(
    store: &Bitcask,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.take(MAX_LINE_LEN).read_until(b'\n', &mut line);
        if read.map_err(Failure::Input)? == 0 {
            return Ok(());
        }
        let answer = if line.last() == Some(&b'\n') {
            line.pop();
            execute(store, &line)
        } else if (line.len() as u64) < MAX_LINE_LEN {
            execute(store, &line)
        } else {
            input.skip_until(b'\n').map_err(Failure::Input)?;
            b"error: the line is too long".to_vec()
        };
        send(out, &answer).map_err(Failure::Output)?;
    }
}

fn send(out: &mut dyn Write, answer: &[u8]) -> io::Result<()> {
    out.write_all(answer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The answer to one line.
fn execute(store: &Bitcask, line: &[u8]) -> Vec<u8> {
    let (command, rest) = split_word(line);
    let answer = match (command, rest) {
        (b"set", Some(rest)) => match split_word(rest) {
            (key, Some(value)) => store.put(key, value).map(|()| b"ok".to_vec()),
            _ => return usage(),
        },
        (b"get", Some(key)) if !key.contains(&b' ') => store.get(key).map(told),
        (b"rm", Some(key)) if !key.contains(&b' ') => store.delete(key).map(|was_there| {
            let answer: &[u8] = if was_there { b"ok" } else { b"absent" };
            answer.to_vec()
        }),
        _ => return usage(),
    };
    answer.unwrap_or_else(|error| format!("error: {error}").into_bytes())
}

/// The first word, and what comes behind the space after it.
fn split_word(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b' ') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn told(value: Option<Vec<u8>>) -> Vec<u8> {
    match value {
        None => b"absent".to_vec(),
        Some(value) if value.contains(&b'\n') => {
            b"error: the value has a line feed: use kv get".to_vec()
        }
        Some(value) => [b"= ", &value[..]].concat(),
    }
}

fn usage() -> Vec<u8> {
    b"error: a line is set KEY VALUE, get KEY or rm KEY".to_vec()
}
