//! Changing a value in a TOML text.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{IS_TABLE, NO_ARRAY, NO_ELEMENT, NO_TABLE, Obstacle, Splice};
use crate::dump::{inline, write_name};
use crate::key::{KeyPath, Segment};
use crate::value::Node;

const HAS_HEADERS: &str = "this is an array whose tables have headers";

/// A table on the way to the key.
struct Visited<'t, 'i> {
    table: &'t DeTable<'i>,
    form: Form,
    /// How many segments of the path lead to it.
    depth: usize,
}

/// How a table is written, which decides how a key comes into it.
#[derive(Clone, Copy)]
enum Form {
    Root,
    /// `{ … }`, from this offset on.
    Inline(usize),
    /// `[name]` or `[[name]]`, up to this offset.
    Header(usize),
    /// Only by the header of a table in it, which begins here.
    Implied(usize),
    /// Only by dotted keys in the table before it on the way.
    Dotted,
}

pub(super) fn set(text: &str, path: &KeyPath, node: &Node) -> Result<Splice, Obstacle> {
    let value = inline(node, path).map_err(Obstacle::NotRepresentable)?;
    let root = DeTable::parse(text).map_err(|error| {
        Obstacle::at(
            error.span().unwrap_or_default().start,
            "the text is not TOML",
        )
    })?;
    let mut visited = vec![Visited {
        table: root.get_ref(),
        form: Form::Root,
        depth: 0,
    }];
    let mut here: Option<&Spanned<DeValue<'_>>> = None;
    for (position, segment) in path.segments().iter().enumerate() {
        let offset = here.map_or(0, |value| value.span().start);
        let next = match (segment, here.map(Spanned::get_ref)) {
            (Segment::Name(name), None | Some(DeValue::Table(_))) => {
                let found = visited
                    .last()
                    .and_then(|visited| visited.table.get_key_value(name.as_str()));
                let Some((key, value)) = found else {
                    return insert(text, &visited, path, &value);
                };
                (value, key.span().start)
            }
            (Segment::Index(index), Some(DeValue::Array(elements))) => match elements.get(*index) {
                Some(element) => (element, element.span().start),
                None => return Err(Obstacle::at(offset, NO_ELEMENT)),
            },
            (Segment::Name(_), _) => return Err(Obstacle::at(offset, NO_TABLE)),
            (Segment::Index(_), _) => return Err(Obstacle::at(offset, NO_ARRAY)),
        };
        let (value, name) = next;
        if let DeValue::Table(table) = value.get_ref() {
            visited.push(Visited {
                table,
                form: form(text, value, name),
                depth: position + 1,
            });
        }
        here = Some(value);
    }
    let Some(old) = here else {
        return Err(Obstacle::at(0, IS_TABLE));
    };
    match old.get_ref() {
        DeValue::Table(_) => Err(Obstacle::at(old.span().start, IS_TABLE)),
        _ if has_headers(old) => Err(Obstacle::at(old.span().start, HAS_HEADERS)),
        _ => Ok(Splice {
            range: old.span(),
            with: value,
        }),
    }
}

/// How a table is written whose name is at `name`.
fn form(text: &str, table: &Spanned<DeValue<'_>>, name: usize) -> Form {
    let span = table.span();
    let written = text.get(span.clone()).unwrap_or_default();
    if written.starts_with('{') {
        return Form::Inline(span.start);
    }
    if written.starts_with('[') {
        return Form::Header(span.end);
    }
    // Such a table's place is its name's, and the name stands in a header or before a `=`.
    let line = line_start(text, name);
    let before = text.get(line..name).unwrap_or_default();
    if before.trim_start().starts_with('[') {
        Form::Implied(line)
    } else {
        Form::Dotted
    }
}

/// Whether a value is an array of tables, each of which has a header.
fn has_headers(value: &Spanned<DeValue<'_>>) -> bool {
    match value.get_ref() {
        DeValue::Array(elements) => elements
            .iter()
            .any(|element| element.span().start == value.span().start),
        _ => false,
    }
}

/// Puts a new key into the last visited table.
fn insert(
    text: &str,
    visited: &[Visited<'_, '_>],
    path: &KeyPath,
    value: &str,
) -> Result<Splice, Obstacle> {
    let home = visited
        .iter()
        .rev()
        .find(|visited| !matches!(visited.form, Form::Dotted));
    let Some(home) = home else {
        return Err(Obstacle::at(0, NO_TABLE));
    };
    let segments = path.segments();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let rest = names(&segments[home.depth..]).ok_or(Obstacle::at(0, NO_ELEMENT))?;
    match home.form {
        Form::Inline(start) => Ok(into_braces(home.table, start, &dotted(&rest), value)),
        Form::Implied(header) => {
            let above = above_comments(text, header);
            let outer: Vec<&str> = segments[..home.depth].iter().filter_map(name).collect();
            let line = format!("{} = {value}", dotted(&rest));
            let with = format!("[{}]{end}{line}{end}{end}", dotted(&outer));
            Ok(Splice {
                range: above..above,
                with,
            })
        }
        Form::Root if rest.len() > 1 => Ok(new_section(text, &rest, value, end)),
        Form::Root | Form::Header(_) | Form::Dotted => {
            let line = format!("{} = {value}", dotted(&rest));
            Ok(new_line(text, home, &line, end))
        }
    }
}

fn into_braces(table: &DeTable<'_>, start: usize, key: &str, value: &str) -> Splice {
    let (at, with) = match last_line(table) {
        Some((_, end)) => (end, format!(", {key} = {value}")),
        None => (start + 1, format!(" {key} = {value} ")),
    };
    Splice {
        range: at..at,
        with,
    }
}

/// A table of its own for the key, at the end of the text.
fn new_section(text: &str, names: &[&str], value: &str, end: &str) -> Splice {
    let mut with = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        with.push_str(end);
    }
    if !text.is_empty() {
        with.push_str(end);
    }
    if let Some((last, outer)) = names.split_last() {
        let line = format!("{} = {value}", dotted(&[*last]));
        with.push_str(&format!("[{}]{end}{line}{end}", dotted(outer)));
    }
    Splice {
        range: text.len()..text.len(),
        with,
    }
}

/// A line behind the last one that belongs to a table itself.
fn new_line(text: &str, home: &Visited<'_, '_>, line: &str, end: &str) -> Splice {
    let (behind, indent) = match (last_line(home.table), home.form) {
        (Some((name, end)), _) => (end, indent(text, name)),
        (None, Form::Header(header)) => (header, ""),
        (None, _) => return first_line(text, home.table, line, end),
    };
    let rest = text.get(behind..).unwrap_or_default();
    let (at, with) = match rest.find('\n') {
        Some(length) => (behind + length + 1, format!("{indent}{line}{end}")),
        None => (text.len(), format!("{end}{indent}{line}{end}")),
    };
    Splice {
        range: at..at,
        with,
    }
}

/// The first line of a root that holds nothing but tables with headers, or nothing.
fn first_line(text: &str, root: &DeTable<'_>, line: &str, end: &str) -> Splice {
    let first = root.values().map(|value| value.span().start).min();
    let (at, with) = match first {
        Some(header) => (above_comments(text, header), format!("{line}{end}{end}")),
        None if text.is_empty() || text.ends_with('\n') => (text.len(), format!("{line}{end}")),
        None => (text.len(), format!("{end}{line}{end}")),
    };
    Splice {
        range: at..at,
        with,
    }
}

/// Where the name begins and the value ends of the last key that is no table with a header.
fn last_line(table: &DeTable<'_>) -> Option<(usize, usize)> {
    table
        .iter()
        .filter_map(|(name, value)| {
            let name = name.span().start;
            match value.get_ref() {
                DeValue::Table(inner) if is_dotted(value, name) => last_line(inner),
                DeValue::Table(_) if value.span().start < name => None,
                _ if has_headers(value) => None,
                _ => Some((name, value.span().end)),
            }
        })
        .max_by_key(|(_, end)| *end)
}

/// Whether a table is written by dotted keys alone: then its place is its name's.
fn is_dotted(table: &Spanned<DeValue<'_>>, name: usize) -> bool {
    table.span().is_empty() || table.span().start == name
}

/// The start of the line of `offset`, or of the lines of comments right above it.
fn above_comments(text: &str, offset: usize) -> usize {
    let mut start = line_start(text, offset);
    while start > 0 {
        let previous = line_start(text, start - 1);
        let line = text.get(previous..start).unwrap_or_default();
        if !line.trim_start().starts_with('#') {
            break;
        }
        start = previous;
    }
    start
}

fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// The white space at the beginning of the line of `offset`, if nothing else is before it.
fn indent(text: &str, offset: usize) -> &str {
    let before = text
        .get(line_start(text, offset)..offset)
        .unwrap_or_default();
    if before.trim().is_empty() { before } else { "" }
}

fn names(segments: &[Segment]) -> Option<Vec<&str>> {
    segments.iter().map(name).collect()
}

fn name(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Name(name) => Some(name),
        Segment::Index(_) => None,
    }
}

fn dotted(names: &[&str]) -> String {
    let mut out = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.push('.');
        }
        write_name(&mut out, name);
    }
    out
}
