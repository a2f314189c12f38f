//! Named mutants: wrong solutions that a suite must catch.

use super::patch::{Patch, PatchError};

/// A small patch that makes the reference solution wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutant {
    /// The file's name without its ending.
    pub name: String,
    /// The mistake, in a sentence.
    pub mistake: String,
    /// The phase that must catch it, from 1.
    pub phase: u32,
    /// The tests of which one must catch it; any test of the phase if empty.
    pub tests: Vec<String>,
    /// What is changed.
    pub patch: Patch,
}

impl Mutant {
    /// Reads a patch file: the mistake in a sentence, `phase:`, `test:`, then a unified diff.
    ///
    /// # Errors
    /// When the header lacks the mistake or the phase.
    pub fn parse(name: &str, text: &str) -> Result<Mutant, PatchError> {
        let patch = Patch::parse(text);
        let mistake = patch
            .header
            .first()
            .filter(|line| !line.starts_with("phase:"))
            .ok_or(PatchError::Header("<the mistake, in a sentence>"))?;
        let phase = patch
            .value("phase")
            .and_then(|number| number.parse().ok())
            .ok_or(PatchError::Header("phase: <number>"))?;
        let tests = patch.value("test").map_or_else(Vec::new, |names| {
            names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect()
        });
        Ok(Mutant {
            name: name.to_owned(),
            mistake: mistake.clone(),
            phase,
            tests,
            patch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -1,2 +1,1 @@\n one\n-two\n";

    #[test]
    fn a_mutant_carries_its_mistake_phase_and_tests() {
        let header = "# A hit does not promote.\n# phase: 1\n# test: p1_core::a, p1_core::b\n";
        let mutant = Mutant::parse("get_forgets", &format!("{header}{DIFF}")).unwrap();
        assert_eq!(mutant.mistake, "A hit does not promote.");
        assert_eq!(mutant.phase, 1);
        assert_eq!(mutant.tests, ["p1_core::a", "p1_core::b"]);
    }

    #[test]
    fn a_mutant_without_a_mistake_or_a_phase_is_an_error() {
        for header in ["", "# phase: 1\n", "# A mistake.\n"] {
            let read = Mutant::parse("m", &format!("{header}{DIFF}"));
            assert!(matches!(read, Err(PatchError::Header(_))), "{header:?}");
        }
    }
}
