//! Builds the book inside this process.

mod base_url;
mod files;
mod finish;
mod highlight;
mod links;
mod lint;
mod log;
mod output;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::config::Config;
use walkdir::WalkDir;

pub use self::base_url::{BaseUrl, NotAnAddress};
use self::finish::{Contents, Plan};
pub use self::output::OutputError;
use super::preprocess::{Closed, Course, NAME, PageErrors, ReleaseError, Releases};
use crate::catalog::source::Source;
use crate::catalog::{Catalog, CatalogError};

/// How a site differs from the one that a learner reads on their own machine.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the site will be: gives it canonical addresses and a sitemap.
    pub base_url: Option<BaseUrl>,
    /// Leave out solutions and the notes on them.
    pub without_solutions: bool,
    /// Close the modules that open after this day. Without it all are open.
    pub today: Option<Date>,
    /// Serve it while its chapters are edited: the names of its files stay as the content changes.
    pub live: Option<SearchIndex>,
}

/// What a build of a live site does about the search index, which takes as long as the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchIndex {
    /// It holds every page.
    Complete,
    /// It holds none. The one from before is good enough for a moment.
    Empty,
}

/// The search index of a live site, below its root.
pub const SEARCH_INDEX: &str = "searchindex.js";

/// A book that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The number of chapters with a page.
    pub pages: usize,
    /// What mdBook warns of, such as HTML tags that are never closed, and what pages lack.
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
    /// The days on which modules open cannot be understood.
    #[error(transparent)]
    Release(#[from] ReleaseError),
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
/// When `output` is no folder that may be replaced, or the book or its release days are malformed.
pub fn build(source: &Source, work_dir: &Path, output: &Path) -> Result<Built, BuildError> {
    publish(source, work_dir, output, &Options::default())
}

/// Like [`build`], for a site that differs from the one in a checkout.
///
/// # Errors
/// When `output` is no folder that may be replaced, or the book or its release days are malformed.
pub fn publish(
    source: &Source,
    work_dir: &Path,
    output: &Path,
    options: &Options,
) -> Result<Built, BuildError> {
    let start = Instant::now();
    let root = files::root_of(source, work_dir)?;
    let config_path = root.join("book.toml");
    let mut config = Config::from_disk(&config_path).map_err(in_book)?;
    let chapters = root.join(&config.book.src);
    let staged = output::Staged::new(output, &chapters)?;
    config.build.build_dir = staged.path().to_path_buf();
    // mdBook would write a chapter that the summary names and nobody wrote.
    config.build.create_missing = false;
    let before_links = format!("preprocessor.{NAME}.before");
    config.set(before_links, ["links"]).map_err(in_book)?;
    if let Some(search) = options.live {
        config
            .set("output.html.hash-files", false)
            .map_err(in_book)?;
        if search == SearchIndex::Empty {
            // Every path begins with the empty one.
            let chapters = BTreeMap::from([("", BTreeMap::from([("enable", false)]))]);
            config
                .set("output.html.search.chapter", chapters)
                .map_err(in_book)?;
        }
    }
    let title = config.book.title.clone().unwrap_or_default();
    let releases = Releases::of(&config)?;
    let closed = options
        .today
        .map_or_else(Closed::default, |today| releases.closed_on(today));
    let catalog = Catalog::load(source.clone())?;
    let crates = catalog
        .exercises()
        .iter()
        .map(|exercise| exercise.crate_name());
    let crates = crates.collect();
    let mut course = Course::new(catalog).closing(closed.clone());
    if options.without_solutions {
        course = course.hiding_solutions();
    }
    let (result, log) = log::collect(|| {
        let mut book = MDBook::load_with_config(&root, config)?;
        book.with_preprocessor(course);
        book.build()?;
        Ok(book)
    });
    let book = result.map_err(|error: mdbook_driver::errors::Error| {
        error
            .downcast::<PageErrors>()
            .map_or_else(in_book, BuildError::Pages)
    })?;
    if !log.errors.is_empty() {
        return Err(BuildError::Logged(log.errors));
    }
    let mut warnings = log.warnings;
    warnings.extend(
        releases
            .unknown(&book.book.items)
            .into_iter()
            .map(|module| {
                format!(
                    "book.toml gives a day for the module `{module}`, but no chapter lies there"
                )
            }),
    );
    let is_page =
        |item: &&BookItem| matches!(item, BookItem::Chapter(chapter) if chapter.path.is_some());
    let pages = book.iter().filter(is_page).count();
    let plan = Plan {
        title: &title,
        base_url: options.base_url.as_ref(),
        contents: Contents::of(&book.book),
        crates,
        closed: &closed,
    };
    remove_closed(staged.path(), &closed)?;
    warnings.extend(finish::finish(staged.path(), &chapters, &plan)?);
    staged.publish()?;
    Ok(Built {
        pages,
        warnings,
        took: start.elapsed(),
    })
}

/// Removes the pictures and other files of modules that are not open; their pages stay.
fn remove_closed(dir: &Path, closed: &Closed) -> Result<(), BuildError> {
    for module in closed.modules() {
        let files = WalkDir::new(dir.join(module)).into_iter();
        for entry in files.filter_map(Result::ok) {
            let is_page = entry.path().extension().is_some_and(|kind| kind == "html");
            if entry.file_type().is_file() && !is_page {
                std::fs::remove_file(entry.path()).map_err(io_error(entry.path()))?;
            }
        }
    }
    Ok(())
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
