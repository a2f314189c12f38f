//! Patches to a reference solution: wrong solutions that a suite must catch (mutants), and right
//! ones of another design that it must pass (variants).

/// A unified diff of a solution's files, and the lines above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// The lines that begin with `#`, without it.
    pub header: Vec<String>,
    /// The unified diff, with paths from the crate's root.
    pub diff: String,
}

/// A patch that cannot be used. These are faults of the course.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    /// A header line is missing.
    #[error("its header has no `# {0}` line")]
    Header(&'static str),
    /// The patch is not a unified diff.
    #[error("it is not a unified diff: {0}")]
    Syntax(String),
    /// The patch changes a file that the solution lacks.
    #[error("the solution has no file {0}")]
    NoFile(String),
    /// The patch does not fit the solution.
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

impl Patch {
    /// Reads a patch file: `#` header lines, then a unified diff.
    #[must_use]
    pub fn parse(text: &str) -> Patch {
        let header: Vec<String> = text
            .lines()
            .map_while(|line| line.strip_prefix('#'))
            .map(|line| line.trim().to_owned())
            .collect();
        let lines = text.lines().skip(header.len());
        let diff = lines.flat_map(|line| [line, "\n"]).collect();
        Patch { header, diff }
    }

    /// The difference between the files of a solution and the same files changed.
    ///
    /// # Errors
    /// When nothing differs, or a file that differs is not UTF-8 or missing on one side.
    pub fn between(
        header: Vec<String>,
        before: &[(String, Vec<u8>)],
        after: &[(String, Vec<u8>)],
    ) -> Result<Patch, PatchError> {
        let find = |files: &[(String, Vec<u8>)], name: &str| {
            let (_, content) = files.iter().find(|(path, _)| path == name)?;
            String::from_utf8(content.clone()).ok()
        };
        let names: std::collections::BTreeSet<&String> =
            before.iter().chain(after).map(|(path, _)| path).collect();
        let mut diff = String::new();
        for name in names {
            let text = |files| find(files, name).ok_or_else(|| PatchError::NoFile(name.clone()));
            let [before, after] = [text(before)?, text(after)?];
            if before != after {
                diff.push_str(
                    &diffy::DiffOptions::new()
                        .set_original_filename(format!("a/{name}"))
                        .set_modified_filename(format!("b/{name}"))
                        .create_patch(&before, &after)
                        .to_string(),
                );
            }
        }
        if diff.is_empty() {
            return Err(PatchError::NoChange);
        }
        Ok(Patch { header, diff })
    }

    /// The value of a header line `tag: value`.
    #[must_use]
    pub fn value(&self, tag: &str) -> Option<&str> {
        let mut lines = self.header.iter();
        lines
            .find_map(|line| line.strip_prefix(tag)?.strip_prefix(':'))
            .map(str::trim)
    }

    /// The files that the patch changes, as paths from the crate's root.
    ///
    /// # Errors
    /// When the patch is malformed.
    pub fn files(&self) -> Result<Vec<String>, PatchError> {
        let parts = split_files(&self.diff);
        parts.iter().map(|part| name_of(&parsed(part)?)).collect()
    }

    /// Applies the patch to the solution's files, given as pairs of relative path and text.
    ///
    /// # Errors
    /// When the patch is malformed, no longer fits, or changes nothing.
    pub fn apply(&self, files: &mut [(String, Vec<u8>)]) -> Result<(), PatchError> {
        let mut changed = false;
        for single in split_files(&self.diff) {
            let patch = parsed(&single)?;
            let name = name_of(&patch)?;
            let (_, content) = files
                .iter_mut()
                .find(|(path, _)| *path == name)
                .ok_or_else(|| PatchError::NoFile(name.clone()))?;
            let before = String::from_utf8_lossy(content).into_owned();
            let after =
                diffy::apply(&before, &patch).map_err(|error| PatchError::DoesNotApply {
                    file: name.clone(),
                    message: error.to_string(),
                })?;
            changed |= after != before;
            *content = after.into_bytes();
        }
        if changed {
            Ok(())
        } else {
            Err(PatchError::NoChange)
        }
    }

    /// The patch as a file.
    #[must_use]
    pub fn text(&self) -> String {
        let header = self.header.iter().flat_map(|line| ["# ", line, "\n"]);
        header.chain([self.diff.as_str()]).collect()
    }
}

fn parsed(part: &str) -> Result<diffy::Patch<'_, str>, PatchError> {
    diffy::Patch::from_str(part).map_err(|error| PatchError::Syntax(error.to_string()))
}

fn name_of(patch: &diffy::Patch<'_, str>) -> Result<String, PatchError> {
    let modified = patch.modified();
    let name = modified.map(|path| path.strip_prefix("b/").unwrap_or(path).to_owned());
    name.ok_or_else(|| PatchError::Syntax("it names no file".into()))
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
--- a/src/lib.rs
+++ b/src/lib.rs
@@ -1,2 +1,1 @@
 one
-two
";

    fn files(content: &str) -> Vec<(String, Vec<u8>)> {
        vec![("src/lib.rs".to_owned(), content.as_bytes().to_vec())]
    }

    #[test]
    fn a_patch_changes_the_file_that_it_names() {
        let patch = Patch::parse(PATCH);
        let mut files = files("one\ntwo\n");
        patch.apply(&mut files).unwrap();
        assert_eq!(files[0].1, b"one\n");
        assert_eq!(patch.files().unwrap(), ["src/lib.rs"]);
        assert_eq!(patch.value("phase"), Some("1"));
    }

    #[test]
    fn a_patch_that_no_longer_applies_is_an_error() {
        let error = Patch::parse(PATCH)
            .apply(&mut files("three\n"))
            .unwrap_err();
        assert!(matches!(error, PatchError::DoesNotApply { .. }));
    }

    #[test]
    fn the_difference_of_files_is_a_patch_that_leads_from_one_to_the_other() {
        let (before, after) = (files("one\ntwo\nthree"), files("one\nfour\nthree"));
        let header = vec!["A mistake.".to_owned()];
        let patch = Patch::between(header, &before, &after).unwrap();
        let read = Patch::parse(&patch.text());
        assert_eq!(read.header, ["A mistake."]);
        let mut files = before.clone();
        read.apply(&mut files).unwrap();
        assert_eq!(files, after);
        let none = Patch::between(Vec::new(), &before, &before);
        assert!(matches!(none, Err(PatchError::NoChange)));
    }
}
