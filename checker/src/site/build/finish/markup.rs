//! Small readings of HTML that mdBook and our own template wrote.
//!
//! Long texts are searched with `memmem`: pages are read many times on the way from a saved chapter
//! to the screen, and in a debug build the standard library's search is not optimized.

use memchr::memmem;

/// The value of an attribute in a tag such as `<a href="x">`.
pub(in crate::site::build) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some(at) = memmem::find(rest.as_bytes(), name.as_bytes()) {
        let (before, after) = rest.split_at(at);
        let value = after
            .strip_prefix(name)
            .and_then(|after| after.strip_prefix("=\""));
        if before.ends_with(char::is_whitespace)
            && let Some((value, _)) = value.and_then(|value| value.split_once('"'))
        {
            return Some(value);
        }
        rest = after.get(name.len()..)?;
    }
    None
}

/// Every tag that begins with `opening`, such as `<link`, from there to its `>`.
pub(in crate::site::build) fn tags<'a>(
    html: &'a str,
    opening: &'a str,
) -> impl Iterator<Item = &'a str> {
    memmem::find_iter(html.as_bytes(), opening.as_bytes()).filter_map(|start| {
        let rest = html.get(start..)?;
        let after = rest.get(opening.len()..)?;
        // `<h1` is not the beginning of `<h1x`.
        let is_whole = after.starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/');
        let end = rest.find('>')?;
        is_whole.then(|| rest.get(..=end)).flatten()
    })
}

/// Removes every element `<name …>…</name>` whose tag `goes`, with the line that it leaves empty.
/// Elements of the name must not lie in each other.
pub(super) fn without_elements(html: &str, name: &str, goes: impl Fn(&str) -> bool) -> String {
    let opening = format!("<{name}");
    let closing = format!("</{name}>");
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = memmem::find(rest.as_bytes(), opening.as_bytes()) {
        let (before, element) = rest.split_at(start);
        let tag_end = element.find('>').map_or(element.len(), |end| end + 1);
        let tag = element.get(..tag_end).unwrap_or(element);
        let end = memmem::find(element.as_bytes(), closing.as_bytes())
            .map_or(element.len(), |end| end + closing.len());
        let (element, after) = element.split_at(end);
        kept.push_str(before);
        if goes(tag) {
            kept.truncate(kept.trim_end_matches([' ', '\t']).len());
            let is_alone = kept.is_empty() || kept.ends_with('\n');
            rest = if is_alone {
                after.strip_prefix('\n').unwrap_or(after)
            } else {
                after
            };
        } else {
            kept.push_str(element);
            rest = after;
        }
    }
    kept.push_str(rest);
    kept
}

/// What lies before and behind the first `needle`, as [`str::split_once`] gives it.
pub(in crate::site::build) fn split_at<'a>(
    text: &'a str,
    needle: &str,
) -> Option<(&'a str, &'a str)> {
    let at = memmem::find(text.as_bytes(), needle.as_bytes())?;
    Some((text.get(..at)?, text.get(at + needle.len()..)?))
}

/// The words of HTML, without tags, in one line. Entities stay as they are.
pub(super) fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The content of the page's `<main>`.
pub(in crate::site::build) fn main_of(html: &str) -> &str {
    let after = html.split_once("<main").map_or("", |(_, after)| after);
    let inside = after.split_once('>').map_or("", |(_, inside)| inside);
    inside
        .rsplit_once("</main>")
        .map_or(inside, |(main, _)| main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_found_by_its_whole_name() {
        let tag = "<a data-href=\"no\" href=\"yes\" x>";
        assert_eq!(attribute(tag, "href"), Some("yes"));
        assert_eq!(attribute(tag, "ref"), None);
        assert_eq!(attribute(tag, "x"), None);
    }

    #[test]
    fn tags_are_found_by_their_whole_name() {
        let html = "<h1>a</h1><h10>b</h10><h1 id=\"x\">";
        let found: Vec<&str> = tags(html, "<h1").collect();
        assert_eq!(found, ["<h1>", "<h1 id=\"x\">"]);
    }

    #[test]
    fn an_element_goes_with_its_line() {
        let html = "<p>\n  <script data-x>a > b</script>\n  <script>b</script>\n</p>\
                    <script data-x></script>.";
        let kept = without_elements(html, "script", |tag| tag.contains("data-x"));
        assert_eq!(kept, "<p>\n  <script>b</script>\n</p>.");
    }

    #[test]
    fn text_is_what_is_read() {
        assert_eq!(text("a <b>c</b>\n d&amp;<br>"), "a c d&amp;");
        assert_eq!(main_of("<main id=\"m\">x</main>y"), "x");
    }
}
