//! Links to the page of a folder.
//!
//! mdBook makes `README.md` the page `index.html`, but leaves links to `README.html`, which nobody
//! wrote.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

const SOURCE: &str = "README.md";
const PAGE: &str = "index.md";

/// A chapter's text in which links to a folder's `README.md` lead to its page.
pub(super) fn to_pages(text: String) -> String {
    if !text.contains(SOURCE) {
        return text;
    }
    let mut found: Vec<Range<usize>> = Parser::new_ext(&text, Options::all())
        .into_offset_iter()
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::Link { dest_url, .. }) if leads_to_source(&dest_url) => {
                let start = range.start + text.get(range)?.rfind(SOURCE)?;
                Some(start..start + SOURCE.len())
            }
            _ => None,
        })
        .collect();
    found.dedup();
    let mut changed = text;
    for range in found.into_iter().rev() {
        changed.replace_range(range, PAGE);
    }
    changed
}

fn leads_to_source(address: &str) -> bool {
    let path = address.split('#').next().unwrap_or(address);
    !path.contains("://") && (path == SOURCE || path.ends_with(&format!("/{SOURCE}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_folders_source_leads_to_its_page() {
        for (text, expected) in [
            ("[a](README.md)", "[a](index.md)"),
            (
                "[README.md](../m/README.md#x)",
                "[README.md](../m/index.md#x)",
            ),
            (
                "[a](x/README.md), [b](y/README.md \"t\")",
                "[a](x/index.md), [b](y/index.md \"t\")",
            ),
        ] {
            assert_eq!(to_pages(text.to_owned()), expected);
        }
    }

    #[test]
    fn words_code_and_other_sites_stay_as_they_are() {
        let text = "README.md `[a](README.md)` [b](https://a.b/README.md) [c](OTHER-README.md)\n\n\
                    ```text\n[d](README.md)\n```\n";
        assert_eq!(to_pages(text.to_owned()), text);
    }
}
