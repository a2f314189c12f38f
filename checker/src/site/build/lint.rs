//! What a finished page must keep to, so that everybody can use it.

use std::collections::HashSet;

use super::finish::markup::{attribute, main_of, tags};

/// The faults of a page: its headings, ids, pictures and addresses.
pub(super) fn faults(path: &str, html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let main = main_of(html);
    let titles = tags(main, "<h1").count();
    // The whole book on one page has a title for each chapter.
    if titles != 1 && path != "print.html" {
        faults.push(format!(
            "{path}: it has {titles} headings of the first level"
        ));
    }
    let mut ids = HashSet::new();
    for tag in html.split('<').skip(1) {
        if tag.starts_with('/') || tag.starts_with("span class=\"hljs") {
            continue;
        }
        let tag = tag.split('>').next().unwrap_or(tag);
        if let Some(id) = attribute(tag, "id")
            && !ids.insert(id)
        {
            faults.push(format!("{path}: the id `{id}` is given twice"));
        }
    }
    for tag in tags(html, "<img") {
        let source = attribute(tag, "src").unwrap_or_default();
        if attribute(tag, "alt").is_none_or(str::is_empty) {
            faults.push(format!("{path}: the picture `{source}` has no words"));
        }
    }
    faults
        .extend(foreign(html).map(|address| {
            format!("{path}: it loads `{address}` from another site when it opens")
        }));
    faults
}

/// What a page would load from another host without being asked to.
fn foreign(html: &str) -> impl Iterator<Item = &str> {
    let sources = ["<script", "<img", "<iframe", "<source", "<video", "<audio"]
        .into_iter()
        .flat_map(|opening| tags(html, opening))
        .filter_map(|tag| attribute(tag, "src"));
    let links = tags(html, "<link")
        .filter(|tag| {
            let rel = attribute(tag, "rel").unwrap_or_default();
            !matches!(rel, "canonical" | "alternate")
        })
        .filter_map(|tag| attribute(tag, "href"));
    sources
        .chain(links)
        .filter(|address| address.contains("://") || address.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_page_has_no_faults() {
        let html = "<link rel=\"canonical\" href=\"https://a/\"><link rel=\"icon\" href=\"i.svg\">\
                    <main id=\"c\"><h1 id=\"t\">T</h1><img src=\"a.png\" alt=\"A\">\
                    <a href=\"https://elsewhere/\">b</a></main>";
        assert_eq!(faults("p.html", html), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_named() {
        let html = "<script src=\"https://cdn/x.js\"></script>\
                    <link rel=\"stylesheet\" href=\"//cdn/x.css\">\
                    <main id=\"t\"><h2 id=\"t\">T</h2><img src=\"a.png\"></main>";
        assert_eq!(
            faults("p.html", html),
            [
                "p.html: it has 0 headings of the first level",
                "p.html: the id `t` is given twice",
                "p.html: the picture `a.png` has no words",
                "p.html: it loads `https://cdn/x.js` from another site when it opens",
                "p.html: it loads `//cdn/x.css` from another site when it opens",
            ]
        );
    }
}
