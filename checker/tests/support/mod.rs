//! What tests of whole courses share: the miniature course, laid out on disk.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A folder of the fixtures.
pub(crate) fn fixtures(path: &str) -> PathBuf {
    repository("checker/tests/fixtures").join(path)
}

/// Copies the miniature course into a folder, with all that it takes from the repository.
pub(crate) fn lay_out(root: &Path) {
    copy(&fixtures("course"), root);
    copy(&repository("checker/kit"), &root.join("checker/kit"));
    fs::copy(repository("Cargo.lock"), root.join("Cargo.lock")).unwrap();
}

/// Copies a folder over another one.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
