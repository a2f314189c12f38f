//! Rust, read by the compiler's lexer.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use super::Token;

/// Without the words that are keywords in few places and ordinary names elsewhere, as `union`.
const KEYWORDS: [&str; 38] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "type", "unsafe", "use", "where",
    "while", "yield", "macro", "become",
];

const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

/// The colored parts of a program, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexed = Vec::new();
    let mut at = 0;
    for token in tokenize(text, FrontmatterAllowed::No) {
        let end = at + token.len as usize;
        lexed.push((token.kind, at..end));
        at = end;
    }
    let mut found = Vec::new();
    let mut index = 0;
    let mut after_fn = false;
    while let Some((kind, range)) = lexed.get(index) {
        let word = text.get(range.clone()).unwrap_or_default();
        let next = |kind: TokenKind| {
            lexed
                .get(index + 1)
                .is_some_and(|(other, _)| *other == kind)
        };
        if *kind == TokenKind::Pound
            && let Some(last) = attribute_end(&lexed, index)
        {
            let end = lexed.get(last).map_or(range.end, |(_, range)| range.end);
            found.push(Token {
                range: range.start..end,
                class: "hljs-meta",
            });
            index = last + 1;
            continue;
        }
        let class = match kind {
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => Some("hljs-comment"),
            TokenKind::Literal { kind, .. } => Some(literal(*kind)),
            TokenKind::Lifetime { .. } | TokenKind::RawLifetime => Some("hljs-symbol"),
            TokenKind::RawIdent if after_fn => Some("hljs-title"),
            TokenKind::Ident if after_fn => Some("hljs-title"),
            TokenKind::Ident if next(TokenKind::Bang) && is_macro_call(&lexed, index) => {
                Some("hljs-title")
            }
            TokenKind::Ident => word_class(word),
            _ => None,
        };
        match kind {
            TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { .. } => {}
            TokenKind::Ident => after_fn = word == "fn",
            _ => after_fn = false,
        }
        if let Some(class) = class {
            found.push(Token {
                range: range.clone(),
                class,
            });
        }
        index += 1;
    }
    found
}

type Lexed = [(TokenKind, std::ops::Range<usize>)];

/// The place of the bracket that ends an attribute which begins at `start`.
fn attribute_end(lexed: &Lexed, start: usize) -> Option<usize> {
    let mut index = start + 1;
    if lexed.get(index)?.0 == TokenKind::Bang {
        index += 1;
    }
    if lexed.get(index)?.0 != TokenKind::OpenBracket {
        return None;
    }
    let mut depth = 0_usize;
    loop {
        match lexed.get(index)?.0 {
            TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBracket => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index);
        }
        index += 1;
    }
}

/// Whether `name!` is followed by what a macro takes, so that it is not `name != other`.
fn is_macro_call(lexed: &Lexed, index: usize) -> bool {
    let mut after = lexed.get(index + 2..).unwrap_or_default().iter();
    let next = after.find(|(kind, _)| *kind != TokenKind::Whitespace);
    matches!(
        next,
        Some((
            TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::Ident,
            _
        ))
    )
}

fn literal(kind: LiteralKind) -> &'static str {
    match kind {
        LiteralKind::Int { .. } | LiteralKind::Float { .. } => "hljs-number",
        _ => "hljs-string",
    }
}

fn word_class(word: &str) -> Option<&'static str> {
    if matches!(word, "true" | "false") {
        return Some("hljs-literal");
    }
    if PRIMITIVES.contains(&word) {
        return Some("hljs-type");
    }
    if KEYWORDS.contains(&word) {
        return Some("hljs-keyword");
    }
    let mut chars = word.chars();
    let is_type = chars.next().is_some_and(char::is_uppercase)
        // A constant is all capitals; a type parameter is a single one.
        && (word.len() == 1 || chars.any(char::is_lowercase));
    is_type.then_some("hljs-type")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::build::highlight::described;

    #[test]
    fn each_kind_of_word_has_its_class() {
        let text = "pub fn put<'a, K>(&'a mut self) -> Option<u8> { // why\n MAX_LEN + 1_u8 }";
        let expected = [
            ("pub", "hljs-keyword"),
            ("fn", "hljs-keyword"),
            ("put", "hljs-title"),
            ("'a", "hljs-symbol"),
            ("K", "hljs-type"),
            ("'a", "hljs-symbol"),
            ("mut", "hljs-keyword"),
            ("self", "hljs-keyword"),
            ("Option", "hljs-type"),
            ("u8", "hljs-type"),
            ("// why", "hljs-comment"),
            ("1_u8", "hljs-number"),
        ];
        assert_eq!(described(text, &tokens(text)), expected);
    }

    #[test]
    fn an_attribute_is_one_part_with_all_its_brackets() {
        let text = "#![allow(unused)]\n#[cfg(any(a, b = \"[x]\"))] #[a[0]] struct S;";
        let parts = described(text, &tokens(text));
        let metas: Vec<&str> = parts
            .iter()
            .filter(|(_, class)| *class == "hljs-meta")
            .map(|(text, _)| *text)
            .collect();
        assert_eq!(
            metas,
            [
                "#![allow(unused)]",
                "#[cfg(any(a, b = \"[x]\"))]",
                "#[a[0]]"
            ]
        );
    }

    #[test]
    fn a_macro_is_told_from_a_comparison() {
        let text = "vec![1]; macro_rules! m {} a != b; println ! (); #";
        let titles: Vec<&str> = described(text, &tokens(text))
            .into_iter()
            .filter(|(_, class)| *class == "hljs-title")
            .map(|(text, _)| text)
            .collect();
        assert_eq!(titles, ["vec", "macro_rules"]);
    }

    #[test]
    fn strings_of_every_kind_and_nested_comments_are_whole() {
        let text = r####"r#"a " b"# b"x" c"y" '\n' b'z' /* a /* b */ c */ "open"####;
        let parts = described(text, &tokens(text));
        assert_eq!(
            parts,
            [
                ("r#\"a \" b\"#", "hljs-string"),
                ("b\"x\"", "hljs-string"),
                ("c\"y\"", "hljs-string"),
                ("'\\n'", "hljs-string"),
                ("b'z'", "hljs-string"),
                ("/* a /* b */ c */", "hljs-comment"),
                ("\"open", "hljs-string"),
            ]
        );
    }
}
