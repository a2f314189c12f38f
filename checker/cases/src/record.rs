//! What is recorded of a program's errors.

use std::collections::BTreeSet;

/// The errors of a program: the line, from 1, and the code, which is empty for an error that has
/// none.
pub type Errors = BTreeSet<(usize, String)>;

/// The errors in a record, which is what rustc shows to people.
#[must_use]
pub fn recorded(text: &str) -> Errors {
    let mut errors = Errors::new();
    let mut code = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("error") {
            let own = rest
                .strip_prefix('[')
                .and_then(|rest| rest.split(']').next());
            code = Some(own.unwrap_or_default().to_owned());
        } else if line.starts_with("warning") {
            code = None;
        } else if let Some(place) = line.trim_start().strip_prefix("--> ")
            && let Some(number) = line_of(place)
            && let Some(code) = code.take()
        {
            errors.insert((number, code));
        }
    }
    errors
}

/// The line in a place such as `compile_fail/a.rs:11:15`.
fn line_of(place: &str) -> Option<usize> {
    let mut parts = place.trim_end().rsplit(':');
    let _column = parts.next()?;
    parts.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_lines_are_read_and_words_are_not() {
        let text = "warning: unused\n --> a.rs:1:1\n\nerror[E0277]: `X` is no `Y`\n   --> a.rs:11:15\n    \
                    |\n11  |     f(x);\n    |       ^\n    |\nnote: required by\n   --> $RUST/core.rs:7\n\n\
                    error: expected `;`\n --> a.rs:3:5\n\nerror: aborting due to 2 previous errors\n";
        let expected = [(3, String::new()), (11, "E0277".to_owned())];
        assert_eq!(recorded(text), Errors::from(expected));
    }
}
