//! The declarations that a learner's crate must have, for naming what is missing.

use std::collections::BTreeMap;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::catalog::Exercise;
use crate::catalog::source::Source;

/// More declarations than this help nobody at once.
const MOST_SHOWN: usize = 6;

/// Public declarations by name, read from the reference solution, which always has them.
#[derive(Debug, Default)]
pub struct Declarations {
    by_name: BTreeMap<String, Vec<String>>,
}

impl Declarations {
    /// Reads the declarations of an exercise.
    #[must_use]
    pub fn of(exercise: &Exercise, source: &Source) -> Declarations {
        let mut declarations = Declarations::default();
        for path in source.files_below(&format!("{}/src", exercise.solution_dir())) {
            if let Ok(text) = source.read_text(&path) {
                declarations.read(&text);
            }
        }
        declarations
    }

    fn read(&mut self, text: &str) {
        if let Ok(file) = syn::parse_file(text) {
            Reader { text, found: self }.visit_file(&file);
        }
    }

    /// The declarations whose names stand in backticks in some messages of rustc.
    #[must_use]
    pub fn named_in(&self, messages: &[String]) -> Vec<String> {
        let mut named = Vec::new();
        for message in messages {
            for quoted in message.split('`').skip(1).step_by(2) {
                for name in quoted.split(|c: char| !c.is_alphanumeric() && c != '_') {
                    for declaration in self.by_name.get(name).into_iter().flatten() {
                        if !named.contains(declaration) && named.len() < MOST_SHOWN {
                            named.push(declaration.clone());
                        }
                    }
                }
            }
        }
        named
    }

    fn add(&mut self, name: String, declaration: String) {
        let words = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
        let list = self.by_name.entry(name).or_default();
        if !list.contains(&words) {
            list.push(words);
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    found: &'a mut Declarations,
}

impl Reader<'_> {
    fn text_of(&self, item: &impl Spanned) -> &str {
        self.text.get(item.span().byte_range()).unwrap_or_default()
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            let declaration = format!("pub {}", self.text_of(&item.sig));
            self.found.add(item.sig.ident.to_string(), declaration);
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            let declaration = format!("pub {}", self.text_of(&item.sig));
            self.found.add(item.sig.ident.to_string(), declaration);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let declaration = self.text_of(&item.sig).to_owned();
        self.found.add(item.sig.ident.to_string(), declaration);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            let generics = self.text_of(&item.generics);
            let declaration = format!("pub struct {}{generics}", item.ident);
            self.found.add(item.ident.to_string(), declaration);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            let generics = self.text_of(&item.generics);
            let declaration = format!("pub enum {}{generics}", item.ident);
            self.found.add(item.ident.to_string(), declaration);
        }
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        if matches!(item.vis, syn::Visibility::Public(_)) {
            let generics = self.text_of(&item.generics);
            let declaration = format!("pub trait {}{generics}", item.ident);
            self.found.add(item.ident.to_string(), declaration);
        }
        visit::visit_item_trait(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_method_is_answered_with_its_declaration() {
        let mut declarations = Declarations::default();
        declarations.read(
            "pub struct Cache<K>(K);\nimpl<K> Cache<K> {\n    pub fn put(\n        &mut self,\n        key: K,\n    ) -> Option<K> { None }\n    fn own(&self) {}\n}",
        );
        let message = "no method named `put` found for struct `Cache<K>`".to_owned();
        assert_eq!(
            declarations.named_in(&[message]),
            [
                "pub fn put( &mut self, key: K, ) -> Option<K>",
                "pub struct Cache<K>"
            ]
        );
    }
}
