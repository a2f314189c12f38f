//! Named mutants: wrong solutions that a suite must catch.

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
    /// The unified diff.
    pub patch: String,
}

/// A mutant that cannot be used. These are faults of the course.
#[derive(Debug, thiserror::Error)]
pub enum MutantError {
    /// A header line is missing.
    #[error("its header has no `# {0}` line")]
    Header(&'static str),
    /// The patch is not a unified diff.
    #[error("it is not a unified diff: {0}")]
    Patch(String),
    /// The patch changes a file that the solution lacks.
    #[error("the solution has no file {0}")]
    NoFile(String),
    /// The patch does not fit the solution any more.
    #[error("it no longer applies to {file}: {message}")]
    DoesNotApply {
        /// The file.
        file: String,
        /// What the patching library says.
        message: String,
    },
    /// The patch changes nothing.
    #[error("it changes nothing")]
    NoChange,
}

impl Mutant {
    /// Reads a patch file: `#` header lines, then a unified diff.
    ///
    /// # Errors
    /// When the header lacks the mistake or the phase.
    pub fn parse(name: &str, text: &str) -> Result<Mutant, MutantError> {
        let header: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix('#'))
            .map(str::trim)
            .collect();
        let value = |tag: &str| {
            header
                .iter()
                .find_map(|line| line.strip_prefix(tag)?.strip_prefix(':'))
                .map(str::trim)
        };
        let mistake = header
            .first()
            .filter(|line| !line.starts_with("phase:"))
            .ok_or(MutantError::Header("<the mistake, in a sentence>"))?;
        let phase = value("phase")
            .and_then(|number| number.parse().ok())
            .ok_or(MutantError::Header("phase: <number>"))?;
        let tests = value("test").map_or_else(Vec::new, |names| {
            names
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect()
        });
        let patch: String = text
            .lines()
            .skip(header.len())
            .flat_map(|line| [line, "\n"])
            .collect();
        Ok(Mutant {
            name: name.to_owned(),
            mistake: (*mistake).to_owned(),
            phase,
            tests,
            patch,
        })
    }

    /// Applies the patch to the solution's files, given as pairs of relative path and text.
    ///
    /// # Errors
    /// When the patch is malformed, no longer fits, or changes nothing.
    pub fn apply(&self, files: &mut [(String, Vec<u8>)]) -> Result<(), MutantError> {
        let mut changed = false;
        for single in split_files(&self.patch) {
            let patch = diffy::Patch::from_str(&single)
                .map_err(|error| MutantError::Patch(error.to_string()))?;
            let name = patch
                .modified()
                .map(|path| path.strip_prefix("b/").unwrap_or(path).to_owned())
                .ok_or_else(|| MutantError::Patch("it names no file".into()))?;
            let (_, content) = files
                .iter_mut()
                .find(|(path, _)| *path == name)
                .ok_or_else(|| MutantError::NoFile(name.clone()))?;
            let before = String::from_utf8_lossy(content).into_owned();
            let after =
                diffy::apply(&before, &patch).map_err(|error| MutantError::DoesNotApply {
                    file: name.clone(),
                    message: error.to_string(),
                })?;
            changed |= after != before;
            *content = after.into_bytes();
        }
        if changed {
            Ok(())
        } else {
            Err(MutantError::NoChange)
        }
    }
}

/// Splits a diff of several files at their `---` lines.
fn split_files(patch: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut lines = patch.lines().peekable();
    while let Some(line) = lines.next() {
        let starts =
            line.starts_with("--- ") && lines.peek().is_some_and(|next| next.starts_with("+++ "));
        if starts {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "\
# A hit does not promote.
# phase: 1
# test: p1_core::a, p1_core::b
--- a/src/lib.rs
+++ b/src/lib.rs
@@ -1,2 +1,1 @@
 one
-two
";

    #[test]
    fn a_patch_carries_its_mistake_phase_and_tests() {
        let mutant = Mutant::parse("get_forgets", PATCH).unwrap();
        assert_eq!(mutant.mistake, "A hit does not promote.");
        assert_eq!(mutant.phase, 1);
        assert_eq!(mutant.tests, ["p1_core::a", "p1_core::b"]);
    }

    #[test]
    fn a_patch_changes_the_file_that_it_names() {
        let mutant = Mutant::parse("m", PATCH).unwrap();
        let mut files = vec![("src/lib.rs".to_owned(), b"one\ntwo\n".to_vec())];
        mutant.apply(&mut files).unwrap();
        assert_eq!(files[0].1, b"one\n");
    }

    #[test]
    fn a_patch_that_no_longer_applies_is_an_error() {
        let mutant = Mutant::parse("m", PATCH).unwrap();
        let mut files = vec![("src/lib.rs".to_owned(), b"three\n".to_vec())];
        let error = mutant.apply(&mut files).unwrap_err();
        assert!(matches!(error, MutantError::DoesNotApply { .. }));
    }
}
