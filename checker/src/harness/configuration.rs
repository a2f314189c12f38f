//! What cargo's configuration files may change of a check: where crates are downloaded from, the
//! linker, and nothing that decides which code is built.
//!
//! Compiler wrappers, such as sccache, are kept out: one may leave a server behind, which would be
//! ended as a stray.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

/// The variables that name a wrapper and win over every configuration file.
const WRAPPERS: [&str; 2] = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];

/// The variables that stand for keys of a configuration file which a check does not follow.
const KEYS: [&str; 3] = [
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

/// The variable that stands for the key of a second folder for builds.
const BUILD_DIR: &str = "CARGO_BUILD_BUILD_DIR";

/// The names that cargo gives its configuration files; of two in one folder it reads the first.
const FILES: [&str; 2] = ["config", "config.toml"];

/// The keys that put other code in the place of a crate.
const REPLACEMENTS: [&str; 2] = ["patch", "paths"];

/// A configuration with which a check would build something else than the course.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} sets `{key}`, which puts other code in the place of crates that the course builds with; \
     remove it, or keep the course outside of that folder",
    .file.display()
)]
pub struct Replacement {
    /// The configuration file.
    pub file: PathBuf,
    /// The key.
    pub key: String,
}

/// What the configuration files say that concern a call of cargo in a folder.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    wraps: bool,
    targets: bool,
    is_split: bool,
    replacement: Option<Replacement>,
}

impl Configuration {
    /// Reads the files in the order in which cargo looks for them.
    ///
    /// A file that cannot be read or parsed is passed over: cargo itself refuses it.
    pub(super) fn of(dir: &Path) -> Configuration {
        let mut configuration = Configuration::default();
        let mut seen = BTreeSet::new();
        for folder in folders(dir) {
            let file = FILES.map(|name| folder.join(name));
            if let Some(file) = file.into_iter().find(|file| file.is_file()) {
                configuration.read(&file, &mut seen);
            }
        }
        configuration
    }

    fn read(&mut self, file: &Path, seen: &mut BTreeSet<PathBuf>) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let Ok(table) = text.parse::<Table>() else {
            return;
        };
        if !seen.insert(file.to_path_buf()) {
            return;
        }
        let build = |key: &str| {
            let build = table.get("build").and_then(Value::as_table);
            build.is_some_and(|build| build.contains_key(key))
        };
        self.wraps |= build("rustc-wrapper") || build("rustc-workspace-wrapper");
        self.targets |= build("target");
        self.is_split |= build("build-dir");
        let replaces = REPLACEMENTS.iter().find(|key| table.contains_key(**key));
        if let (None, Some(key)) = (&self.replacement, replaces) {
            self.replacement = Some(Replacement {
                file: file.to_path_buf(),
                key: (*key).to_owned(),
            });
        }
        let folder = file.parent().unwrap_or(file);
        for included in table.get("include").map(included).unwrap_or_default() {
            self.read(&folder.join(included), seen);
        }
    }

    /// Makes a call of cargo ignore wrappers and variables that stand for keys.
    ///
    /// An empty variable overrules a configuration file. It also keeps cargo from remembering what
    /// it asked the compiler, which costs 100 ms a call, and so is set only where a file names a
    /// wrapper.
    pub(super) fn restrain(&self, command: &mut Command) {
        for variable in WRAPPERS {
            if self.wraps {
                command.env(variable, "");
            } else {
                command.env_remove(variable);
            }
        }
        for key in KEYS {
            command.env_remove(key);
        }
    }

    /// Keeps all that a call builds in its target folder, where it is found again.
    ///
    /// Cargo reads marks in the variable's value, so that it is set only where a file names another
    /// folder.
    pub(super) fn keep_together(&self, command: &mut Command, target: &Path) {
        if self.is_split {
            command.env(BUILD_DIR, target);
        } else {
            command.env_remove(BUILD_DIR);
        }
    }

    /// Whether a file asks for programs of another machine, which cannot run here.
    pub(super) fn targets(&self) -> bool {
        self.targets
    }

    /// What keeps a check from building the course, if anything does.
    pub(super) fn replacement(&self) -> Option<&Replacement> {
        self.replacement.as_ref()
    }
}

/// The folders with configuration files of a call in `dir`.
fn folders(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    dir.ancestors()
        .map(|folder| folder.join(".cargo"))
        .chain(home)
}

/// The files that the value of `include` names: one, or many, each a path or a table with one.
fn included(value: &Value) -> Vec<String> {
    match value {
        Value::String(path) => vec![path.clone()],
        Value::Array(values) => values.iter().flat_map(included).collect(),
        Value::Table(table) => table.get("path").map(included).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    /// A room in a folder with these files below `.cargo`.
    fn room(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let room = dir.path().join("rooms/a");
        std::fs::create_dir_all(&room).unwrap();
        std::fs::create_dir_all(dir.path().join(".cargo")).unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(".cargo").join(name), text).unwrap();
        }
        (dir, room)
    }

    /// What a call in `dir` says of the variables: set to a value, removed, or left as they are.
    fn variables(dir: &Path) -> Vec<(String, Option<String>)> {
        let mut command = Command::new("cargo");
        Configuration::of(dir).restrain(&mut command);
        let text = |value: &OsStr| value.to_string_lossy().into_owned();
        command
            .get_envs()
            .map(|(name, value)| (text(name), value.map(text)))
            .collect()
    }

    #[test]
    fn variables_that_name_a_wrapper_or_a_target_are_removed() {
        let (_dir, room) = room(&[]);
        let set = variables(&room);
        for name in KEYS {
            assert!(set.contains(&(name.to_owned(), None)), "{set:?}");
        }
        assert_eq!(set.len(), WRAPPERS.len() + KEYS.len());
    }

    #[test]
    fn a_wrapper_that_a_file_above_names_is_overruled() {
        for files in [
            &[("config.toml", "[build]\nrustc-wrapper = \"sccache\"\n")] as &[_],
            &[("config", "build.rustc-workspace-wrapper = \"sccache\"\n")],
            &[
                ("config.toml", "include = \"more.toml\"\n"),
                ("more.toml", "build.rustc-wrapper = \"sccache\"\n"),
            ],
        ] {
            let (_dir, room) = room(files);
            let set = variables(&room);
            for name in WRAPPERS {
                let overruled = (name.to_owned(), Some(String::new()));
                assert!(set.contains(&overruled), "{set:?}");
            }
        }
    }

    #[test]
    fn replaced_crates_are_found_also_in_included_files() {
        for (included, key) in [
            ("patch.crates-io.a.path = \"x\"", "patch"),
            ("paths = []", "paths"),
        ] {
            for include in [
                "include = \"more.toml\"",
                "include = [\"more.toml\"]",
                "include = [{ path = \"more.toml\", optional = true }]",
                // A circle ends.
                "include = [\"config.toml\", \"more.toml\"]",
            ] {
                let (dir, room) = room(&[("config.toml", include), ("more.toml", included)]);
                let found = Configuration::of(&room).replacement().cloned().unwrap();
                assert_eq!(found.key, key);
                assert_eq!(found.file, dir.path().join(".cargo/more.toml"));
            }
        }
    }

    #[test]
    fn where_crates_come_from_and_what_links_them_is_the_learners_choice() {
        let text = "[source.crates-io]\nreplace-with = \"mirror\"\n[net]\noffline = true\n\
                    [target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\n";
        let (_dir, room) = room(&[("config.toml", text)]);
        let configuration = Configuration::of(&room);
        assert_eq!(configuration.replacement(), None);
        assert!(!configuration.targets());
    }

    #[test]
    fn builds_stay_together_where_a_file_would_split_them() {
        let said = |text: &str| {
            let (_dir, room) = room(&[("config.toml", text)]);
            let mut command = Command::new("cargo");
            Configuration::of(&room).keep_together(&mut command, Path::new("/target"));
            let said = command.get_envs().next().unwrap().1;
            said.map(|value| value.to_string_lossy().into_owned())
        };
        assert_eq!(
            said("build.build-dir = \"/elsewhere\"").as_deref(),
            Some("/target")
        );
        assert_eq!(said("build.jobs = 2"), None);
    }

    #[test]
    fn another_machines_target_is_noticed() {
        let (_dir, room) = room(&[("config.toml", "[build]\ntarget = [\"wasm32-wasip1\"]\n")]);
        assert!(Configuration::of(&room).targets());
    }
}
