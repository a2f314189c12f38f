//! Styles and scripts: joined into one file each, so that a page asks for few things.

use std::path::Path;

use super::super::{BuildError, io_error};
use super::markup::{attribute, tags};
use super::{CONTENTS, INDEX};
use crate::catalog::content_hash;

/// What mdBook writes for its own theme, by the beginning of its name at the root.
const LEFTOVERS: [&str; 12] = [
    "ayu-highlight",
    "clipboard",
    "css",
    "editor",
    "favicon.png",
    "fonts",
    "highlight",
    "mark",
    "searcher",
    "theme",
    "toc",
    "tomorrow-night",
];

/// The joined files, by their names at the root.
pub(super) struct Assets {
    pub(super) style: String,
    pub(super) script: String,
    joined: Vec<String>,
}

/// Whether a page was made by the course's own theme.
pub(super) fn is_themed(html: &str) -> bool {
    html.contains(super::page::HEAD)
}

/// A style sheet that a page refers to.
pub(super) fn style_of(tag: &str) -> Option<&str> {
    (attribute(tag, "rel") == Some("stylesheet"))
        .then(|| attribute(tag, "href"))
        .flatten()
}

/// A deferred script that a page refers to, unless only the stock mdbook needs it.
pub(super) fn script_of(tag: &str) -> Option<&str> {
    (tag.contains(" defer") && !tag.contains(" data-mdbook"))
        .then(|| attribute(tag, "src"))
        .flatten()
}

/// Joins what the first page refers to. Nothing if the book has another theme.
pub(super) fn join(dir: &Path) -> Result<Option<Assets>, BuildError> {
    let index = dir.join(INDEX);
    let html = std::fs::read_to_string(&index).map_err(io_error(&index))?;
    if !is_themed(&html) {
        return Ok(None);
    }
    let styles: Vec<&str> = tags(&html, "<link").filter_map(style_of).collect();
    let scripts: Vec<&str> = tags(&html, "<script").filter_map(script_of).collect();
    let style = compact_css(&read_all(dir, &styles)?);
    let script = read_all(dir, &scripts)?;
    let joined = styles.iter().chain(&scripts);
    Ok(Some(Assets {
        style: write_hashed(dir, "css", style)?,
        script: write_hashed(dir, "js", script)?,
        joined: joined.map(|path| (*path).to_owned()).collect(),
    }))
}

impl Assets {
    /// Removes what the joined files replace, and what only mdBook's own theme uses.
    pub(super) fn remove_leftovers(&self, dir: &Path) -> Result<(), BuildError> {
        for path in &self.joined {
            let file = dir.join(path);
            std::fs::remove_file(&file).map_err(io_error(&file))?;
            // Folders go when they are empty; until then the attempt fails.
            for folder in file.ancestors().skip(1).take_while(|folder| *folder != dir) {
                if std::fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
        for entry in std::fs::read_dir(dir).map_err(io_error(dir))? {
            let path = entry.map_err(io_error(dir))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let is_leftover = |name: &str| {
                LEFTOVERS.iter().any(|known| {
                    name.strip_prefix(known)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
                })
            };
            if !name.is_some_and(|name| name == CONTENTS || is_leftover(name)) {
                continue;
            }
            let removed = if path.is_dir() {
                std::fs::remove_dir_all(&path)
            } else if path.extension().is_some_and(|kind| kind == "html")
                && !path.ends_with(CONTENTS)
            {
                // A chapter may have such a name.
                Ok(())
            } else {
                std::fs::remove_file(&path)
            };
            removed.map_err(io_error(&path))?;
        }
        Ok(())
    }
}

fn read_all(dir: &Path, paths: &[&str]) -> Result<String, BuildError> {
    let mut all = String::new();
    for path in paths {
        let file = dir.join(path);
        all.push_str(&std::fs::read_to_string(&file).map_err(io_error(&file))?);
        all.push('\n');
    }
    Ok(all)
}

/// Writes a file whose name changes with its content, so that it may be kept forever.
fn write_hashed(dir: &Path, kind: &str, content: String) -> Result<String, BuildError> {
    let file = (kind.to_owned(), content.into_bytes());
    let files = [file];
    let hash = content_hash(&files);
    let name = format!("course-{}.{kind}", hash.get(..10).unwrap_or(&hash));
    let path = dir.join(&name);
    let [(_, content)] = files;
    std::fs::write(&path, content).map_err(io_error(&path))?;
    Ok(name)
}

/// Style sheets without comments and without the space between rules.
fn compact_css(css: &str) -> String {
    let mut compact = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        compact.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    compact.push_str(rest);
    let lines: Vec<&str> = compact
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn css_loses_comments_and_indentation_only() {
        let css = "/* a */\n\na {\n  color: red; /* b */\n  content: \"x  y\";\n}\n";
        assert_eq!(compact_css(css), "a {\ncolor: red;\ncontent: \"x  y\";\n}");
    }

    #[test]
    fn only_deferred_scripts_of_our_own_are_joined() {
        assert_eq!(script_of("<script defer src=\"a.js\">"), Some("a.js"));
        assert_eq!(script_of("<script src=\"a.js\">"), None);
        assert_eq!(script_of("<script defer data-mdbook src=\"a.js\">"), None);
        assert_eq!(
            style_of("<link rel=\"stylesheet\" href=\"a.css\">"),
            Some("a.css")
        );
        assert_eq!(style_of("<link rel=\"icon\" href=\"a.svg\">"), None);
    }
}
