//! One page, finished.

use std::fmt::Write;

use super::super::highlight;
use super::assets::{self, Assets};
use super::contents::Section;
use super::markup::{attribute, main_of, split_at, tags, text, without_elements};
use super::{INDEX, NOT_FOUND, PRINT, Plan, SOCIAL_IMAGE, meta};

/// Where the template leaves room for what search engines and other sites read.
pub(super) const HEAD: &str = "<!--course:head-->";

/// Where the template leaves room for the table of contents.
const CONTENTS: &str = "<!--course:contents-->";

/// What all pages share.
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan<'a>,
    /// The joined styles and scripts, if the book has the course's theme.
    pub(super) assets: Option<&'a Assets>,
    /// Whether the site has the picture that stands for it.
    pub(super) has_image: bool,
}

/// Finishes the page at `path` below the root.
pub(super) fn finish(context: &Context<'_>, path: &str, html: &str) -> String {
    let html = highlight::page(html);
    let html = mark_local(&html, &context.plan.crates);
    let Some(assets) = context.assets.filter(|_| assets::is_themed(&html)) else {
        return html;
    };
    let root = match (path, context.plan.base_url) {
        // It is shown at addresses of any depth.
        (NOT_FOUND, Some(base_url)) => base_url.path().to_owned(),
        (NOT_FOUND, None) => "/".to_owned(),
        _ => "../".repeat(path.matches('/').count()),
    };
    let html = without_elements(&html, "script", |tag| {
        tag.contains(" data-mdbook") || assets::script_of(tag).is_some()
    });
    let html = without_elements(&html, "noscript", |tag| tag.contains(" data-mdbook"));
    let html = without_lines(&html, "<link", |tag| assets::style_of(tag).is_some());
    let mut html = without_lines(&html, "<base", |_| true);
    if path == NOT_FOUND {
        html = from_root(&html, &root);
    }
    let main = main_of(&html).to_owned();
    if let Some(words) = meta::description(&main)
        && path != PRINT
    {
        html = described(&html, &words);
    }
    let mut head = String::new();
    let _ = write!(
        head,
        "<link rel=\"stylesheet\" href=\"{root}{}\">\n  \
         <script defer src=\"{root}{}\"></script>",
        assets.style, assets.script
    );
    head.push_str(&public_head(context, path, &html));
    let html = html.replacen(HEAD, &head, 1);
    let current = match path {
        INDEX => context.plan.contents.paths().next(),
        _ => Some(path),
    };
    let sections = sections(&main);
    let contents = context.plan.contents.html(current, &root, &sections);
    html.replacen(CONTENTS, &contents, 1)
}

/// Marks the blocks that use the course's own crates: only the local server can run them.
fn mark_local(html: &str, crates: &[String]) -> String {
    const PRE: &str = "<pre class=\"playground\">";
    let mut marked = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = split_at(rest, PRE) {
        let code = split_at(after, "</pre>").map_or(after, |(code, _)| code);
        let words = text(code);
        let is_local = words
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| crates.iter().any(|known| known == word));
        marked.push_str(before);
        marked.push_str(if is_local {
            "<pre class=\"playground\" data-run=\"local\">"
        } else {
            PRE
        });
        rest = after;
    }
    marked.push_str(rest);
    marked
}

/// Removes the void elements whose tag `goes`, with their lines.
fn without_lines(html: &str, opening: &str, goes: impl Fn(&str) -> bool) -> String {
    let mut kept = String::with_capacity(html.len());
    for line in html.split_inclusive('\n') {
        let is_tag = line.trim_start().starts_with(opening);
        if !(is_tag && tags(line, opening).any(&goes)) {
            kept.push_str(line);
        }
    }
    kept
}

/// Lets relative addresses begin at the root.
fn from_root(html: &str, root: &str) -> String {
    const NAMES: [&str; 5] = [
        "href",
        "src",
        "data-root",
        "data-search-index",
        "data-search-engine",
    ];
    let mut html = html.to_owned();
    for name in NAMES {
        let opening = format!(" {name}=\"");
        let mut absolute = String::with_capacity(html.len());
        let mut rest = html.as_str();
        while let Some((before, after)) = split_at(rest, &opening) {
            absolute.push_str(before);
            absolute.push_str(&opening);
            let value = after.split('"').next().unwrap_or_default();
            let is_relative = !value.starts_with(['#', '/']) && !value.contains(':');
            if is_relative {
                absolute.push_str(root);
            }
            rest = after;
        }
        absolute.push_str(rest);
        html = absolute;
    }
    html
}

fn described(html: &str, words: &str) -> String {
    let mut output = String::with_capacity(html.len());
    for line in html.split_inclusive('\n') {
        if line.trim_start().starts_with("<meta name=\"description\"") {
            let _ = writeln!(output, "  <meta name=\"description\" content=\"{words}\">");
        } else {
            output.push_str(line);
        }
    }
    output
}

/// What a published page says of itself.
fn public_head(context: &Context<'_>, path: &str, html: &str) -> String {
    let Some(base_url) = context.plan.base_url else {
        return String::new();
    };
    if matches!(path, NOT_FOUND | PRINT) {
        return String::new();
    }
    let is_first = path == INDEX || context.plan.contents.paths().next() == Some(path);
    let address = meta::address(base_url, path, is_first);
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map_or("", |(title, _)| title)
        .replace('"', "&quot;");
    let words = tags(html, "<meta")
        .find(|tag| attribute(tag, "name") == Some("description"))
        .and_then(|tag| attribute(tag, "content"))
        .unwrap_or_default();
    let site = crate::site::preprocess::escape(context.plan.title);
    let mut head = format!("\n  <link rel=\"canonical\" href=\"{address}\">");
    for (property, content) in [
        ("og:type", "article"),
        ("og:site_name", &site),
        ("og:title", &title),
        ("og:description", words),
        ("og:url", &address),
    ] {
        let _ = write!(
            head,
            "\n  <meta property=\"{property}\" content=\"{content}\">"
        );
    }
    if context.has_image {
        let image = base_url.join(SOCIAL_IMAGE);
        let _ = write!(
            head,
            "\n  <meta property=\"og:image\" content=\"{image}\">\
             \n  <meta name=\"twitter:card\" content=\"summary_large_image\">"
        );
    }
    head
}

/// The sections of a page: its headings of the second level.
fn sections(main: &str) -> Vec<Section<'_>> {
    let headings = main.split("<h2 ").skip(1);
    headings
        .filter_map(|rest| {
            let (heading, _) = rest.split_once("</h2>")?;
            let (attributes, inside) = heading.split_once('>')?;
            let (_, id) = attributes.split_once("id=\"")?;
            Some(Section {
                id: id.split('"').next()?,
                title: text(inside),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_with_a_crate_of_the_course_is_marked() {
        let html = "<pre class=\"playground\"><code>use <span>lru_cache</span>::X;</code></pre>\
                    <pre class=\"playground\"><code>my_lru_cache()</code></pre>";
        let marked = mark_local(html, &["lru_cache".to_owned()]);
        assert_eq!(marked.matches("data-run=\"local\"").count(), 1, "{marked}");
        assert!(marked.starts_with("<pre class=\"playground\" data-run=\"local\">"));
    }

    #[test]
    fn addresses_from_the_root_keep_anchors_and_other_sites() {
        let html = "<a href=\"a.html\"></a><a href=\"#x\"></a><img src=\"https://b/\">\
                    <html data-root=\"\"><a href=\"/c/\">";
        assert_eq!(
            from_root(html, "/c/"),
            "<a href=\"/c/a.html\"></a><a href=\"#x\"></a><img src=\"https://b/\">\
             <html data-root=\"/c/\"><a href=\"/c/\">"
        );
    }

    #[test]
    fn the_sections_of_a_page_are_its_second_level_headings() {
        let main = "<h1 id=\"t\">T</h1><h2 id=\"a\"><a href=\"#a\">One <code>x</code></a></h2>\
                    <h3 id=\"b\">no</h3><h2>no id</h2>";
        let found = sections(main);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].id, found[0].title.as_str()), ("a", "One x"));
    }
}
