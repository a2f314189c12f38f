//! Languages that are told by their comments, quotes and words.

use super::Token;

/// What a language looks like.
struct Language {
    names: &'static [&'static str],
    comment: &'static [&'static str],
    block_comment: Option<(&'static str, &'static str)>,
    /// Quotes, the longest first. What they enclose may span lines if they have three characters.
    quotes: &'static [&'static str],
    keywords: &'static [&'static str],
    literals: &'static [&'static str],
    /// What follows a key, as `:` in JSON.
    key_mark: Option<char>,
    /// Whether a line `[name]` is a heading.
    has_sections: bool,
    /// Whether the case of keywords does not matter.
    ignores_case: bool,
}

const NONE: Language = Language {
    names: &[],
    comment: &[],
    block_comment: None,
    quotes: &["\"", "'"],
    keywords: &[],
    literals: &["true", "false", "null"],
    key_mark: None,
    has_sections: false,
    ignores_case: false,
};

const LANGUAGES: &[Language] = &[
    Language {
        names: &["toml", "ini"],
        comment: &["#"],
        quotes: &["\"\"\"", "'''", "\"", "'"],
        key_mark: Some('='),
        has_sections: true,
        ..NONE
    },
    Language {
        names: &["json", "jsonc"],
        comment: &["//"],
        quotes: &["\""],
        key_mark: Some(':'),
        ..NONE
    },
    Language {
        names: &["yaml", "yml"],
        comment: &["#"],
        key_mark: Some(':'),
        ..NONE
    },
    Language {
        names: &["sh", "bash", "shell"],
        comment: &["#"],
        keywords: &[
            "case", "do", "done", "elif", "else", "esac", "export", "fi", "for", "function", "if",
            "in", "local", "return", "then", "while",
        ],
        ..NONE
    },
    Language {
        names: &["python", "py"],
        comment: &["#"],
        quotes: &["\"\"\"", "'''", "\"", "'"],
        keywords: &[
            "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
            "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
            "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
            "with", "yield",
        ],
        literals: &["True", "False", "None"],
        ..NONE
    },
    Language {
        names: &["typescript", "ts", "javascript", "js"],
        comment: &["//"],
        block_comment: Some(("/*", "*/")),
        quotes: &["\"", "'", "`"],
        keywords: &[
            "as",
            "async",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "declare",
            "default",
            "delete",
            "do",
            "else",
            "enum",
            "export",
            "extends",
            "finally",
            "for",
            "from",
            "function",
            "if",
            "implements",
            "import",
            "in",
            "instanceof",
            "interface",
            "let",
            "new",
            "of",
            "readonly",
            "return",
            "static",
            "super",
            "switch",
            "this",
            "throw",
            "try",
            "type",
            "typeof",
            "var",
            "void",
            "while",
            "yield",
        ],
        literals: &["true", "false", "null", "undefined"],
        ..NONE
    },
    Language {
        names: &["sql"],
        comment: &["--"],
        block_comment: Some(("/*", "*/")),
        keywords: &[
            "and",
            "as",
            "asc",
            "begin",
            "between",
            "by",
            "commit",
            "create",
            "delete",
            "desc",
            "distinct",
            "drop",
            "exists",
            "explain",
            "from",
            "group",
            "having",
            "in",
            "index",
            "inner",
            "insert",
            "into",
            "is",
            "join",
            "key",
            "left",
            "like",
            "limit",
            "not",
            "offset",
            "on",
            "or",
            "order",
            "primary",
            "references",
            "rollback",
            "select",
            "set",
            "table",
            "transaction",
            "unique",
            "update",
            "values",
            "where",
        ],
        ignores_case: true,
        ..NONE
    },
    Language {
        names: &["c", "cpp"],
        comment: &["//"],
        block_comment: Some(("/*", "*/")),
        keywords: &[
            "auto", "break", "case", "char", "const", "continue", "default", "do", "double",
            "else", "enum", "extern", "float", "for", "if", "int", "long", "return", "short",
            "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned",
            "void", "volatile", "while",
        ],
        ..NONE
    },
    Language {
        names: &["monkey"],
        quotes: &["\""],
        keywords: &["else", "fn", "if", "let", "macro", "return"],
        ..NONE
    },
];

/// The colored parts of a text, in order, or nothing if the language is not known.
pub(super) fn tokens(language: &str, text: &str) -> Option<Vec<Token>> {
    if language == "diff" {
        return Some(diff(text));
    }
    let language = LANGUAGES
        .iter()
        .find(|known| known.names.contains(&language))?;
    let mut reader = Reader {
        language,
        text,
        at: 0,
        tokens: Vec::new(),
    };
    while reader.at < text.len() {
        reader.step();
    }
    Some(reader.tokens)
}

fn diff(text: &str) -> Vec<Token> {
    let mut at = 0;
    let mut tokens = Vec::new();
    for line in text.split_inclusive('\n') {
        let class = match line.as_bytes().first() {
            Some(b'+') => Some("hljs-addition"),
            Some(b'-') => Some("hljs-deletion"),
            Some(b'@') => Some("hljs-meta"),
            _ => None,
        };
        let range = at..at + line.trim_end_matches('\n').len();
        at += line.len();
        tokens.extend(class.map(|class| Token { range, class }));
    }
    tokens
}

struct Reader<'a> {
    language: &'static Language,
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize, class: Option<&'static str>) {
        let range = self.at..self.at + length;
        self.at = range.end;
        self.tokens
            .extend(class.map(|class| Token { range, class }));
    }

    fn step(&mut self) {
        let language = self.language;
        let rest = self.rest();
        let line = rest.lines().next().unwrap_or_default();
        if language.comment.iter().any(|mark| rest.starts_with(mark)) {
            let length = line.len();
            return self.take(length, Some("hljs-comment"));
        }
        if let Some((open, close)) = language.block_comment
            && let Some(inside) = rest.strip_prefix(open)
        {
            let length = inside
                .find(close)
                .map_or(rest.len(), |end| open.len() + end + close.len());
            return self.take(length, Some("hljs-comment"));
        }
        if language.has_sections && line.starts_with('[') && self.is_line_start() {
            let length = line.split('#').next().unwrap_or(line).trim_end().len();
            return self.take(length, Some("hljs-section"));
        }
        if let Some(quote) = language
            .quotes
            .iter()
            .find(|quote| rest.starts_with(**quote))
        {
            let length = quoted(rest, quote);
            let class = if self.is_key(length) {
                "hljs-attr"
            } else {
                "hljs-string"
            };
            return self.take(length, Some(class));
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let first = rest.chars().next().unwrap_or_default();
        if first.is_ascii_digit() {
            let length = length_while(rest, |c| is_word(c) || c == '.');
            return self.take(length, Some("hljs-number"));
        }
        if is_word(first) {
            let is_dotted = language.key_mark.is_some();
            let length = length_while(rest, |c| {
                is_word(c) || (is_dotted && matches!(c, '-' | '.'))
            });
            let class = self.word_class(length);
            return self.take(length, class);
        }
        self.take(first.len_utf8(), None);
    }

    fn word_class(&self, length: usize) -> Option<&'static str> {
        let word = self.rest().get(..length).unwrap_or_default();
        let lower = word.to_lowercase();
        let matches =
            |known: &&&str| **known == word || (self.language.ignores_case && **known == lower);
        if self.is_key(length) {
            Some("hljs-attr")
        } else if self.language.keywords.iter().any(|known| matches(&known)) {
            Some("hljs-keyword")
        } else if self.language.literals.iter().any(|known| matches(&known)) {
            Some("hljs-literal")
        } else {
            None
        }
    }

    /// Whether the next `length` bytes are a key: its mark comes next.
    fn is_key(&self, length: usize) -> bool {
        let after = self.rest().get(length..).unwrap_or_default();
        let line = after.lines().next().unwrap_or_default();
        self.language
            .key_mark
            .is_some_and(|mark| line.trim_start().starts_with(mark))
    }

    fn is_line_start(&self) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.is_empty() || before.ends_with('\n')
    }
}

fn length_while(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

/// The length of a string with its quotes; one that is not closed ends with its line.
fn quoted(text: &str, quote: &str) -> usize {
    let spans_lines = quote.len() > 1 || quote == "`";
    let mut at = quote.len();
    while let Some(rest) = text.get(at..)
        && let Some(char) = rest.chars().next()
    {
        if rest.starts_with(quote) {
            return at + quote.len();
        }
        if char == '\n' && !spans_lines {
            return at;
        }
        at += char.len_utf8();
        if char == '\\'
            && let Some(escaped) = text.get(at..).and_then(|rest| rest.chars().next())
            && escaped != '\n'
        {
            at += escaped.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::build::highlight::described;

    #[test]
    fn toml_shows_its_sections_keys_and_values() {
        let text = "[limits] # of a test\nmemory-mib = 64\n\"odd key\" = true\nname = \"a = b\"\n";
        assert_eq!(
            described(text, &tokens("toml", text).unwrap()),
            [
                ("[limits]", "hljs-section"),
                ("# of a test", "hljs-comment"),
                ("memory-mib", "hljs-attr"),
                ("64", "hljs-number"),
                ("\"odd key\"", "hljs-attr"),
                ("true", "hljs-literal"),
                ("name", "hljs-attr"),
                ("\"a = b\"", "hljs-string"),
            ]
        );
    }

    #[test]
    fn a_string_ends_at_its_quote_at_its_line_or_at_the_end() {
        let text = r#"{"k\"": "open
"z"#;
        assert_eq!(
            described(text, &tokens("json", text).unwrap()),
            [
                (r#""k\"""#, "hljs-attr"),
                ("\"open", "hljs-string"),
                ("\"z", "hljs-string")
            ]
        );
        let text = "x = '''a\nb''' # c";
        assert_eq!(
            described(text, &tokens("python", text).unwrap()),
            [("'''a\nb'''", "hljs-string"), ("# c", "hljs-comment")]
        );
    }

    #[test]
    fn sql_is_read_in_either_case() {
        let text = "SELECT a from t /* all */ -- end";
        assert_eq!(
            described(text, &tokens("sql", text).unwrap()),
            [
                ("SELECT", "hljs-keyword"),
                ("from", "hljs-keyword"),
                ("/* all */", "hljs-comment"),
                ("-- end", "hljs-comment"),
            ]
        );
    }

    #[test]
    fn a_diff_marks_its_lines() {
        let text = "@@ 1 @@\n-a\n+b\n c\n";
        assert_eq!(
            described(text, &tokens("diff", text).unwrap()),
            [
                ("@@ 1 @@", "hljs-meta"),
                ("-a", "hljs-deletion"),
                ("+b", "hljs-addition")
            ]
        );
    }

    #[test]
    fn an_unknown_language_has_no_colors() {
        assert!(tokens("text", "let").is_none());
    }
}
