//! mdBook's includes inside code blocks.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A block's code with its includes expanded.
#[derive(Debug, PartialEq, Eq)]
pub struct Expanded {
    /// The code.
    pub code: String,
    /// The files that it came from.
    pub files: Vec<PathBuf>,
    /// Whether it consists of regions of packages, which compile and test them.
    pub is_listing: bool,
}

/// Expands `{{#include file:part}}` and `{{#rustdoc_include file:part}}`, alone on their lines;
/// `folder` is the chapter's. A part is an anchor, or a line, or lines as `from:to`.
///
/// # Errors
/// When a file cannot be read, or has no such part.
pub fn expand(code: &str, folder: &Path) -> Result<Expanded, String> {
    let mut expanded = Expanded {
        code: String::new(),
        files: Vec::new(),
        is_listing: false,
    };
    let mut is_listing = true;
    for line in code.lines() {
        let Some((hides, target)) = target(line) else {
            is_listing &= line.is_empty();
            expanded.code.push_str(line);
            expanded.code.push('\n');
            continue;
        };
        let (file, part) = target.split_once(':').unwrap_or((target, ""));
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
        let chosen = chosen(&text, part);
        if !chosen.contains(&true) {
            return Err(format!("{file} has no part `{part}`"));
        }
        for (line, chosen) in text.lines().zip(chosen) {
            let is_mark = line.contains("ANCHOR: ") || line.contains("ANCHOR_END: ");
            let mark = match (chosen, hides) {
                _ if is_mark && !part.is_empty() => continue,
                (true, _) => "",
                (false, true) => "# ",
                (false, false) => continue,
            };
            let _ = writeln!(expanded.code, "{mark}{line}");
        }
        is_listing &= !part.is_empty() && !hides && in_package(&path);
        expanded.files.push(path);
    }
    expanded.is_listing = is_listing && !expanded.files.is_empty();
    Ok(expanded)
}

/// Whether a file belongs to a package. The workspace's own manifest declares none.
fn in_package(file: &Path) -> bool {
    file.ancestors().skip(1).any(|folder| {
        std::fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|manifest| manifest.lines().any(|line| line.trim() == "[package]"))
    })
}

fn target(line: &str) -> Option<(bool, &str)> {
    let inner = line.trim().strip_prefix("{{#")?.strip_suffix("}}")?;
    let (kind, target) = inner.split_once(' ')?;
    match kind {
        "include" => Some((false, target.trim())),
        "rustdoc_include" => Some((true, target.trim())),
        _ => None,
    }
}

/// Which lines of a file a part names.
fn chosen(text: &str, part: &str) -> Vec<bool> {
    let count = text.lines().count();
    if part.is_empty() {
        return vec![true; count];
    }
    let (from, to) = part.split_once(':').unwrap_or((part, part));
    let number = |word: &str, default: usize| match word {
        "" => Some(default),
        _ => word.parse().ok(),
    };
    if let (Some(from), Some(to)) = (number(from, 1), number(to, count)) {
        return (1..=count)
            .map(|line| (from..=to).contains(&line))
            .collect();
    }
    let is = |line: &str, mark: &str| {
        line.split_once(mark)
            .and_then(|(_, name)| name.split_whitespace().next())
            .is_some_and(|name| name == part)
    };
    let mut inside = false;
    text.lines()
        .map(|line| {
            if is(line, "ANCHOR: ") {
                inside = true;
            } else if is(line, "ANCHOR_END: ") {
                inside = false;
            }
            inside
        })
        .collect()
}
