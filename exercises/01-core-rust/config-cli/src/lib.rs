//! # A configuration tool
//!
//! Programs take their configuration from files, from the environment and from the command line,
//! and when one of them misbehaves, the question is always the same: where does this value come
//! from? You build `conf`, a library and a tool that reads configuration, merges it, checks it
//! against a schema, and explains it.
//!
//! ```console
//! $ conf get base.toml local.toml server.port
//! 8081
//! $ APP__SERVER__PORT=9090 conf explain base.toml local.toml server.port --env APP --schema schema.toml
//! server.port = 9090
//!   from env APP__SERVER__PORT
//!   shadows local.toml:3:8 = 8081
//!   shadows base.toml:3:8 = 8080
//! ```
//!
//! ## Where to begin
//!
//! Begin with [`KeyPath`] in `key.rs`, then make [`run`] in `run.rs` answer `conf get FILE KEY`:
//! these are phase 1. Every body that you have to write is a `todo!` that names its phase, and
//! the comment above it is the contract that the hidden tests verify.
//!
//! | phase | you write | file |
//! |---|---|---|
//! | 1 Get | `KeyPath`, `Format::from_path`, `conf get FILE KEY` | `key.rs`, `format.rs`, `run.rs` |
//! | 2 Merge | `Builder` with files, `build`, `get::<T>`; several FILEs | `config.rs`, `run.rs` |
//! | 3 Environment | `env`, `set`, kinds in a `Schema`; `--env`, `--set`, `--schema` | `schema.rs`, `config.rs`, `run.rs` |
//! | 4 Validation | rules, all errors at once; `conf check` | `schema.rs`, `config.rs`, `run.rs` |
//! | 5 Provenance | `origin`, `explain`, `dump`, `Secret` | `config.rs`, `secret.rs`, `run.rs` |
//! | 6 Hardening | `replace_file`, `conf set`, completions; whatever a hostile world sends | `replace.rs`, `run.rs` |
//!
//! `error.rs`, `json.rs`, `main.rs`, `origin.rs` and `output.rs` are complete.
//!
//! ## What is yours to choose
//!
//! The signatures and the documented behavior are fixed. Everything private is yours: the type of
//! a value, how layers are kept and merged, how arguments are parsed, more files. These crates
//! are declared as dependencies, and none of them has to be used:
//!
//! - `toml` reads TOML. Its `de::DeTable::parse` gives every key and value with its span, a range
//!   of bytes. Read its errors' `message` and `span`; their display shows the line, and a line
//!   may hold a secret.
//! - `toml_edit` changes a TOML text and keeps its layout.
//! - [`json::parse`] reads JSON and gives spans too.
//! - `serde` turns a value into a `T`: write a `Deserializer` for a reference to your value type.
//! - `clap` parses arguments, and `clap_complete` makes completions from the same description.
//! - `strsim` measures how alike two names are.
//! - `thiserror` derives the traits of errors.
//!
//! ## What holds throughout
//!
//! - No input makes the library or the tool panic, overflow its stack, or print a secret that the
//!   schema names, except where you asked for it to be revealed.
//! - Nothing reads the process's environment, its arguments or its streams but `main.rs`.
//! - `Config` is `Send` and `Sync`.
//! - Values are kept exactly: every integer from `i64::MIN` to `u64::MAX`, every float, every
//!   datetime with its offset and fraction.

#![deny(missing_docs)]

mod config;
mod error;
mod format;
pub mod json;
mod key;
mod origin;
mod output;
mod replace;
mod run;
mod schema;
mod secret;

pub use config::{Builder, Config, Explanation, SchemaSet, SchemaUnset, Shadowed};
pub use error::{Error, Errors};
pub use format::Format;
pub use key::{KeyPath, Segment};
pub use origin::Origin;
pub use output::{Exit, Output};
pub use replace::replace_file;
pub use run::run;
pub use schema::{Kind, Rule, Schema};
pub use secret::{REDACTED, Secret};
