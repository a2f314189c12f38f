//! Keeps compiler wrappers, such as sccache, out of the checker's builds. A wrapper may leave a
//! server behind, which would be ended as a stray.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The variables that name a wrapper and win over every configuration file.
const VARIABLES: [&str; 2] = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];

/// The variables that stand for a configuration file's keys.
const KEYS: [&str; 2] = [
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
];

/// The names that cargo gives its configuration files.
const FILES: [&str; 2] = ["config.toml", "config"];

/// Makes a call of cargo in `dir` ignore wrappers.
///
/// An empty variable overrules a configuration file. It also keeps cargo from remembering what it
/// asked the compiler, which costs 100 ms a call, and so is set only where a file names a wrapper.
pub(super) fn avoid(command: &mut Command, dir: &Path) {
    let named = configurations(dir).any(|file| names_wrapper(&file));
    for variable in VARIABLES {
        if named {
            command.env(variable, "");
        } else {
            command.env_remove(variable);
        }
    }
    for key in KEYS {
        command.env_remove(key);
    }
}

/// Where cargo looks for configuration when it is called in `dir`.
fn configurations(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    dir.ancestors()
        .map(|folder| folder.join(".cargo"))
        .chain(home)
        .flat_map(|folder| FILES.map(|name| folder.join(name)))
}

/// Whether a file seems to name a wrapper. To think so in error costs time and nothing else.
fn names_wrapper(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("wrapper"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    /// What a call in `dir` says of the variables: set to a value, removed, or left as they are.
    fn variables(dir: &Path) -> Vec<(String, Option<String>)> {
        let mut command = Command::new("cargo");
        avoid(&mut command, dir);
        let text = |value: &OsStr| value.to_string_lossy().into_owned();
        command
            .get_envs()
            .map(|(name, value)| (text(name), value.map(text)))
            .collect()
    }

    #[test]
    fn variables_that_name_a_wrapper_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let set = variables(dir.path());
        for name in KEYS {
            assert!(set.contains(&(name.to_owned(), None)), "{set:?}");
        }
        assert_eq!(set.len(), 4);
    }

    #[test]
    fn a_wrapper_that_a_file_above_names_is_overruled() {
        let dir = tempfile::tempdir().unwrap();
        let room = dir.path().join("rooms/a");
        std::fs::create_dir_all(&room).unwrap();
        std::fs::create_dir_all(dir.path().join(".cargo")).unwrap();
        let config = "[build]\nrustc-wrapper = \"sccache\"\n";
        std::fs::write(dir.path().join(".cargo/config.toml"), config).unwrap();
        let set = variables(&room);
        for name in VARIABLES {
            assert!(
                set.contains(&(name.to_owned(), Some(String::new()))),
                "{set:?}"
            );
        }
    }
}
