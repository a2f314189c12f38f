//! What happens to the pages after mdBook wrote them: code is colored, the table of contents is
//! written into each page, scripts and styles are joined, and what no page needs is removed.

mod assets;
mod contents;
pub(super) mod markup;
mod meta;
mod page;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use walkdir::WalkDir;

pub(super) use self::contents::Contents;
use super::base_url::BaseUrl;
use super::links::{Links, Page};
use super::{BuildError, io_error, lint};
use crate::catalog::source::slashed;
use crate::site::preprocess::Closed;

/// mdBook's page for addresses that lead nowhere.
const NOT_FOUND: &str = "404.html";

/// The whole book on one page.
const PRINT: &str = "print.html";

/// The copy of the first chapter that stands at the root.
const INDEX: &str = "index.html";

/// The table of contents as a page of its own, which only the stock mdbook's pages link to.
const CONTENTS: &str = "toc.html";

/// The picture that stands for the site where somebody links to it.
const SOCIAL_IMAGE: &str = "images/social.png";

/// What the pages share.
pub(super) struct Plan<'a> {
    /// The book's title.
    pub(super) title: &'a str,
    /// Where the site will be.
    pub(super) base_url: Option<&'a BaseUrl>,
    /// The book's chapters.
    pub(super) contents: Contents,
    /// The names under which code uses the course's own crates.
    pub(super) crates: Vec<String>,
    /// The modules whose pages do not say anything yet.
    pub(super) closed: &'a Closed,
}

/// Finishes the site in a folder and lists what the pages do that they should not. Its chapters and
/// what mdBook copied beside them come from `book`.
pub(super) fn finish(dir: &Path, book: &Path, plan: &Plan<'_>) -> Result<Vec<String>, BuildError> {
    let pages = pages(dir)?;
    let assets = assets::join(dir)?;
    let context = page::Context {
        plan,
        assets: assets.as_ref(),
        has_image: dir.join(SOCIAL_IMAGE).is_file(),
    };
    let finished = in_parallel(&pages, |path| {
        let file = dir.join(path);
        let html = std::fs::read_to_string(&file).map_err(io_error(&file))?;
        let finished = page::finish(&context, path, &html);
        std::fs::write(&file, &finished).map_err(io_error(&file))?;
        Ok((lint::faults(path, &finished), Page::of(path, &finished)))
    })?;
    let (faults, linked): (Vec<_>, Vec<_>) = finished.into_iter().unzip();
    let mut warnings = faults.concat();
    if let Some(assets) = assets {
        assets.remove_leftovers(dir)?;
    }
    // The page for wrong addresses is shown at any depth, and the one to print holds all the others.
    let links: Links = std::iter::zip(pages, linked)
        .filter(|(path, _)| path != NOT_FOUND && path != PRINT)
        .collect();
    warnings.extend(links.dangling(plan.closed, |file| dir.join(file).is_file()));
    links.remove_unread(dir, book)?;
    if let Some(base_url) = plan.base_url {
        let open = plan
            .contents
            .paths()
            .filter(|path| !plan.closed.covers(path));
        let file = dir.join("sitemap.xml");
        std::fs::write(&file, meta::sitemap(base_url, open)).map_err(io_error(&file))?;
    }
    Ok(warnings)
}

fn pages(dir: &Path) -> Result<Vec<String>, BuildError> {
    let mut pages = Vec::new();
    for entry in WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(dir).to_path_buf();
            BuildError::Io {
                path,
                source: error.into(),
            }
        })?;
        let path = entry.path().strip_prefix(dir).ok().and_then(slashed);
        let is_page = |path: &String| path.ends_with(".html") && path != CONTENTS;
        pages.extend(path.filter(is_page));
    }
    Ok(pages)
}

/// Calls `work` for every item on all cores; the results keep the order of the items.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, BuildError> + Sync,
) -> Result<Vec<R>, BuildError> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let queue = Mutex::new(items.iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((index, item)) = next() {
            done.push((index, work(item)));
        }
        done
    };
    let mut results = std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..workers).map(|_| scope.spawn(worker)).collect();
        let mut results = worker();
        for helper in helpers {
            match helper.join() {
                Ok(done) => results.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The path of a chapter's page below the root, such as `01-core-rust/lru-cache.html`. mdBook makes
/// a folder's `README.md` its `index.html`.
fn page_of(chapter: &Path) -> Option<String> {
    let stem = chapter.file_stem()?.to_str()?;
    let page = if stem.eq_ignore_ascii_case("readme") {
        chapter.with_file_name(INDEX)
    } else {
        chapter.with_extension("html")
    };
    slashed(&page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_of_a_folder_is_its_index() {
        for (chapter, page) in [
            ("a.md", "a.html"),
            ("m/x.md", "m/x.html"),
            ("m/README.md", "m/index.html"),
            ("m/readme.md", "m/index.html"),
        ] {
            assert_eq!(page_of(Path::new(chapter)).as_deref(), Some(page));
        }
    }

    #[test]
    fn work_in_parallel_keeps_the_order_and_the_first_error() {
        let items: Vec<usize> = (0..100).collect();
        let doubled = in_parallel(&items, |item| Ok(item * 2)).unwrap();
        assert_eq!(doubled.len(), 100);
        assert_eq!(doubled[7], 14);
        let error = in_parallel(&items, |item| {
            if item % 40 == 39 {
                Err(BuildError::Book(item.to_string()))
            } else {
                Ok(())
            }
        })
        .unwrap_err();
        assert_eq!(error.to_string(), "39");
    }
}
