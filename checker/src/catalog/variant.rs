//! Variants: right solutions of another design, which a suite must pass.

use super::patch::{Patch, PatchError};

/// A patch that makes of the reference solution another one that is right as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// The file's name without its ending.
    pub name: String,
    /// How it differs, in a sentence.
    pub design: String,
    /// What is changed.
    pub patch: Patch,
}

impl Variant {
    /// Reads a patch file: the design in a sentence, then a unified diff.
    ///
    /// # Errors
    /// When the header lacks the design.
    pub fn parse(name: &str, text: &str) -> Result<Variant, PatchError> {
        let patch = Patch::parse(text);
        let design = patch.header.first();
        let design = design.ok_or(PatchError::Header("<the design, in a sentence>"))?;
        Ok(Variant {
            name: name.to_owned(),
            design: design.clone(),
            patch,
        })
    }
}
