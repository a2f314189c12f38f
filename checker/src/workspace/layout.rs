//! What a learner's folder holds, made from the course's files.

use std::collections::BTreeMap;

use crate::catalog::package::{ManifestError, parse};
use crate::catalog::source::Source;
use crate::catalog::{Catalog, CatalogError, content_hash};

use super::manifest::workspace_manifest;

/// The untouched copies of the files, from which later versions are merged.
pub(super) const BASE: &str = ".course/base";
/// The lock file, which cargo changes by itself.
pub(super) const LOCK_FILE: &str = "Cargo.lock";

const README: &str = include_str!("templates/README.md");
const IGNORED: &str = "/target\n/.course/*.lock\n";

/// The course's own part of a learner's folder.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// The files, by their paths with `/` between.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// The version of the course.
    pub(super) version: semver::Version,
    /// The ids of the exercises, in the order of the course.
    pub(super) exercises: Vec<String>,
}

/// A course from which no folder can be made. The learner is not to blame.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Its suites or files are malformed.
    #[error("the course itself is at fault: {0}")]
    Catalog(#[from] CatalogError),
    /// Its manifests are malformed.
    #[error("the course itself is at fault: {0}")]
    Manifest(#[from] ManifestError),
    /// It has no version.
    #[error("the course itself is at fault: Cargo.toml: {0}")]
    Version(String),
}

impl Layout {
    /// Makes the files for a learner from those of a course.
    ///
    /// # Errors
    /// When the course is malformed.
    pub(super) fn of(source: &Source) -> Result<Layout, LayoutError> {
        let catalog = Catalog::load(source.clone())?;
        let mut files = BTreeMap::new();
        let mut manifests = Vec::new();
        for exercise in catalog.exercises() {
            for path in source.files_below(&exercise.stub_dir()) {
                let content = read(source, &path)?;
                if path == format!("{}/Cargo.toml", exercise.stub_dir()) {
                    manifests.push((path.clone(), text(source, &path)?));
                }
                files.insert(path, content);
            }
        }
        let root = text(source, "Cargo.toml")?;
        let manifest = workspace_manifest(&root, &manifests)?;
        let exercises: Vec<String> = catalog
            .exercises()
            .iter()
            .map(|e| e.id().to_owned())
            .collect();
        let list: Vec<String> = catalog
            .exercises()
            .iter()
            .map(|e| format!("- `{}`: {}", e.id(), e.manifest.title))
            .collect();
        files.insert("Cargo.toml".into(), manifest.into_bytes());
        files.insert(LOCK_FILE.into(), read(source, LOCK_FILE)?);
        files.insert(
            "README.md".into(),
            README.replace("@EXERCISES@", &list.join("\n")).into_bytes(),
        );
        files.insert(".gitignore".into(), IGNORED.into());
        Ok(Layout {
            files,
            version: version(&root)?,
            exercises,
        })
    }

    /// A hash over all files.
    pub(super) fn hash(&self) -> String {
        let files: Vec<_> = self.files.clone().into_iter().collect();
        content_hash(&files)
    }
}

fn version(root: &str) -> Result<semver::Version, LayoutError> {
    let root = parse("Cargo.toml", root)?;
    let package = root.get("workspace").and_then(|inner| inner.get("package"));
    let version = package.and_then(|package| package.get("version"));
    let version = version
        .and_then(toml::Value::as_str)
        .ok_or_else(|| LayoutError::Version("[workspace.package] has no version".into()))?;
    version
        .parse()
        .map_err(|error: semver::Error| LayoutError::Version(error.to_string()))
}

fn missing(path: &str) -> impl FnOnce(std::io::Error) -> LayoutError {
    move |source| {
        LayoutError::Catalog(CatalogError::Missing {
            path: path.to_owned(),
            source,
        })
    }
}

fn read(source: &Source, path: &str) -> Result<Vec<u8>, LayoutError> {
    source.read(path).map_err(missing(path))
}

fn text(source: &Source, path: &str) -> Result<String, LayoutError> {
    source.read_text(path).map_err(missing(path))
}
