//! Makes mutants of changes, and carries patches over a changed solution, for authors.

mod new;
mod refresh;

pub use self::new::{Created, NewError, new};
pub use self::refresh::{Outcome, RefreshError, Refreshed, refresh};
