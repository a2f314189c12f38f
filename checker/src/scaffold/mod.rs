//! Begins a new exercise: a stub, a solution, a suite and a chapter that hold together from the
//! first moment, for an author to replace piece by piece.

mod names;
mod placing;
mod summary;
mod templates;

use std::io;
use std::path::{Path, PathBuf};

use crate::catalog::{Catalog, CatalogError};
use crate::workspace::{Kind, Workspace};

pub use self::names::{BadName, NameFault};

use self::names::Names;
use self::placing::{Placement, write_new};

/// The folders and files that were created, relative to the course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The learner's stub.
    pub stub: PathBuf,
    /// The reference solution.
    pub solution: PathBuf,
    /// The hidden suite.
    pub suite: PathBuf,
    /// The chapter.
    pub chapter: PathBuf,
    /// The book's table of contents, with a new line.
    pub summary: PathBuf,
}

/// An exercise that could not be begun. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// The folder is a learner's.
    #[error("{} is a learner's folder; exercises are begun in a checkout of the course", .0.display())]
    LearnersFolder(PathBuf),
    /// A name that cannot be used.
    #[error(transparent)]
    Name(#[from] BadName),
    /// The course has an exercise with this id.
    #[error("there is already an exercise `{id}`, in the module {module}")]
    Exists {
        /// The id.
        id: String,
        /// Its module.
        module: String,
    },
    /// A folder or file of the new exercise is there, although the course does not know it.
    #[error("{} is already there", .0.display())]
    Occupied(PathBuf),
    /// The course itself is malformed.
    #[error("the course itself is at fault: {0}")]
    Catalog(#[from] CatalogError),
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ScaffoldError + use<> {
    let path = path.to_path_buf();
    move |source| ScaffoldError::Io { path, source }
}

/// Begins the exercise `id` in `module`, which may be new: all of it, or nothing.
///
/// The files are written beside their places first and moved there at the end. If anything goes
/// wrong, what was moved is taken away again.
///
/// # Errors
/// When the folder is a learner's, a name cannot be used or is taken, or a file cannot be read or
/// written.
pub fn new(workspace: &Workspace, module: &str, id: &str) -> Result<Created, ScaffoldError> {
    let root = workspace.root();
    if workspace.kind() == Kind::Learner {
        return Err(ScaffoldError::LearnersFolder(root.to_path_buf()));
    }
    let manifest = read(&root.join("Cargo.toml"))?;
    let names = Names::new(module, id, &manifest)?;
    let catalog = Catalog::load(workspace.source())?;
    let known = catalog
        .exercises()
        .iter()
        .find(|exercise| exercise.id() == id);
    if let Some(exercise) = known {
        return Err(ScaffoldError::Exists {
            id: id.to_owned(),
            module: exercise.module.clone(),
        });
    }
    let created = Created {
        stub: ["exercises", module, id].iter().collect(),
        solution: ["solutions", module, id].iter().collect(),
        suite: ["checker", "suites", module, id].iter().collect(),
        chapter: ["book", module, &format!("{id}.md")].iter().collect(),
        summary: ["book", "SUMMARY.md"].iter().collect(),
    };
    let places = [
        (&created.stub, templates::STUB),
        (&created.solution, templates::SOLUTION),
        (&created.suite, templates::SUITE),
    ];
    let contents = read(&root.join(&created.summary))?;
    let contents = summary::with_exercise(&contents, &names);

    let staging = tempfile::Builder::new()
        .prefix(".new-exercise-")
        .tempdir_in(root)
        .map_err(io_error(root))?;
    let mut placement = Placement::new(root);
    for (place, files) in places {
        for (file, template) in files {
            let path = staging.path().join(place).join(file);
            write_new(&path, &names.fill(template))?;
        }
        placement.plan(staging.path().join(place), place)?;
    }
    let chapter = staging.path().join(&created.chapter);
    write_new(&chapter, &names.fill(templates::CHAPTER))?;
    placement.plan(chapter, &created.chapter)?;
    placement.carry_out(&created.summary, &contents)?;
    Ok(created)
}

fn read(path: &Path) -> Result<String, ScaffoldError> {
    std::fs::read_to_string(path).map_err(io_error(path))
}
