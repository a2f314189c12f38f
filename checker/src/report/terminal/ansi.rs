//! Reads the colors that rustc writes, so that they can be drawn by whoever draws.

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor, Style};

use super::palette::PLAIN;
use super::text::{Line, Span, Wrap};

/// Lines as rustc rendered them: colors are kept, every other control sequence is left out.
#[must_use]
pub fn lines(rendered: &str) -> Vec<Line> {
    let mut style = PLAIN;
    rendered
        .trim_end()
        .lines()
        .map(|text| Line {
            spans: spans(text, &mut style),
            hang: 0,
            wrap: Wrap::Never,
        })
        .collect()
}

/// Text without escape sequences; every other character is kept.
#[must_use]
pub fn strip(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\x1b') {
        plain.push_str(&rest[..start]);
        (_, rest) = split_sequence(&rest[start + 1..]);
    }
    plain.push_str(rest);
    plain
}

fn spans(text: &str, style: &mut Style) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut push = |text: &str, style| {
        if !text.is_empty() {
            spans.push(Span::new(text, style));
        }
    };
    let mut rest = text;
    while let Some(start) = rest.find('\x1b') {
        push(&rest[..start], *style);
        let (sequence, after) = split_sequence(&rest[start + 1..]);
        if let Sequence::Color(parameters) = sequence {
            apply(style, parameters);
        }
        rest = after;
    }
    push(rest, *style);
    spans
}

enum Sequence<'a> {
    /// `ESC [ … m`.
    Color(&'a str),
    /// Any other.
    Other,
}

/// Takes the sequence that follows an escape character from the text after it.
fn split_sequence(text: &str) -> (Sequence<'_>, &str) {
    if let Some(body) = text.strip_prefix('[') {
        // A sequence never spans lines: what looks like one is cut at the end of its line.
        let end = body.find(|c: char| c == '\n' || ('\x40'..='\x7e').contains(&c));
        return match end {
            Some(end) if body[end..].starts_with('m') => {
                (Sequence::Color(&body[..end]), &body[end + 1..])
            }
            Some(end) if body[end..].starts_with('\n') => (Sequence::Other, &body[end..]),
            Some(end) => (Sequence::Other, &body[end + 1..]),
            None => (Sequence::Other, ""),
        };
    }
    if let Some(body) = text.strip_prefix(']') {
        // Operating-system commands, such as links, end with BEL or ESC \.
        let bell = body.find('\x07').map(|at| (at, 1));
        let string = body.find("\x1b\\").map(|at| (at, 2));
        let end = [bell, string].into_iter().flatten().min();
        return (
            Sequence::Other,
            end.map_or("", |(at, length)| &body[at + length..]),
        );
    }
    let mut chars = text.chars();
    chars.next();
    (Sequence::Other, chars.as_str())
}

fn apply(style: &mut Style, parameters: &str) {
    let mut codes = parameters
        .split([';', ':'])
        .map(|code| code.parse::<u8>().unwrap_or(0));
    while let Some(code) = codes.next() {
        *style = match code {
            0 => PLAIN,
            1 => style.effects(style.get_effects() | Effects::BOLD),
            2 => style.effects(style.get_effects() | Effects::DIMMED),
            3 => style.effects(style.get_effects() | Effects::ITALIC),
            4 => style.effects(style.get_effects() | Effects::UNDERLINE),
            22 => style.effects(style.get_effects() - Effects::BOLD - Effects::DIMMED),
            23 => style.effects(style.get_effects() - Effects::ITALIC),
            24 => style.effects(style.get_effects() - Effects::UNDERLINE),
            30..=37 => style.fg_color(basic(code - 30, false)),
            90..=97 => style.fg_color(basic(code - 90, true)),
            38 => style.fg_color(extended(&mut codes)),
            39 => style.fg_color(None),
            40..=47 => style.bg_color(basic(code - 40, false)),
            100..=107 => style.bg_color(basic(code - 100, true)),
            48 => style.bg_color(extended(&mut codes)),
            49 => style.bg_color(None),
            _ => *style,
        };
    }
}

fn basic(index: u8, bright: bool) -> Option<Color> {
    let color = match index {
        0 => AnsiColor::Black,
        1 => AnsiColor::Red,
        2 => AnsiColor::Green,
        3 => AnsiColor::Yellow,
        4 => AnsiColor::Blue,
        5 => AnsiColor::Magenta,
        6 => AnsiColor::Cyan,
        7 => AnsiColor::White,
        _ => return None,
    };
    Some(Color::Ansi(color.bright(bright)))
}

fn extended(codes: &mut impl Iterator<Item = u8>) -> Option<Color> {
    match codes.next()? {
        5 => Some(Color::Ansi256(Ansi256Color(codes.next()?))),
        2 => Some(Color::Rgb(RgbColor(
            codes.next()?,
            codes.next()?,
            codes.next()?,
        ))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colors_of_rustc_are_read() {
        let lines = lines("\x1b[1m\x1b[38;5;9merror[E0308]\x1b[0m\x1b[1m: mismatched\x1b[0m\n  x");
        assert_eq!(lines.len(), 2);
        let first = &lines[0].spans[0];
        assert_eq!(first.text, "error[E0308]");
        assert_eq!(
            first.style,
            PLAIN.bold().fg_color(Some(Ansi256Color(9).into()))
        );
        assert_eq!(lines[0].spans[1].style, PLAIN.bold());
        assert_eq!(lines[1].spans[0].style, PLAIN);
    }

    #[test]
    fn a_style_that_stays_open_reaches_the_next_line() {
        let lines = lines("\x1b[31mred\nstill");
        assert_eq!(lines[1].spans[0].style, AnsiColor::Red.on_default());
    }

    #[test]
    fn sequences_that_move_or_clear_or_link_are_left_out() {
        assert_eq!(
            strip("a\x1b[2Jb\x1b]8;;http://x\x1b\\c\x1b]0;t\x07d\x1bMe"),
            "abcde"
        );
        assert_eq!(strip("unfinished\x1b["), "unfinished");
        assert_eq!(strip("\x1b"), "");
    }
}
