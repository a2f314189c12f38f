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

impl Visited<'_, '_> {
    fn has_braces(&self) -> bool {
        matches!(self.form, Form::Inline(_))
    }
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
            let braces = visited.iter().any(Visited::has_braces);
            visited.push(Visited {
                table,
                form: form(text, value, name, braces),
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

/// How a table is written whose name is at `name`, and whether that is between the braces of
/// another.
fn form(text: &str, table: &Spanned<DeValue<'_>>, name: usize, braces: bool) -> Form {
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
    if before.trim_start().starts_with('[') && !braces {
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
    let is_home = |visited: &&Visited<'_, '_>| !matches!(visited.form, Form::Dotted);
    let (Some(last), Some(home)) = (visited.last(), visited.iter().rev().find(is_home)) else {
        return Err(Obstacle::at(0, NO_TABLE));
    };
    let segments = path.segments();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let rest = names(&segments[home.depth..]).ok_or(Obstacle::at(0, NO_ELEMENT))?;
    match home.form {
        Form::Inline(start) => Ok(into_braces(text, home.table, start, &dotted(&rest), value)),
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
        // No header can name a table that dotted keys have made.
        Form::Root if rest.len() > 1 && is_home(&last) => Ok(new_section(text, &rest, value, end)),
        Form::Root | Form::Header(_) | Form::Dotted => {
            let line = format!("{} = {value}", dotted(&rest));
            Ok(new_line(text, home, last, &line, end))
        }
    }
}

fn into_braces(text: &str, table: &DeTable<'_>, start: usize, key: &str, value: &str) -> Splice {
    let (at, with) = match last_line(text, table, true) {
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

/// A line behind the last one that belongs to a table itself: to `last`, which is `home` or made
/// by dotted keys in it.
fn new_line(
    text: &str,
    home: &Visited<'_, '_>,
    last: &Visited<'_, '_>,
    line: &str,
    end: &str,
) -> Splice {
    let (behind, indent) = match (last_line(text, last.table, false), home.form) {
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
    let (at, with) = match first_name(root) {
        Some(header) => (above_comments(text, header), format!("{line}{end}{end}")),
        None if text.is_empty() || text.ends_with('\n') => (text.len(), format!("{line}{end}")),
        None => (text.len(), format!("{end}{line}{end}")),
    };
    Splice {
        range: at..at,
        with,
    }
}

/// Where the first name in a table, or in one of its tables, begins: `[a.b]` may stand before
/// `[a]`.
fn first_name(table: &DeTable<'_>) -> Option<usize> {
    let names = table.iter().map(|(name, value)| match value.get_ref() {
        DeValue::Table(inner) => first_name(inner)
            .unwrap_or(usize::MAX)
            .min(name.span().start),
        _ => name.span().start,
    });
    names.min()
}

/// Where the name begins and the value ends of the last key of a table, with braces or without,
/// that is no table with a header.
fn last_line(text: &str, table: &DeTable<'_>, braces: bool) -> Option<(usize, usize)> {
    table
        .iter()
        .filter_map(|(name, value)| {
            let name = name.span().start;
            let line = Some((name, value.span().end));
            match value.get_ref() {
                DeValue::Table(inner) => match form(text, value, name, braces) {
                    Form::Inline(_) => line,
                    Form::Dotted => last_line(text, inner, braces),
                    Form::Root | Form::Header(_) | Form::Implied(_) => None,
                },
                _ if has_headers(value) => None,
                _ => line,
            }
        })
        .max_by_key(|(_, end)| *end)
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
