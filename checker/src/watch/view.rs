//! Draws the state. Nothing is remembered between two frames.

use anstyle::{AnsiColor, Color as Ink, Effects};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line as Row, Span as Piece};
use ratatui::widgets::Widget;
use textwrap::core::display_width;

use crate::report::overview::Mark;
use crate::report::terminal::palette::{BAD, CODE, DIM, GOOD, NOTE, STRONG};
use crate::report::terminal::{Line, Look, Span, Text};
use crate::verdict::PhaseStatus;
use crate::watch::layout::{Areas, MIN_SIZE, areas};
use crate::watch::page;
use crate::watch::state::{Phase, State};

/// Draws everything.
pub(super) fn draw(state: &State, area: Rect, buffer: &mut Buffer) {
    let Some(areas) = areas((area.width, area.height)) else {
        let note = format!("too small: needs {}×{}", MIN_SIZE.0, MIN_SIZE.1);
        let mut text = Text::default();
        text.push(Line::new().plain(&note));
        put(&text, area, 0, buffer);
        return;
    };
    header(state, &areas, buffer);
    let rule = state.look.glyphs.rule;
    for y in [areas.rule.y, areas.news.y] {
        buffer.set_string(0, y, rule.repeat(area.width.into()), ink(DIM));
    }
    if areas.wide {
        column(state, &areas, buffer);
    } else {
        strip(state, &areas, buffer);
    }
    let look = page::look(state, areas.page.width);
    let text = page::text(state, &look);
    put(&text, areas.page, state.scroll, buffer);
    news(state, &areas, text.rows(look.width).len(), buffer);
    keys(&areas, buffer);
}

fn header(state: &State, areas: &Areas, buffer: &mut Buffer) {
    let status = status(state);
    let taken = u16::try_from(display_width(&status)).unwrap_or(u16::MAX);
    let right = areas.header.width.saturating_sub(taken + 1);
    buffer.set_string(right, 0, &status, ink(DIM));
    let title = Row::from(vec![
        Piece::styled(state.outline.title.clone(), ink(STRONG)),
        Piece::styled(format!("  {}", state.outline.id), ink(DIM)),
    ]);
    buffer.set_line(1, 0, &title, right.saturating_sub(2));
}

/// What goes on, in a few words.
fn status(state: &State) -> String {
    match &state.run {
        Some(run) if run.cancelled => "stopping".to_owned(),
        Some(run) if !run.testing => "compiling".to_owned(),
        Some(run) => {
            let phases = state
                .phases
                .iter()
                .filter(|phase| run.covers(phase.outline.number));
            let total: usize = phases.map(|phase| phase.outline.tests).sum();
            format!("{} of {total} tests run", run.results.len())
        }
        None => {
            let done = state.phases.iter().filter(|phase| is_passed(phase)).count();
            format!("{done} of {} phases passed", state.phases.len())
        }
    }
}

fn is_passed(phase: &Phase) -> bool {
    phase.outline.mark.is_done()
}

/// The mark before a phase, and its style.
fn mark(phase: &Phase, look: &Look) -> (&'static str, anstyle::Style) {
    match phase.report.as_ref().map(|report| report.status) {
        Some(PhaseStatus::CheckerFault) => (look.glyphs.fault, NOTE),
        Some(PhaseStatus::NotImplemented) => (look.glyphs.open, NOTE),
        Some(PhaseStatus::Failed | PhaseStatus::DoesNotCompile) => (look.glyphs.fail, BAD),
        Some(PhaseStatus::Passed) => (look.glyphs.pass, GOOD),
        Some(PhaseStatus::Partial) | None => phase.outline.mark.drawn(look),
    }
}

/// How many tests of a phase passed, such as `7/9`.
fn tally(state: &State, phase: &Phase) -> String {
    let run = phase.report.as_ref().map_or(0, |report| report.tests.len());
    let total = phase.outline.tests.max(run);
    match state.passed(phase) {
        Some(passed) => format!("{passed}/{total}"),
        None => format!("-/{total}"),
    }
}

fn column(state: &State, areas: &Areas, buffer: &mut Buffer) {
    let area = areas.phases;
    let look = page::look(state, area.width - 2);
    let mut text = Text::default();
    for phase in &state.phases {
        let outline = &phase.outline;
        let here = outline.number == state.focus;
        let (mark, style) = mark(phase, &look);
        let cursor = if here { look.glyphs.here } else { " " };
        let tally = tally(state, phase);
        let name = format!("{} {}", outline.number, outline.title);
        let room = look.width.saturating_sub(4 + tally.len() + 1);
        let name: String = name.chars().take(room).collect();
        let line = Line::new()
            .with(cursor, STRONG)
            .plain(" ")
            .with(mark, style.bold());
        let line = line
            .plain(" ")
            .with(&name, if here { STRONG } else { anstyle::Style::new() });
        text.push(line.pad_to(look.width - tally.len()).with(&tally, DIM));
    }
    if let Some(phase) = state.phase(state.focus) {
        text.gap();
        let goal = &phase.outline.goal;
        let mark = matches!(phase.outline.mark, Mark::PassedEditedSince);
        text.push(Line::new().plain("  ").prose(goal, DIM).hanging(2));
        if mark && phase.report.is_none() {
            text.push(Line::new().plain("  ").with("passed, edited since", NOTE));
        }
    }
    put(
        &text,
        Rect {
            x: 1,
            width: area.width - 2,
            ..area
        },
        0,
        buffer,
    );
    let [bar, top, bottom] = state.look.glyphs.bar;
    let x = area.right() - 1;
    buffer.set_string(x, areas.rule.y, top, ink(DIM));
    buffer.set_string(x, areas.news.y, bottom, ink(DIM));
    for y in area.top()..area.bottom() {
        buffer.set_string(x, y, bar, ink(DIM));
    }
}

/// The phases in one row: their marks, and the one in focus with its title and count.
fn strip(state: &State, areas: &Areas, buffer: &mut Buffer) {
    let look = page::look(state, areas.phases.width);
    let mut line = Line::new().plain(" ");
    for phase in &state.phases {
        let outline = &phase.outline;
        let (mark, style) = mark(phase, &look);
        line = line.with(mark, style.bold());
        let number = outline.number.to_string();
        if outline.number == state.focus {
            let name = format!("{number} {} {}", outline.title, tally(state, phase));
            line = line.with(&name, STRONG).plain("  ");
        } else {
            line = line.with(&number, DIM).plain("  ");
        }
    }
    buffer.set_line(0, areas.phases.y, &row(line.spans), areas.phases.width);
}

/// A rule with the news in it, and how far the page is scrolled.
fn news(state: &State, areas: &Areas, rows: usize, buffer: &mut Buffer) {
    let (y, width) = (areas.news.y, areas.news.width);
    let rule = state.look.glyphs.rule;
    let visible = usize::from(areas.page.height);
    let mut facts = Vec::new();
    if let (None, Some((at, of))) = (&state.overlay, state.position()) {
        facts.push(format!(" {at} of {of} open "));
    }
    if rows > visible {
        let first = state.scroll.min(rows - visible);
        facts.push(format!(
            " rows {}-{} of {rows} ",
            first + 1,
            first + visible
        ));
    }
    let facts = facts.join(rule);
    let taken = u16::try_from(display_width(&facts)).unwrap_or(width);
    let right = width.saturating_sub(taken + 1);
    buffer.set_string(right, y, facts, ink(DIM));
    if let Some(notice) = &state.notice {
        let notice = format!(" {} ", notice.replace('\n', " "));
        let room = usize::from(right.saturating_sub(2));
        buffer.set_stringn(1, y, notice, room, ink(NOTE));
    }
}

fn keys(areas: &Areas, buffer: &mut Buffer) {
    let width = usize::from(areas.keys.width);
    let labelled: usize = page::KEYS
        .iter()
        .map(|(key, what)| key.len() + what.len() + 3)
        .sum();
    let mut line = Line::new().plain(" ");
    for (key, what) in page::KEYS {
        line = line.with(key, CODE.bold());
        // Where the words have no room, the help has them.
        if labelled <= width {
            line = line.plain(" ").with(what, DIM);
        } else if key == "?" {
            line = line.plain(" ").with("keys", DIM);
        }
        line = line.plain("  ");
    }
    buffer.set_line(0, areas.keys.y, &row(line.spans), areas.keys.width);
}

/// Puts the visible rows of a text into an area.
fn put(text: &Text, area: Rect, scroll: usize, buffer: &mut Buffer) {
    let rows = text.rows(usize::from(area.width));
    for (spans, y) in rows.into_iter().skip(scroll).zip(area.top()..area.bottom()) {
        row(spans).render(
            Rect {
                y,
                height: 1,
                ..area
            },
            buffer,
        );
    }
}

fn row(spans: Vec<Span>) -> Row<'static> {
    let pieces = spans.into_iter();
    Row::from_iter(pieces.map(|span| Piece::styled(span.text, ink(span.style))))
}

/// The same style in the terms of the screen.
fn ink(style: anstyle::Style) -> Style {
    let mut ink = Style::new();
    if let Some(color) = style.get_fg_color() {
        ink = ink.fg(color_of(color));
    }
    if let Some(color) = style.get_bg_color() {
        ink = ink.bg(color_of(color));
    }
    let effects = style.get_effects();
    let pairs = [
        (Effects::BOLD, Modifier::BOLD),
        (Effects::DIMMED, Modifier::DIM),
        (Effects::ITALIC, Modifier::ITALIC),
        (Effects::UNDERLINE, Modifier::UNDERLINED),
    ];
    for (effect, modifier) in pairs {
        if effects.contains(effect) {
            ink = ink.add_modifier(modifier);
        }
    }
    ink
}

fn color_of(color: Ink) -> Color {
    match color {
        Ink::Ansi(color) => match color {
            AnsiColor::Black => Color::Black,
            AnsiColor::Red => Color::Red,
            AnsiColor::Green => Color::Green,
            AnsiColor::Yellow => Color::Yellow,
            AnsiColor::Blue => Color::Blue,
            AnsiColor::Magenta => Color::Magenta,
            AnsiColor::Cyan => Color::Cyan,
            AnsiColor::White => Color::Gray,
            AnsiColor::BrightBlack => Color::DarkGray,
            AnsiColor::BrightRed => Color::LightRed,
            AnsiColor::BrightGreen => Color::LightGreen,
            AnsiColor::BrightYellow => Color::LightYellow,
            AnsiColor::BrightBlue => Color::LightBlue,
            AnsiColor::BrightMagenta => Color::LightMagenta,
            AnsiColor::BrightCyan => Color::LightCyan,
            AnsiColor::BrightWhite => Color::White,
        },
        Ink::Ansi256(color) => Color::Indexed(color.0),
        Ink::Rgb(color) => Color::Rgb(color.0, color.1, color.2),
    }
}

#[cfg(test)]
mod tests;
