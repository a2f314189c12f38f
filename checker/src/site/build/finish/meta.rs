//! What a page tells search engines and those who link to it.

use std::fmt::Write;

use super::super::base_url::BaseUrl;
use super::markup;

/// The most characters of a description.
const DESCRIPTION: usize = 180;

/// The sitemap: every page at its address.
pub(super) fn sitemap<'a>(base_url: &BaseUrl, paths: impl Iterator<Item = &'a str>) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                   <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    for (index, path) in paths.enumerate() {
        let address = address(base_url, path, index == 0);
        let _ = writeln!(
            xml,
            "  <url><loc>{}</loc></url>",
            address.replace('&', "&amp;")
        );
    }
    xml.push_str("</urlset>\n");
    xml
}

/// The one address of a page. The first chapter is the site's root, and a folder's page the folder.
pub(super) fn address(base_url: &BaseUrl, path: &str, is_first: bool) -> String {
    if is_first {
        return base_url.join("");
    }
    match path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => base_url.join(folder),
        _ => base_url.join(path),
    }
}

/// The first paragraph that stands in the text itself, cut after a whole word.
pub(super) fn description(main: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut rest = main;
    while let Some(at) = rest.find('<') {
        let tag = rest.get(at..)?;
        let end = tag.find('>')?;
        if tag.starts_with("<p>") && depth == 0 {
            let (inside, _) = tag.get(3..)?.split_once("</p>")?;
            let words = markup::text(inside).replace('"', "&quot;");
            return Some(shortened(&words));
        }
        let is = |name: &str| {
            let inside = tag.trim_start_matches(['<', '/']);
            inside
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '>']))
        };
        if ["section", "details", "div", "figure", "dl", "blockquote"]
            .into_iter()
            .any(is)
        {
            if tag.starts_with("</") {
                depth = depth.saturating_sub(1);
            } else {
                depth += 1;
            }
        }
        rest = tag.get(end + 1..)?;
    }
    None
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        return text.to_owned();
    }
    let mut short = String::new();
    for word in text.split(' ') {
        if short.chars().count() + word.chars().count() >= DESCRIPTION {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_the_first_paragraph_of_the_text_itself() {
        let main = "<h1>T</h1><section><p>card</p></section><details><div><p>no</p></div></details>\
                    <p>You <em>build</em> a \"cache\".</p><p>More.</p>";
        assert_eq!(description(main).unwrap(), "You build a &quot;cache&quot;.");
        assert_eq!(description("<h1>T</h1>"), None);
    }

    #[test]
    fn a_long_description_ends_after_a_word() {
        let main = format!("<p>{}</p>", "word ".repeat(100));
        let text = description(&main).unwrap();
        assert!(text.ends_with("word…"), "{text}");
        assert!(text.chars().count() <= DESCRIPTION + 1);
    }

    #[test]
    fn each_page_has_one_address() {
        let base: BaseUrl = "https://a.b/c".parse().unwrap();
        assert_eq!(address(&base, "welcome.html", true), "https://a.b/c/");
        assert_eq!(address(&base, "m/index.html", false), "https://a.b/c/m/");
        assert_eq!(address(&base, "m/x.html", false), "https://a.b/c/m/x.html");
        let xml = sitemap(&base, ["welcome.html", "m/x.html"].into_iter());
        assert!(
            xml.contains("<url><loc>https://a.b/c/</loc></url>"),
            "{xml}"
        );
        assert!(xml.contains("<loc>https://a.b/c/m/x.html</loc>"), "{xml}");
    }
}
