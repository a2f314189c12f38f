//! Finds the tests in a suite's sources, without compiling them.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Item, ItemFn, Lit, Meta};

use super::note::{Note, NoteError};

/// One hidden test function.
#[derive(Debug, Clone, PartialEq)]
pub struct TestFn {
    /// The function's name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// What its doc comment says.
    pub note: Note,
    /// How it is called.
    pub style: Style,
}

/// How a test function is called.
#[derive(Debug, Clone, PartialEq)]
pub enum Style {
    /// A plain function.
    Plain,
    /// An async function on a Tokio runtime.
    Tokio {
        /// Whether the runtime has several threads.
        multi_thread: bool,
        /// The number of its worker threads, where given.
        workers: Option<usize>,
        /// Whether time starts paused.
        start_paused: bool,
    },
}

/// A suite's source file, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseSource {
    /// Its tests, in the order of the file.
    pub tests: Vec<TestFn>,
    /// The same text with test attributes blanked and functions made visible; lines are kept.
    pub callable: String,
}

/// A suite's source that cannot be understood. These are faults of the course.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file is not Rust.
    #[error("line {line}: {message}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A test's comment is unusable.
    #[error("line {line}: `{name}`: {source}")]
    Note {
        /// The line, from 1.
        line: usize,
        /// The test.
        name: String,
        /// What is wrong.
        source: NoteError,
    },
    /// A test has an attribute that the harness does not know.
    #[error("line {line}: `{name}` has `{attribute}`, which the harness does not know")]
    Attribute {
        /// The line, from 1.
        line: usize,
        /// The test.
        name: String,
        /// The attribute.
        attribute: String,
    },
}

/// Finds the tests of one phase.
///
/// # Errors
/// When the source does not parse, or a test states no behaviour.
pub fn parse(source: &str) -> Result<PhaseSource, CaseError> {
    let file = syn::parse_file(source).map_err(|error| CaseError::Syntax {
        line: error.span().start().line,
        message: error.to_string(),
    })?;
    let mut tests = Vec::new();
    let mut callable = source.to_owned();
    // Edits are made from the end, so that the ranges before them stay right.
    for item in file.items.iter().rev() {
        let Item::Fn(function) = item else { continue };
        let Some((attribute, style)) = test_attribute(function)? else {
            continue;
        };
        let at = insertion_point(function);
        if matches!(function.vis, syn::Visibility::Inherited) {
            callable.insert_str(at, "pub(crate) ");
        }
        blank(&mut callable, attribute.span());
        tests.push(TestFn {
            name: function.sig.ident.to_string(),
            line: line_of(function),
            note: note_of(function)?,
            style,
        });
    }
    tests.reverse();
    Ok(PhaseSource { tests, callable })
}

fn line_of(function: &ItemFn) -> usize {
    function.sig.ident.span().start().line
}

/// Where `pub(crate)` goes: before `async`, `unsafe` or `fn`.
fn insertion_point(function: &ItemFn) -> usize {
    function.sig.span().byte_range().start
}

fn blank(text: &mut String, span: Span) {
    let range = span.byte_range();
    let blanks: String = text[range.clone()]
        .chars()
        .map(|c| if c == '\n' { '\n' } else { ' ' })
        .collect();
    text.replace_range(range, &blanks);
}

fn test_attribute(function: &ItemFn) -> Result<Option<(&Attribute, Style)>, CaseError> {
    let mut found = None;
    for attribute in &function.attrs {
        let path = attribute.path();
        let parts: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["test"] => found = Some((attribute, Style::Plain)),
            ["tokio", "test"] => found = Some((attribute, tokio_style(attribute, function)?)),
            ["should_panic" | "ignore" | "cfg" | "cfg_attr"] => {
                return Err(unknown(function, parts.join("::")));
            }
            _ => {}
        }
    }
    Ok(found)
}

fn unknown(function: &ItemFn, attribute: String) -> CaseError {
    CaseError::Attribute {
        line: line_of(function),
        name: function.sig.ident.to_string(),
        attribute,
    }
}

fn tokio_style(attribute: &Attribute, function: &ItemFn) -> Result<Style, CaseError> {
    let (mut multi_thread, mut workers, mut start_paused) = (false, None, false);
    if matches!(attribute.meta, Meta::List(_)) {
        let mut bad = None;
        let parsed = attribute.parse_nested_meta(|meta| {
            let value: Lit = meta.value()?.parse()?;
            if meta.path.is_ident("flavor") {
                multi_thread = matches!(&value, Lit::Str(text) if text.value() == "multi_thread");
            } else if meta.path.is_ident("worker_threads") {
                if let Lit::Int(number) = &value {
                    workers = Some(number.base10_parse()?);
                }
            } else if meta.path.is_ident("start_paused") {
                start_paused = matches!(&value, Lit::Bool(flag) if flag.value);
            } else {
                bad = meta.path.get_ident().map(ToString::to_string);
            }
            Ok(())
        });
        if let Some(option) = bad {
            return Err(unknown(function, format!("tokio::test({option} = …)")));
        }
        parsed.map_err(|error| CaseError::Syntax {
            line: error.span().start().line,
            message: error.to_string(),
        })?;
    }
    Ok(Style::Tokio {
        multi_thread,
        workers,
        start_paused,
    })
}

fn note_of(function: &ItemFn) -> Result<Note, CaseError> {
    let lines = doc_lines(&function.attrs);
    Note::parse(lines.iter().map(String::as_str)).map_err(|source| CaseError::Note {
        line: line_of(function),
        name: function.sig.ident.to_string(),
        source,
    })
}

/// The lines of the doc comments among some attributes.
#[must_use]
pub fn doc_lines(attributes: &[Attribute]) -> Vec<String> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        // An empty comment line parts two paragraphs; `lines` would drop it.
        .flat_map(|text| text.split('\n').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
use lru_cache::LruCache;

/// A miss is `None`.
#[test]
fn a_miss_is_none() {
    helper();
}

fn helper() {}

/// Time stands still.
#[tokio::test(flavor = \"multi_thread\", worker_threads = 2, start_paused = true)]
async fn time_stands_still() {}
";

    #[test]
    fn tests_are_found_in_order_with_their_behaviours() {
        let phase = parse(SOURCE).unwrap();
        let names: Vec<_> = phase.tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["a_miss_is_none", "time_stands_still"]);
        assert_eq!(phase.tests[0].note.behaviour, "A miss is `None`.");
        assert_eq!(
            phase.tests[1].style,
            Style::Tokio {
                multi_thread: true,
                workers: Some(2),
                start_paused: true
            }
        );
    }

    #[test]
    fn the_callable_text_keeps_every_line_where_it_was() {
        let phase = parse(SOURCE).unwrap();
        assert_eq!(phase.callable.lines().count(), SOURCE.lines().count());
        assert!(!phase.callable.contains("#[test]"));
        assert!(!phase.callable.contains("tokio::test"));
        let line = phase.callable.lines().nth(phase.tests[1].line - 1);
        assert_eq!(line, Some("pub(crate) async fn time_stands_still() {}"));
    }

    #[test]
    fn an_ignored_test_is_an_error_of_the_course() {
        let error = parse("/// B.\n#[test]\n#[ignore]\nfn t() {}").unwrap_err();
        assert!(matches!(error, CaseError::Attribute { line: 4, .. }));
    }

    #[test]
    fn a_test_that_states_no_behaviour_is_an_error_of_the_course() {
        let error = parse("#[test]\nfn t() {}").unwrap_err();
        assert!(matches!(error, CaseError::Note { .. }));
    }
}
