//! The manifests of the course's packages, with what they inherit written out.

use toml::{Table, Value};

/// A manifest of the course that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ManifestError {
    /// It is not TOML.
    #[error("{path}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// What the parser says.
        message: String,
    },
    /// It inherits what the root does not give.
    #[error("{path}: the workspace has no dependency `{name}`")]
    NotInherited {
        /// The file.
        path: String,
        /// The dependency.
        name: String,
    },
}

/// The course's root manifest, from which packages inherit.
#[derive(Debug, Clone)]
pub struct Root {
    package: Table,
    dependencies: Table,
}

/// A package's manifest with nothing inherited.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The edition.
    pub edition: String,
    /// The dependencies, ready to be written.
    pub dependencies: Table,
    /// The dependencies of tests and benchmarks.
    pub dev_dependencies: Table,
    /// The benchmarks that it declares.
    pub benches: Vec<Value>,
    /// The features.
    pub features: Table,
}

/// Parses a manifest.
///
/// # Errors
/// When the text is not TOML.
pub fn parse(path: &str, text: &str) -> Result<Table, ManifestError> {
    text.parse::<Table>()
        .map_err(|error| ManifestError::Syntax {
            path: path.to_owned(),
            message: error.to_string(),
        })
}

fn sub(table: &Table, path: &[&str]) -> Table {
    let mut current = table;
    for key in path {
        match current.get(*key) {
            Some(Value::Table(inner)) => current = inner,
            _ => return Table::new(),
        }
    }
    current.clone()
}

impl Root {
    /// Reads the root manifest.
    ///
    /// # Errors
    /// When the text is not TOML.
    pub fn parse(text: &str) -> Result<Root, ManifestError> {
        let table = parse("Cargo.toml", text)?;
        Ok(Root {
            package: sub(&table, &["workspace", "package"]),
            dependencies: sub(&table, &["workspace", "dependencies"]),
        })
    }

    /// Reads a package's manifest and writes out what it inherits. `local` tells the path of a
    /// dependency that belongs to the course itself.
    ///
    /// # Errors
    /// When the text is not TOML or inherits what the root does not give.
    pub fn resolve(
        &self,
        path: &str,
        text: &str,
        local: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Resolved, ManifestError> {
        let table = parse(path, text)?;
        let package = sub(&table, &["package"]);
        let edition = match package.get("edition") {
            Some(Value::String(edition)) => Some(edition.as_str()),
            _ => self.package.get("edition").and_then(Value::as_str),
        };
        Ok(Resolved {
            edition: edition.unwrap_or("2024").to_owned(),
            dependencies: self.written_out(path, sub(&table, &["dependencies"]), local)?,
            dev_dependencies: self.written_out(path, sub(&table, &["dev-dependencies"]), local)?,
            benches: match table.get("bench") {
                Some(Value::Array(benches)) => benches.clone(),
                _ => Vec::new(),
            },
            features: sub(&table, &["features"]),
        })
    }

    fn written_out(
        &self,
        path: &str,
        dependencies: Table,
        local: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Table, ManifestError> {
        let mut written = Table::new();
        for (name, value) in dependencies {
            let mut resolved = self.dependency(path, &name, value)?;
            if resolved.contains_key("path") {
                match local(&name) {
                    Some(place) => resolved.insert("path".into(), Value::String(place)),
                    None => continue,
                };
            }
            written.insert(name, Value::Table(resolved));
        }
        Ok(written)
    }

    fn dependency(&self, path: &str, name: &str, value: Value) -> Result<Table, ManifestError> {
        let mut own = as_table(value);
        if own.remove("workspace").is_none() {
            return Ok(own);
        }
        let inherited = self.dependencies.get(name).cloned();
        let mut resolved = as_table(inherited.ok_or_else(|| ManifestError::NotInherited {
            path: path.to_owned(),
            name: name.to_owned(),
        })?);
        for (key, value) in own {
            match (resolved.get_mut(&key), value) {
                (Some(Value::Array(features)), Value::Array(more)) if key == "features" => {
                    features.extend(more);
                }
                (_, value) => {
                    resolved.insert(key, value);
                }
            }
        }
        Ok(resolved)
    }
}

fn as_table(value: Value) -> Table {
    match value {
        Value::Table(table) => table,
        version => Table::from_iter([("version".to_owned(), version)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = r#"
[workspace.package]
edition = "2024"
[workspace.dependencies]
kit = { path = "checker/kit" }
nom = "8"
tokio = { version = "1", features = ["net"] }
"#;

    #[test]
    fn inherited_dependencies_are_written_out_and_their_features_added() {
        let root = Root::parse(ROOT).unwrap();
        let text = "[dependencies]\nnom.workspace = true\ntokio = { workspace = true, features = [\"time\"] }\n";
        let resolved = root.resolve("x", text, &|_| None).unwrap();
        assert_eq!(resolved.edition, "2024");
        assert_eq!(resolved.dependencies["nom"]["version"].as_str(), Some("8"));
        let features = resolved.dependencies["tokio"]["features"]
            .as_array()
            .unwrap();
        assert_eq!(features.len(), 2);
    }

    #[test]
    fn a_dependency_of_the_course_itself_gets_the_place_that_is_given() {
        let root = Root::parse(ROOT).unwrap();
        let place = |name: &str| (name == "kit").then(|| "/kit".to_owned());
        let resolved = root
            .resolve("x", "[dependencies]\nkit.workspace = true\n", &place)
            .unwrap();
        assert_eq!(resolved.dependencies["kit"]["path"].as_str(), Some("/kit"));
    }

    #[test]
    fn inheriting_what_the_root_lacks_is_an_error() {
        let root = Root::parse(ROOT).unwrap();
        let error = root.resolve("x", "[dependencies]\nrand.workspace = true\n", &|_| None);
        assert!(matches!(error, Err(ManifestError::NotInherited { .. })));
    }
}
