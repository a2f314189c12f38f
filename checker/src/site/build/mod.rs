//! Builds the book inside this process.

mod files;
mod log;
mod output;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::config::Config;

pub use self::output::OutputError;
use super::preprocess::{Course, NAME, PageErrors};
use crate::catalog::source::Source;
use crate::catalog::{Catalog, CatalogError};

/// A book that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The number of chapters with a page.
    pub pages: usize,
    /// What mdBook warns of, such as HTML tags that are never closed.
    pub warnings: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// A book that could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The exercises' manifests are malformed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The output folder cannot be used.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Chapters are malformed.
    #[error(transparent)]
    Pages(#[from] PageErrors),
    /// mdBook could not load or render the book.
    #[error("{0}")]
    Book(String),
    /// mdBook went on after errors, such as an include that is missing.
    #[error("{}", .0.join("\n"))]
    Logged(Vec<String>),
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Builds the course's book into `output`, which is replaced as a whole and only after the build
/// succeeded. The book in a checkout is built in place; that of an installed program is written
/// below `work_dir` first.
///
/// # Errors
/// When `output` is no folder that may be replaced, or the book is malformed.
pub fn build(source: &Source, work_dir: &Path, output: &Path) -> Result<Built, BuildError> {
    let start = Instant::now();
    let root = files::root_of(source, work_dir)?;
    let config_path = root.join("book.toml");
    let mut config = Config::from_disk(&config_path).map_err(in_book)?;
    let staged = output::Staged::new(output, &root.join(&config.book.src))?;
    config.build.build_dir = staged.path().to_path_buf();
    // mdBook would write a chapter that the summary names and nobody wrote.
    config.build.create_missing = false;
    let before_links = format!("preprocessor.{NAME}.before");
    config.set(before_links, ["links"]).map_err(in_book)?;
    let course = Course::new(Catalog::load(source.clone())?);
    let (result, log) = log::collect(|| {
        let mut book = MDBook::load_with_config(&root, config)?;
        book.with_preprocessor(course);
        book.build()?;
        let is_page =
            |item: &&BookItem| matches!(item, BookItem::Chapter(chapter) if chapter.path.is_some());
        Ok(book.iter().filter(is_page).count())
    });
    let pages = result.map_err(|error: mdbook_driver::errors::Error| {
        error
            .downcast::<PageErrors>()
            .map_or_else(in_book, BuildError::Pages)
    })?;
    if !log.errors.is_empty() {
        return Err(BuildError::Logged(log.errors));
    }
    staged.publish()?;
    Ok(Built {
        pages,
        warnings: log.warnings,
        took: start.elapsed(),
    })
}

/// mdBook's error with its causes, on one line.
fn in_book(error: mdbook_driver::errors::Error) -> BuildError {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    BuildError::Book(causes.join(": "))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BuildError + '_ {
    |source| BuildError::Io {
        path: path.to_path_buf(),
        source,
    }
}
