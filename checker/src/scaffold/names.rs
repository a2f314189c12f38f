//! The names of a new exercise, and what they may be.

use toml::{Table, Value};

/// A name that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be used: {fault}")]
pub struct BadName {
    /// The name.
    pub name: String,
    /// Why.
    pub fault: NameFault,
}

/// Why a name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// It is not written as a module's folder is.
    #[error("a module is written like `03-key-value-store`: two digits, then lowercase words")]
    Module,
    /// It is not written as an id is.
    #[error("an id is written like `lru-cache`: lowercase words and digits with single hyphens")]
    Id,
    /// Rust code could not name the crate.
    #[error("it is a word of Rust's language or the name of one of Rust's own crates")]
    Reserved,
    /// Another package has the name, or would.
    #[error("a package or dependency of the course has this name")]
    Package,
}

/// The crates that every program can name.
const CRATES_OF_RUST: [&str; 5] = ["alloc", "core", "proc_macro", "std", "test"];
/// The packages of the course that are no exercises and no dependencies.
const PACKAGES: [&str; 2] = ["checker", "book-code"];
/// The endings of the packages that belong to an exercise.
const ENDINGS: [&str; 2] = ["-solution", "-suite"];

/// Names that can be used.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) module: String,
    pub(super) id: String,
    pub(super) title: String,
    crate_name: String,
}

impl Names {
    /// Checks the names. `manifest` is the course's root manifest.
    pub(super) fn new(module: &str, id: &str, manifest: &str) -> Result<Names, BadName> {
        let bad = |name: &str, fault| BadName {
            name: name.to_owned(),
            fault,
        };
        if !is_module(module) {
            return Err(bad(module, NameFault::Module));
        }
        let begins_with_letter = id.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins_with_letter || !is_words(id) {
            return Err(bad(id, NameFault::Id));
        }
        let crate_name = id.replace('-', "_");
        let is_keyword = syn::parse_str::<syn::Ident>(&crate_name).is_err();
        if is_keyword || CRATES_OF_RUST.contains(&crate_name.as_str()) {
            return Err(bad(id, NameFault::Reserved));
        }
        let depended_on = dependencies(manifest);
        let is_taken = PACKAGES
            .into_iter()
            .chain(depended_on.iter().map(String::as_str));
        let is_taken = is_taken
            .map(|name| name.replace('-', "_"))
            .any(|name| name == crate_name);
        if is_taken || ENDINGS.iter().any(|ending| id.ends_with(ending)) {
            return Err(bad(id, NameFault::Package));
        }
        Ok(Names {
            module: module.to_owned(),
            id: id.to_owned(),
            title: sentence(id),
            crate_name,
        })
    }

    /// A template with the names in it.
    pub(super) fn fill(&self, template: &str) -> String {
        let names = [
            ("@crate@", &self.crate_name),
            ("@id@", &self.id),
            ("@module@", &self.module),
            ("@title@", &self.title),
        ];
        names
            .iter()
            .fold(template.to_owned(), |text, (placeholder, name)| {
                text.replace(placeholder, name)
            })
    }

    /// The module's title, as far as its folder tells it.
    pub(super) fn module_title(&self) -> String {
        let words = self.module.split_once('-').map_or("", |(_, words)| words);
        sentence(words)
    }
}

fn is_module(name: &str) -> bool {
    name.split_once('-').is_some_and(|(number, words)| {
        number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()) && is_words(words)
    })
}

/// Lowercase words and digits with single hyphens between them.
fn is_words(name: &str) -> bool {
    name.split('-').all(|word| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        !word.is_empty() && word.bytes().all(allowed)
    })
}

/// Words with spaces between them, the first one with a capital.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    let text: String = first.into_iter().chain(chars).collect();
    text.replace('-', " ")
}

/// What the course's packages may depend on. A manifest that is none names nothing here, and is
/// reported by cargo.
fn dependencies(manifest: &str) -> Vec<String> {
    let table: Table = manifest.parse().unwrap_or_default();
    let workspace = table
        .get("workspace")
        .and_then(|value| value.get("dependencies"));
    let names = workspace.and_then(Value::as_table).map(Table::keys);
    names.into_iter().flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.dependencies]\nsuite-kit = \"1\"\nquick_cache = \"1\"\n";

    fn fault(module: &str, id: &str) -> Option<NameFault> {
        Names::new(module, id, MANIFEST).err().map(|bad| bad.fault)
    }

    #[test]
    fn names_of_words_and_digits_are_taken() {
        for (module, id) in [("03-key-value-store", "bitcask"), ("00-b2", "b-tree-2")] {
            assert_eq!(fault(module, id), None, "{module} {id}");
        }
    }

    #[test]
    fn a_module_without_two_digits_and_words_is_refused() {
        for module in [
            "", "03", "03-", "3-x", "003-x", "ab-x", "03_x", "03-X", "03-x/..", "03-x--y",
        ] {
            assert_eq!(fault(module, "a"), Some(NameFault::Module), "{module}");
        }
    }

    #[test]
    fn an_id_that_is_no_folder_or_crate_is_refused() {
        for id in [
            "", "-a", "2a", "A", "a_b", "a-", "a--b", "..", "a/b", "a b", "ä",
        ] {
            assert_eq!(fault("01-x", id), Some(NameFault::Id), "{id}");
        }
        for id in ["match", "self", "async", "std", "proc-macro"] {
            assert_eq!(fault("01-x", id), Some(NameFault::Reserved), "{id}");
        }
    }

    #[test]
    fn the_name_of_another_package_is_refused() {
        for id in [
            "checker",
            "book-code",
            "suite-kit",
            "quick-cache",
            "x-suite",
            "x-solution",
        ] {
            assert_eq!(fault("01-x", id), Some(NameFault::Package), "{id}");
        }
    }

    #[test]
    fn every_placeholder_of_a_template_is_filled() {
        let names = Names::new("03-key-value-store", "b-tree", MANIFEST).unwrap();
        assert_eq!(
            names.fill("@module@ @id@ @crate@ @title@"),
            "03-key-value-store b-tree b_tree B tree"
        );
        assert_eq!(names.module_title(), "Key value store");
    }
}
