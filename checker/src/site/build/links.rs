//! Where pages lead: links that lead nowhere, and files that nothing leads to.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use walkdir::WalkDir;

use super::finish::markup::attribute;
use super::{BuildError, io_error};
use crate::catalog::source::slashed;
use crate::site::preprocess::Closed;

/// Files of the book that are published though no page links to them.
const KEPT: [&str; 2] = ["LICENSE", "images/social.png"];

/// A page's own addresses, and those that it leads to on this site.
#[derive(Debug, Default)]
pub(super) struct Page {
    ids: HashSet<String>,
    /// The path of a file below the root, and the id behind the `#`.
    targets: Vec<(String, Option<String>)>,
}

/// The links of a finished site.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, Page>);

impl Links {
    /// Every link to a file that `exists` denies, or to an id that its page does not have. Pages of
    /// closed modules have no content yet, so nothing is said about their ids.
    pub(super) fn dangling(&self, closed: &Closed, exists: impl Fn(&str) -> bool) -> Vec<String> {
        let mut faults = Vec::new();
        for (path, page) in &self.0 {
            for (file, id) in &page.targets {
                let there = self.0.get(file);
                if there.is_none() && !exists(file) {
                    faults.push(format!("{path}: it links to `{file}`, which is not there"));
                }
                if let (Some(there), Some(id)) = (there, id)
                    && !there.ids.contains(id)
                    && !closed.covers(file)
                {
                    faults.push(format!(
                        "{path}: it links to `{file}#{id}`, but that page has no such place"
                    ));
                }
            }
        }
        faults.dedup();
        faults
    }

    /// Removes the files that mdBook copied from the book's folder and that no page shows or links
    /// to: the sources of figures, quizzes and listings, which the pages hold already.
    pub(super) fn remove_unread(&self, dir: &Path, book: &Path) -> Result<(), BuildError> {
        let targets = self.0.values().flat_map(|page| &page.targets);
        let mut wanted: HashSet<&str> = targets.map(|(file, _)| file.as_str()).collect();
        wanted.extend(KEPT);
        for entry in WalkDir::new(dir).contents_first(true) {
            let Ok(entry) = entry else { continue };
            let path = entry.path();
            let Some(relative) = path.strip_prefix(dir).ok().and_then(slashed) else {
                continue;
            };
            if entry.file_type().is_dir() {
                // Succeeds for the folders that have become empty.
                let _ = std::fs::remove_dir(path);
            } else if !wanted.contains(relative.as_str()) && book.join(&relative).is_file() {
                std::fs::remove_file(path).map_err(io_error(path))?;
            }
        }
        Ok(())
    }
}

/// Pages with their paths below the root.
impl FromIterator<(String, Page)> for Links {
    fn from_iter<I: IntoIterator<Item = (String, Page)>>(pages: I) -> Links {
        Links(pages.into_iter().collect())
    }
}

impl Page {
    /// Reads the page at `path`.
    pub(super) fn of(path: &str, html: &str) -> Page {
        let mut page = Page::default();
        for tag in html.split('<').skip(1) {
            // Most tags close something or color a word.
            if tag.starts_with('/') || tag.starts_with("span class=\"hljs") {
                continue;
            }
            let tag = tag.split('>').next().unwrap_or(tag);
            page.ids.extend(attribute(tag, "id").map(str::to_owned));
            let addresses = ["href", "src"].map(|name| attribute(tag, name));
            page.targets.extend(
                addresses
                    .into_iter()
                    .flatten()
                    .filter_map(|address| target(path, address)),
            );
        }
        page
    }
}

/// The file and the id that an address on the page `path` means; nothing for other sites.
fn target(path: &str, address: &str) -> Option<(String, Option<String>)> {
    let (file, id) = match address.split_once('#') {
        Some((file, id)) => (file, Some(id).filter(|id| !id.is_empty())),
        None => (address, None),
    };
    let file = file.split('?').next().unwrap_or(file);
    // A colon before the first slash ends a scheme, as in `https:` or `data:`.
    let has_scheme = file
        .split('/')
        .next()
        .is_some_and(|part| part.contains(':'));
    if has_scheme || file.starts_with('/') {
        return None;
    }
    let id = id.map(str::to_owned);
    if file.is_empty() {
        return Some((path.to_owned(), id));
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            ".." => {
                parts.pop()?;
            }
            "." => {}
            part => parts.push(part),
        }
    }
    // The address of a folder is that of the page in it.
    if parts.last() == Some(&"") {
        parts.pop();
        parts.push("index.html");
    }
    Some((parts.join("/"), id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(pages: &[(&str, &str)]) -> Links {
        let pages = pages
            .iter()
            .map(|(path, html)| ((*path).to_owned(), Page::of(path, html)));
        pages.collect()
    }

    #[test]
    fn addresses_are_resolved_from_their_page() {
        let path = "01-core/data/index.html";
        let of = |address| target(path, address).map(|(file, id)| (file, id.unwrap_or_default()));
        let here = |file: &str, id: &str| Some((file.to_owned(), id.to_owned()));
        assert_eq!(of("#sums"), here(path, "sums"));
        assert_eq!(of("a.html?x=1#y"), here("01-core/data/a.html", "y"));
        assert_eq!(of("../../map.html#"), here("map.html", ""));
        assert_eq!(of("./"), here(path, ""));
        assert_eq!(of("https://example.org/a"), None);
        assert_eq!(of("mailto:a@example.org"), None);
        assert_eq!(of("../../../../outside"), None);
    }

    #[test]
    fn links_that_lead_nowhere_are_named() {
        let links = links(&[
            (
                "a.html",
                "<a href=\"b.html#there\"><a href=\"b.html#gone\"><a href=\"c.html\">",
            ),
            (
                "b.html",
                "<h2 id=\"there\"><img src=\"b.png\"><a href=\"#b\">",
            ),
        ]);
        let faults = links.dangling(&Closed::default(), |file| file == "b.png");
        assert_eq!(
            faults,
            [
                "a.html: it links to `b.html#gone`, but that page has no such place",
                "a.html: it links to `c.html`, which is not there",
                "b.html: it links to `b.html#b`, but that page has no such place",
            ]
        );
    }

    #[test]
    fn what_no_page_shows_is_not_published() {
        let (book, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for file in ["quizzes/a.toml", "images/a.png", "LICENSE"] {
            for dir in [&book, &site] {
                let path = dir.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "").unwrap();
            }
        }
        std::fs::write(site.path().join("search.js"), "").unwrap();
        let links = links(&[("a.html", "<img src=\"images/a.png\">")]);
        links.remove_unread(site.path(), book.path()).unwrap();
        let left = |file: &str| site.path().join(file).exists();
        assert!(left("images/a.png") && left("LICENSE") && left("search.js"));
        assert!(!left("quizzes"));
    }
}
