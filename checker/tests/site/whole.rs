//! The real book, as it is published.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use checker::catalog::source::Source;
use checker::site::build::{Built, Options, publish};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// What a page may cost, compressed, before fonts and the search index.
const BUDGET: usize = 150_000;

struct Site {
    dir: TempDir,
    built: Built,
    pages: BTreeMap<String, String>,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        base_url: Some("https://example.org/course/".parse().unwrap()),
        ..Options::default()
    };
    let public = dir.path().join("public");
    let source = Source::Disk(repository);
    let built = publish(&source, &dir.path().join("work"), &public, &options).unwrap();
    let mut pages = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&public)
        .into_iter()
        .map(Result::unwrap)
    {
        if entry.path().extension().is_some_and(|kind| kind == "html") {
            let path = entry.path().strip_prefix(&public).unwrap();
            let name = path.to_str().unwrap().replace('\\', "/");
            pages.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    Site { dir, built, pages }
});

fn public() -> PathBuf {
    SITE.dir.path().join("public")
}

/// The values of an attribute, of tags that begin as `opening` does.
fn values<'a>(html: &'a str, opening: &str, name: &str) -> Vec<&'a str> {
    let name = format!(" {name}=\"");
    html.split(opening)
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .filter_map(|tag| tag.split_once(&name)?.1.split('"').next())
        .collect()
}

fn compressed(content: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap().len()
}

/// The path that an address on a page leads to, below the root.
fn resolved(page: &str, address: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn no_page_lacks_what_everybody_needs() {
    assert_eq!(SITE.built.warnings, Vec::<String>::new());
    assert!(SITE.pages.len() > SITE.built.pages, "404, print and index");
}

#[test]
fn every_page_stays_within_its_budget() {
    for (name, html) in &SITE.pages {
        if name == "print.html" {
            continue;
        }
        let styles = values(html, "<link", "href").into_iter();
        let own = styles
            .chain(values(html, "<script", "src"))
            .filter(|address| !address.contains("://"));
        let mut sum = compressed(html.as_bytes());
        for address in own {
            let path = match address.strip_prefix("/course/") {
                Some(path) => path.to_owned(),
                None => resolved(name, address),
            };
            sum += compressed(&std::fs::read(public().join(path)).unwrap());
        }
        assert!(sum <= BUDGET, "{name} costs {sum} bytes");
    }
}

#[test]
fn no_page_asks_another_host_for_anything() {
    for (name, html) in &SITE.pages {
        for (opening, attribute) in [
            ("<script", "src"),
            ("<img", "src"),
            ("<iframe", "src"),
            ("<source", "src"),
        ] {
            for address in values(html, opening, attribute) {
                assert!(!address.contains("//"), "{name}: {address}");
            }
        }
        for tag in html.split("<link").skip(1) {
            let tag = tag.split('>').next().unwrap();
            if !tag.contains("canonical") {
                assert!(!tag.contains("//"), "{name}: {tag}");
            }
        }
    }
    for entry in std::fs::read_dir(public()).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|kind| kind == "css") {
            let css = std::fs::read_to_string(entry.path()).unwrap();
            assert!(
                !css.contains("url(") && !css.contains("@import"),
                "{:?}",
                entry.path()
            );
        }
    }
}

#[test]
fn no_page_carries_a_script_of_its_own() {
    for (name, html) in &SITE.pages {
        for rest in html.split("<script").skip(1) {
            let tag = rest.split('>').next().unwrap();
            assert!(
                tag.contains(" src=\"") || tag.contains("application/json"),
                "{name}: {tag}"
            );
        }
        for attribute in ["onclick", "onload", "javascript:"] {
            assert!(!html.contains(&format!(" {attribute}=")), "{name}");
        }
    }
}

#[test]
fn every_link_within_the_book_leads_somewhere() {
    let ids: BTreeMap<&str, BTreeSet<&str>> = SITE
        .pages
        .iter()
        .map(|(name, html)| {
            let tags = html.split('<').filter_map(|tag| tag.split('>').next());
            let ids = tags.filter_map(|tag| tag.split_once(" id=\"")?.1.split('"').next());
            (name.as_str(), ids.collect())
        })
        .collect();
    let mut dead = Vec::new();
    for (name, html) in &SITE.pages {
        for address in values(html, "<a", "href") {
            if address.contains("://") || address.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
            let target = match path.strip_prefix("/course/") {
                Some(path) => path.to_owned(),
                None if path.is_empty() => name.clone(),
                None => resolved(name, path),
            };
            let leads = match ids.get(target.as_str()) {
                Some(ids) => anchor.is_empty() || ids.contains(anchor),
                None => public().join(&target).is_file(),
            };
            if !leads {
                dead.push(format!("{name}: {address}"));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn the_sitemap_has_every_chapter() {
    let map = std::fs::read_to_string(public().join("sitemap.xml")).unwrap();
    assert_eq!(map.matches("<loc>").count(), SITE.built.pages);
}
