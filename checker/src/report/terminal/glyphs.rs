//! The marks before a line, for terminals with and without Unicode.

/// The marks that the checker draws. All are one column wide, except the arrow in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Passed.
    pub pass: &'static str,
    /// Did not pass.
    pub fail: &'static str,
    /// Nothing there yet: a `todo!` was reached, or nobody tried.
    pub open: &'static str,
    /// Left aside: it counts neither way.
    pub skip: &'static str,
    /// Passed, but the code has changed since.
    pub stale: &'static str,
    /// The checker's own trouble.
    pub fault: &'static str,
    /// Where one is.
    pub here: &'static str,
    /// Between two facts on a line.
    pub dot: &'static str,
    /// Where something was left out.
    pub ellipsis: &'static str,
    /// A horizontal rule's piece.
    pub rule: &'static str,
    /// A vertical rule's piece, and where it meets a horizontal one above and below.
    pub bar: [&'static str; 3],
}

/// The marks for terminals that show Unicode.
pub const UNICODE: Glyphs = Glyphs {
    pass: "✓",
    fail: "✗",
    open: "·",
    skip: "○",
    stale: "~",
    fault: "!",
    here: "›",
    dot: "·",
    ellipsis: "…",
    rule: "─",
    bar: ["│", "┬", "┴"],
};

/// The marks for terminals that show ASCII only.
pub const ASCII: Glyphs = Glyphs {
    pass: "+",
    fail: "x",
    open: ".",
    skip: "o",
    stale: "~",
    fault: "!",
    here: ">",
    dot: "-",
    ellipsis: "...",
    rule: "-",
    bar: ["|", "-", "-"],
};

impl Glyphs {
    /// The marks for a terminal with these environment variables.
    ///
    /// Terminals show Unicode unless something says that they do not: the Linux console, whose
    /// font lacks the marks, and a locale that names another character set. An unset locale says
    /// nothing, which is common in containers.
    #[must_use]
    pub fn for_environment(variable: impl Fn(&str) -> Option<String>) -> Glyphs {
        if matches!(variable("TERM").as_deref(), Some("linux" | "dumb")) {
            return ASCII;
        }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty());
        match locale {
            Some(name) if !is_utf8(&name) => ASCII,
            _ => UNICODE,
        }
    }
}

/// Whether a locale such as `de_DE.UTF-8` names UTF-8, or leaves the character set open.
fn is_utf8(locale: &str) -> bool {
    match locale.split_once('.') {
        Some((_, charset)) => {
            let charset = charset.split('@').next().unwrap_or_default();
            charset.to_ascii_lowercase().replace('-', "") == "utf8"
        }
        None => !matches!(locale, "C" | "POSIX"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Glyphs {
        Glyphs::for_environment(|name| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_utf8_locale_and_no_locale_give_unicode() {
        assert_eq!(with(&[("LANG", "en_US.UTF-8")]), UNICODE);
        assert_eq!(with(&[("LANG", "C.utf8")]), UNICODE);
        assert_eq!(
            with(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8@euro")]),
            UNICODE
        );
        assert_eq!(with(&[]), UNICODE);
    }

    #[test]
    fn another_character_set_and_the_console_give_ascii() {
        assert_eq!(with(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]), ASCII);
        assert_eq!(with(&[("LANG", "de_DE.ISO-8859-1")]), ASCII);
        assert_eq!(with(&[("TERM", "linux"), ("LANG", "en_US.UTF-8")]), ASCII);
    }

    #[test]
    fn marks_are_one_column_wide_so_that_lists_align() {
        for set in [UNICODE, ASCII] {
            for mark in [
                set.pass, set.fail, set.open, set.skip, set.stale, set.fault, set.here,
            ] {
                assert_eq!(textwrap::core::display_width(mark), 1, "{mark}");
            }
        }
    }
}
