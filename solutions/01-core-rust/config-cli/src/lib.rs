//! # A configuration tool
//!
//! The reference solution: a library that reads, merges, checks and explains configuration, and
//! the tool `conf` that is built from it.
//!
//! Read the modules in the order of the phases:
//!
//! 1. `key` and `find` name and find values; `read` turns files into the tree of `value`, in
//!    which every value carries its place (`source`).
//! 2. `builder` reads layers, `merge` lays one over another, `de` turns values into types.
//! 3. `layer` makes layers of variables and flags; `coerce` reads text as a kind.
//! 4. `schema` knows what is allowed, and checks it.
//! 5. `explain`, `dump` and `notation` show values, but not those of `secret`.
//! 6. `edit` changes one value in a text, `replace` puts the text into its file.
//!
//! `cli` is the tool, a module for every command.

mod builder;
mod cli;
mod coerce;
mod config;
mod de;
mod dump;
mod edit;
mod error;
mod explain;
mod find;
mod format;
pub mod json;
mod key;
mod layer;
mod merge;
mod notation;
mod origin;
mod output;
mod read;
mod replace;
mod schema;
mod secret;
mod source;
mod suggest;
mod value;

pub use builder::{Builder, SchemaSet, SchemaUnset};
pub use cli::run;
pub use config::Config;
pub use error::{Error, Errors};
pub use explain::{Explanation, Shadowed};
pub use format::Format;
pub use key::{KeyPath, Segment};
pub use origin::Origin;
pub use output::{Exit, Output};
pub use replace::replace_file;
pub use schema::{Kind, Rule, Schema};
pub use secret::{REDACTED, Secret};
