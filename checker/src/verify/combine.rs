//! Many changed solutions in one crate.
//!
//! Where a change touches nothing but bodies of functions, the changed body can stand beside the
//! original, behind a switch that the process reads once:
//!
//! ```text
//! fn len(&self) -> usize { match ::lru_cache::__mutants::chosen() {
//!     3 => { self.slots.len() + 1 }
//!     _ => { self.slots.len() }
//! } }
//! ```
//!
//! One build then serves all of these mutants, and a variable of the environment chooses one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

/// The variable that names the mutant.
pub(super) const CHOICE: &str = "CHECKER_MUTANT";

/// The files of a crate: paths from its root, and contents.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// A crate that is the solution, and each of the changed ones when it is chosen by name.
#[derive(Debug)]
pub(super) struct Combined {
    pub(super) files: Files,
    bodies: Vec<Body>,
}

/// Where the body of a mutant stands in the combined crate.
#[derive(Debug)]
struct Body {
    file: String,
    lines: RangeInclusive<usize>,
    mutant: String,
}

impl Combined {
    /// The mutants whose bodies hold one of these places.
    pub(super) fn mutants_at(&self, places: &[(String, usize)]) -> BTreeSet<String> {
        let holds = |body: &&Body| {
            places.iter().any(|(file, line)| {
                file.ends_with(&format!("/{}", body.file)) && body.lines.contains(line)
            })
        };
        let bodies = self.bodies.iter().filter(holds);
        bodies.map(|body| body.mutant.clone()).collect()
    }
}

/// Why a changed solution has to be built alone.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum Apart {
    #[error("it changes more than bodies of functions")]
    Declarations,
    #[error("it changes a `const fn`, which reads no switch")]
    ConstFn,
    #[error("it changes a function that returns `impl Trait`, whose type the body decides")]
    Opaque,
    #[error("its body does not compile beside the others")]
    Body,
}

/// The bodies that a changed solution has otherwise: file, number of the function, text.
pub(super) type Bodies = Vec<(String, usize, String)>;

/// Finds what differs, if that is nothing but bodies of functions.
///
/// # Errors
/// Why the change cannot stand beside the original.
pub(super) fn bodies(solution: &Files, changed: &Files) -> Result<Bodies, Apart> {
    let mut found = Vec::new();
    if solution.len() != changed.len() {
        return Err(Apart::Declarations);
    }
    for ((path, before), (other, after)) in solution.iter().zip(changed) {
        if path != other {
            return Err(Apart::Declarations);
        }
        if before == after {
            continue;
        }
        let read = |content: &[u8]| Source::parse(content).ok_or(Apart::Declarations);
        let [before, after] = [read(before)?, read(after)?];
        if before.skeleton() != after.skeleton() {
            return Err(Apart::Declarations);
        }
        let pairs = before.functions.iter().zip(&after.functions);
        for (number, (original, mutated)) in pairs.enumerate() {
            if original.tokens == mutated.tokens {
                continue;
            }
            if original.is_const {
                return Err(Apart::ConstFn);
            }
            if original.is_opaque {
                return Err(Apart::Opaque);
            }
            let text = after.text[mutated.body.clone()].to_owned();
            found.push((path.clone(), number, text));
        }
    }
    Ok(found)
}

/// Puts the bodies of all mutants beside the solution's. `library` is the crate's name as Rust
/// code writes it.
pub(super) fn combine(solution: &Files, library: &str, mutants: &[(String, Bodies)]) -> Combined {
    let mut by_place: BTreeMap<(&str, usize), Vec<(usize, &str)>> = BTreeMap::new();
    for (index, (_, bodies)) in mutants.iter().enumerate() {
        for (file, number, text) in bodies {
            let arms = by_place.entry((file, *number)).or_default();
            arms.push((index, text));
        }
    }
    let mut combined = Combined {
        files: Vec::new(),
        bodies: Vec::new(),
    };
    for (path, content) in solution {
        let is_changed = by_place.keys().any(|(file, _)| file == path);
        let source = is_changed.then(|| Source::parse(content)).flatten();
        let mut text = match source {
            None => String::from_utf8_lossy(content).into_owned(),
            Some(source) => {
                let mut text = String::new();
                let mut from = 0;
                for (number, function) in source.functions.iter().enumerate() {
                    let Some(arms) = by_place.get(&(path.as_str(), number)) else {
                        continue;
                    };
                    text.push_str(&source.text[from..function.body.start]);
                    from = function.body.end;
                    text.push_str(&format!("{{ match ::{library}::__mutants::chosen() {{\n"));
                    for (index, body) in arms {
                        text.push_str(&format!("{index} => "));
                        let first = lines(&text);
                        text.push_str(body);
                        combined.bodies.push(Body {
                            file: path.clone(),
                            lines: first..=lines(&text),
                            mutant: mutants[*index].0.clone(),
                        });
                        text.push('\n');
                    }
                    text.push_str("_ => ");
                    text.push_str(&source.text[function.body.clone()]);
                    text.push_str("\n} }");
                }
                text.push_str(&source.text[from..]);
                text
            }
        };
        if path == "src/lib.rs" {
            text.push_str(&switch(library, mutants, &text));
        }
        combined.files.push((path.clone(), text.into_bytes()));
    }
    combined
}

/// The number of the line that a text ends in, from 1.
fn lines(text: &str) -> usize {
    1 + text.matches('\n').count()
}

/// The module that knows which mutant was chosen.
fn switch(library: &str, mutants: &[(String, Bodies)], root: &str) -> String {
    let names: Vec<&str> = mutants.iter().map(|(name, _)| name.as_str()).collect();
    // Programs of the crate and the library call it by the same path.
    let alias = format!("extern crate self as {library};");
    let alias = if root.contains(&alias) { "" } else { &alias };
    format!(
        "\n{alias}\n#[doc(hidden)]\n#[allow(missing_docs, unreachable_pub)]\npub mod __mutants {{\n\
         const NAMES: &[&str] = &{names:?};\n\
         static CHOSEN: ::std::sync::LazyLock<usize> = ::std::sync::LazyLock::new(|| {{\n\
         let name = ::std::env::var_os({CHOICE:?});\n\
         let known = |name| NAMES.iter().position(|known| name == **known);\n\
         name.and_then(known).unwrap_or(usize::MAX)\n}});\n\
         pub fn chosen() -> usize {{ *CHOSEN }}\n}}\n"
    )
}

/// A source file and its functions.
struct Source {
    text: String,
    functions: Vec<Function>,
}

/// A function that stands in no other function.
struct Function {
    /// The bytes of the body, with its braces.
    body: Range<usize>,
    /// The body without comments and spaces.
    tokens: String,
    is_const: bool,
    is_opaque: bool,
}

impl Source {
    /// `None` if it is no Rust.
    fn parse(content: &[u8]) -> Option<Source> {
        let text = String::from_utf8(content.to_vec()).ok()?;
        let file = syn::parse_file(&text).ok()?;
        let mut found = Functions::default();
        found.visit_file(&file);
        Some(Source {
            text,
            functions: found.0,
        })
    }

    /// All but the bodies, without comments and spaces; `None` if that is no Rust.
    fn skeleton(&self) -> Option<String> {
        let mut text = String::new();
        let mut from = 0;
        for function in &self.functions {
            text.push_str(&self.text[from..function.body.start]);
            text.push_str("{}");
            from = function.body.end;
        }
        text.push_str(&self.text[from..]);
        let tokens: TokenStream = text.parse().ok()?;
        Some(tokens.to_string())
    }
}

/// Finds functions, and does not look into them.
#[derive(Default)]
struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &Signature, body: &Block) {
        let mut opaque = Opaque(false);
        opaque.visit_return_type(&signature.output);
        self.0.push(Function {
            body: body.span().byte_range(),
            tokens: body.to_token_stream().to_string(),
            is_const: signature.constness.is_some(),
            is_opaque: opaque.0,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.sig, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.sig, &function.block);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
    }
}

/// Looks for `impl Trait` in a type.
struct Opaque(bool);

impl<'ast> Visit<'ast> for Opaque {
    fn visit_type_impl_trait(&mut self, found: &'ast syn::TypeImplTrait) {
        self.0 = true;
        visit::visit_type_impl_trait(self, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(lib: &str) -> Files {
        vec![
            ("src/lib.rs".to_owned(), lib.as_bytes().to_vec()),
            ("src/other.rs".to_owned(), b"fn same() {}\n".to_vec()),
        ]
    }

    const ORIGINAL: &str = "\
pub const LIMIT: u32 = 3;
pub struct S(u32);
impl S {
    /// Documented.
    pub fn get(&self) -> u32 {
        self.0 // a comment
    }
    pub const fn zero() -> u32 {
        0
    }
}
pub fn all() -> impl Iterator<Item = u32> {
    0..LIMIT
}
macro_rules! one {
    () => {
        fn made() -> u32 {
            1
        }
    };
}
one!();
";

    fn apart(from: &str, to: &str) -> Apart {
        let changed = ORIGINAL.replacen(from, to, 1);
        assert_ne!(changed, ORIGINAL);
        bodies(&files(ORIGINAL), &files(&changed)).unwrap_err()
    }

    #[test]
    fn a_changed_body_stands_beside_the_original() {
        let changed = ORIGINAL.replace("self.0 // a comment", "self.0 + 1");
        let found = bodies(&files(ORIGINAL), &files(&changed)).unwrap();
        assert_eq!(found.len(), 1);
        let mutants = [("adds-one".to_owned(), found)];
        let combined = combine(&files(ORIGINAL), "it", &mutants);
        let text = String::from_utf8(combined.files[0].1.clone()).unwrap();
        assert!(text.contains(
            "pub fn get(&self) -> u32 { match ::it::__mutants::chosen() {\n\
             0 => {\n        self.0 + 1\n    }\n_ => {\n        self.0 // a comment\n    }\n} }"
        ));
        assert!(syn::parse_file(&text).is_ok(), "{text}");
        assert_eq!(combined.files[1], files("")[1]);
        let line = 1 + text.lines().position(|l| l.contains("+ 1")).unwrap();
        let at = |line| combined.mutants_at(&[("exercises/m/it/src/lib.rs".to_owned(), line)]);
        assert_eq!(at(line).into_iter().collect::<Vec<_>>(), ["adds-one"]);
        assert!(at(line + 2).is_empty());
    }

    #[test]
    fn comments_and_layout_are_no_change() {
        let changed = ORIGINAL.replace(" // a comment", "");
        assert_eq!(bodies(&files(ORIGINAL), &files(&changed)).unwrap(), []);
    }

    #[test]
    fn what_no_switch_can_choose_is_built_alone() {
        assert_eq!(
            apart("LIMIT: u32 = 3", "LIMIT: u32 = 4"),
            Apart::Declarations
        );
        assert_eq!(apart("S(u32)", "S(u64)"), Apart::Declarations);
        assert_eq!(apart("&self", "&mut self"), Apart::Declarations);
        assert_eq!(
            apart("            1\n", "            2\n"),
            Apart::Declarations
        );
        assert_eq!(apart("        0\n", "        1\n"), Apart::ConstFn);
        assert_eq!(apart("0..LIMIT", "1..LIMIT"), Apart::Opaque);
    }
}
