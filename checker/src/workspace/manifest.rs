//! The manifest of a learner's workspace: what the stubs inherit from the course's, and no more.

use std::collections::BTreeSet;
use std::fmt::Write;

use toml::{Table, Value};

use crate::catalog::package::{ManifestError, parse};

const HEADER: &str = "\
# The workspace of your exercises. Dependencies that you add for tests and experiments of your own
# go into the manifest of an exercise; `checker update` merges what you change here.

[workspace]
resolver = \"3\"
members = [\"exercises/*/*\"]
";

/// The tables of a manifest that name dependencies.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Writes the manifest for some stubs, given as pairs of path and text of their manifests.
///
/// # Errors
/// When a manifest is not TOML, or inherits what the course's does not give.
pub(super) fn workspace_manifest(
    root: &str,
    stubs: &[(String, String)],
) -> Result<String, ManifestError> {
    let root = parse("Cargo.toml", root)?;
    let given = |name: &str| table(&root, "workspace").and_then(|inner| table(inner, name));
    let mut used = BTreeSet::new();
    let mut lints = false;
    for (path, text) in stubs {
        let stub = parse(path, text)?;
        lints |= table(&stub, "lints").is_some_and(|lints| lints.contains_key("workspace"));
        for name in inherited(&stub) {
            if !given("dependencies").is_some_and(|all| all.contains_key(&name)) {
                let path = path.clone();
                return Err(ManifestError::NotInherited { path, name });
            }
            used.insert(name);
        }
    }
    let mut text = HEADER.to_owned();
    section(&mut text, "workspace.package", given("package"), |_| true);
    section(
        &mut text,
        "workspace.dependencies",
        given("dependencies"),
        |name| used.contains(name),
    );
    if let Some(tools) = given("lints").filter(|_| lints) {
        for (tool, rules) in tools {
            section(
                &mut text,
                &format!("workspace.lints.{tool}"),
                rules.as_table(),
                |_| true,
            );
        }
    }
    Ok(text)
}

fn table<'a>(table: &'a Table, name: &str) -> Option<&'a Table> {
    table.get(name)?.as_table()
}

/// The names of the dependencies that a manifest inherits, for every target.
fn inherited(manifest: &Table) -> Vec<String> {
    let targets = table(manifest, "target").into_iter().flatten();
    let tables = targets.filter_map(|(_, target)| target.as_table());
    std::iter::once(manifest)
        .chain(tables)
        .flat_map(|owner| DEPENDENCIES.iter().filter_map(|name| table(owner, name)))
        .flatten()
        .filter(|(_, value)| value.get("workspace").is_some())
        .map(|(name, _)| name.clone())
        .collect()
}

fn section(text: &mut String, name: &str, values: Option<&Table>, wanted: impl Fn(&str) -> bool) {
    let lines: Vec<String> = values
        .into_iter()
        .flatten()
        .filter(|(key, _)| wanted(key))
        .map(|(key, value)| format!("{key} = {}\n", inline(value)))
        .collect();
    if !lines.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n[{name}]\n{}", lines.concat());
    }
}

/// A value on one line, the version of a dependency first.
fn inline(value: &Value) -> String {
    match value {
        Value::Table(table) => {
            let mut pairs: Vec<(&String, &Value)> = table.iter().collect();
            pairs.sort_by_key(|(key, _)| *key != "version");
            let pairs = pairs
                .iter()
                .map(|(key, value)| format!("{key} = {}", inline(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = r#"
[workspace]
members = ["checker", "exercises/*/*"]
[workspace.package]
edition = "2024"
publish = false
[workspace.dependencies]
hashbrown = { default-features = false, version = "0.17.1", features = ["inline-more"] }
clap = "4"
tokio = "1.54.1"
[workspace.lints.rust]
missing_docs = "deny"
"#;

    fn manifest(stub: &str) -> Result<String, ManifestError> {
        workspace_manifest(ROOT, &[("x/Cargo.toml".into(), stub.into())])
    }

    #[test]
    fn only_what_the_stubs_inherit_is_there() {
        let text = manifest(
            "[package]\nedition.workspace = true\n[dependencies]\nhashbrown.workspace = true\n\
             [target.'cfg(unix)'.dev-dependencies]\ntokio = { workspace = true }\n",
        )
        .unwrap();
        let expected = "\n[workspace.package]\nedition = \"2024\"\npublish = false\n\n\
             [workspace.dependencies]\nhashbrown = { version = \"0.17.1\", default-features = \
             false, features = [\"inline-more\"] }\ntokio = \"1.54.1\"\n";
        assert_eq!(text.strip_prefix(HEADER), Some(expected));
        assert!(text.parse::<Table>().is_ok());
    }

    #[test]
    fn lints_come_with_the_stubs_that_inherit_them() {
        let text = manifest("[lints]\nworkspace = true\n").unwrap();
        assert!(text.ends_with("\n[workspace.lints.rust]\nmissing_docs = \"deny\"\n"));
    }

    #[test]
    fn a_stub_that_inherits_what_is_not_there_is_an_error_of_the_course() {
        let error = manifest("[dependencies]\nrand.workspace = true\n");
        assert!(matches!(error, Err(ManifestError::NotInherited { .. })));
    }
}
