//! Leaves out what a chapter says of the reference solution.

use super::super::heading;

/// The section that explains the reference solution.
const SECTION: &str = "after-you-pass";

const INSTEAD: &str = "\nThe notes on the reference solution are left out here. \
                       `checker solution` shows them once you pass.\n\n";

/// A chapter's text with the content of its section on the solution replaced by a sentence.
pub(super) fn without(text: &str) -> String {
    let headings = heading::anchors(text).headings;
    let Some(index) = headings.iter().position(|heading| heading.id == SECTION) else {
        return text.to_owned();
    };
    let Some(section) = headings.get(index) else {
        return text.to_owned();
    };
    let end = headings
        .iter()
        .skip(index + 1)
        .find(|heading| heading.level <= section.level)
        .map_or(usize::MAX, |heading| heading.line);
    let mut kept = String::with_capacity(text.len());
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if number <= section.line || number >= end {
            kept.push_str(line);
        }
        if number == section.line {
            kept.push_str(INSTEAD);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_keeps_its_heading_and_the_sections_around_it_stay() {
        let text = "# T\n\nIntro.\n\n## After you pass {#after-you-pass}\n\nIt uses an arena.\n\n\
                    ```text\n## Not a heading\n```\n\n### Details\n\nMore.\n\n## Next\n\nEnd.\n";
        let kept = without(text);
        assert!(kept.starts_with("# T\n\nIntro.\n\n## After you pass {#after-you-pass}\n"));
        assert!(kept.ends_with("## Next\n\nEnd.\n"), "{kept}");
        for gone in ["arena", "Details", "Not a heading", "More."] {
            assert!(!kept.contains(gone), "{kept}");
        }
    }

    #[test]
    fn a_chapter_without_such_a_section_stays_as_it_is() {
        let text = "# T\n\n## Phase 1\n";
        assert_eq!(without(text), text);
    }
}
