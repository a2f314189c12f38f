//! The book's preprocessor: directives, figures and quizzes become Markdown and HTML that mdBook
//! indexes, highlights and themes like anything else on the page.
//!
//! It runs in the checker when the checker builds the book, and as a command when the stock
//! `mdbook` does. It runs before mdBook's own `links`, so that its line numbers are the author's.

mod card;
mod figure;
mod figure_text;
mod links;
mod notes;
mod page;
mod quiz;
mod release;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use course_quiz::QuizError;
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

pub(crate) use self::card::escape;
pub use self::figure::FigureFault;
pub use self::release::{Closed, ReleaseError, Releases};
use super::directive::DirectiveFault;
use crate::catalog::source::{Source, slashed};
use crate::catalog::{Catalog, CatalogError};

/// The name under which the preprocessor is registered, here and in `book.toml`.
pub const NAME: &str = "course";

/// The book's preprocessor.
#[derive(Debug, Clone)]
pub struct Course {
    catalog: Catalog,
    closed: Closed,
    hides_solutions: bool,
}

/// What is wrong on a page, and where.
#[derive(Debug, thiserror::Error)]
#[error("{chapter}:{line}: {fault}")]
pub struct PageError {
    /// The chapter's file, relative to the course.
    pub chapter: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: PageFault,
}

/// What is wrong on a page.
#[derive(Debug, thiserror::Error)]
pub enum PageFault {
    /// A block is malformed.
    #[error("{0}")]
    Directive(DirectiveFault),
    /// A block names an exercise or a phase that the course does not have.
    #[error("the course has no exercise or phase `{0}`")]
    UnknownExercise(String),
    /// A block contradicts the manifest.
    #[error("`{key}` stands in the exercise's manifest, which says {manifest}")]
    Contradiction {
        /// The fact.
        key: &'static str,
        /// What the manifest says.
        manifest: String,
    },
    /// The suite behind a phase is malformed.
    #[error(transparent)]
    Suite(#[from] CatalogError),
    /// The figure is missing.
    #[error("the figure `{path}` cannot be read: {reason}")]
    NoFigure {
        /// The file, as the chapter names it.
        path: String,
        /// Why.
        reason: String,
    },
    /// The figure breaks a rule.
    #[error("the figure `{path}`, line {figure_line}: {fault}")]
    Figure {
        /// The file, as the chapter names it.
        path: String,
        /// The line in the figure, from 1.
        figure_line: u32,
        /// The rule.
        fault: FigureFault,
    },
    /// The quiz is missing.
    #[error("the quiz `{path}` cannot be read: {reason}")]
    NoQuiz {
        /// The file, as the chapter names it.
        path: String,
        /// Why.
        reason: String,
    },
    /// The quiz breaks a rule.
    #[error("the quiz `{path}`, {error}")]
    Quiz {
        /// The file, as the chapter names it.
        path: String,
        /// The rule and the line in the quiz.
        error: QuizError,
    },
    /// The quiz is on the page already.
    #[error("the quiz `{0}` is shown twice")]
    QuizTwice(String),
}

/// Every page that cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub struct PageErrors(pub Vec<PageError>);

impl std::fmt::Display for PageErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// The preprocessor could not do its work as a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// mdBook sent something else than a book.
    #[error("mdBook's input cannot be understood: {0}")]
    Input(mdbook_preprocessor::errors::Error),
    /// The course is malformed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The days on which modules open cannot be understood.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// Pages cannot be rendered.
    #[error(transparent)]
    Pages(#[from] PageErrors),
    /// The answer cannot be written.
    #[error("the book cannot be handed back to mdBook: {0}")]
    Output(#[from] serde_json::Error),
}

impl Course {
    /// A preprocessor that knows the exercises of a course.
    #[must_use]
    pub fn new(catalog: Catalog) -> Course {
        Course {
            catalog,
            closed: Closed::default(),
            hides_solutions: false,
        }
    }

    /// Lets the pages of these modules say only when they open.
    #[must_use]
    pub fn closing(mut self, closed: Closed) -> Course {
        self.closed = closed;
        self
    }

    /// Leaves out solutions and the notes on them.
    #[must_use]
    pub fn hiding_solutions(mut self) -> Course {
        self.hides_solutions = true;
        self
    }

    /// Rewrites every chapter of a book whose files lie in `src_dir`, such as `book`, below `root`.
    ///
    /// # Errors
    /// With everything that is wrong on any page.
    pub fn rewrite(&self, root: &Path, src_dir: &Path, mut book: Book) -> Result<Book, PageErrors> {
        let mut errors = Vec::new();
        book.for_each_mut(|item| {
            let BookItem::Chapter(chapter) = item else {
                return;
            };
            let Some(path) = chapter.source_path.as_deref().and_then(slashed) else {
                return;
            };
            if let Some(content) = self.closed.page(chapter) {
                chapter.content = content;
                return;
            }
            if self.hides_solutions {
                chapter.content = notes::without(&chapter.content);
            }
            let place = page::Place {
                catalog: &self.catalog,
                hides_solutions: self.hides_solutions,
                name: slashed(&src_dir.join(&path)).unwrap_or_else(|| path.clone()),
                path: &path,
                book_dir: root.join(src_dir),
            };
            match page::rewrite(&place, &chapter.content) {
                Ok(content) => chapter.content = links::to_pages(content),
                Err(mut found) => errors.append(&mut found),
            }
        });
        if errors.is_empty() {
            Ok(book)
        } else {
            Err(PageErrors(errors))
        }
    }
}

impl Preprocessor for Course {
    fn name(&self) -> &str {
        NAME
    }

    fn supports_renderer(&self, renderer: &str) -> mdbook_preprocessor::errors::Result<bool> {
        Ok(supports(renderer))
    }

    fn run(
        &self,
        context: &PreprocessorContext,
        book: Book,
    ) -> mdbook_preprocessor::errors::Result<Book> {
        let src: PathBuf = context.config.book.src.clone();
        Ok(self.rewrite(&context.root, &src, book)?)
    }
}

/// Whether the preprocessor's output makes sense to a renderer: `mdbook` asks this by
/// `checker preprocess supports <renderer>` and reads the exit code.
#[must_use]
pub fn supports(renderer: &str) -> bool {
    renderer == "html"
}

/// Does the work of `checker preprocess`: reads mdBook's JSON and writes the rewritten book. The
/// course is the checkout that mdBook names.
///
/// # Errors
/// When the input is malformed, the course or a page is, or the output cannot be written.
pub fn run_as_command(input: impl Read, output: impl Write) -> Result<(), CommandError> {
    let (context, book) = mdbook_preprocessor::parse_input(input).map_err(CommandError::Input)?;
    let catalog = Catalog::load(Source::Disk(context.root.clone()))?;
    let today = jiff::Zoned::now().date();
    let closed = Releases::of(&context.config)?.closed_on(today);
    let course = Course::new(catalog).closing(closed);
    let book = course.rewrite(&context.root, &context.config.book.src, book)?;
    serde_json::to_writer(output, &book)?;
    Ok(())
}
