//! The line of a new exercise in the book's table of contents.

use super::names::Names;

/// The contents with a line for the exercise, as the last of its module. A module that is not
/// listed is added behind the last one.
pub(super) fn with_exercise(contents: &str, names: &Names) -> String {
    let mut lines: Vec<String> = contents.lines().map(str::to_owned).collect();
    let line = format!("  - [{}]({}/{}.md)", names.title, names.module, names.id);
    let module = lines.iter().position(|line| lists(line, names));
    let at = match module {
        Some(module) => module + 1 + below(&lines[module + 1..]),
        None => {
            let heading = format!("- [{}]()", names.module_title());
            let last = lines.iter().rposition(|line| is_item(line));
            let at = match last {
                Some(last) => last + 1 + below(&lines[last + 1..]),
                None => {
                    let separated = lines.last().is_none_or(|line| line.trim().is_empty());
                    lines.extend((!separated).then(String::new));
                    lines.len()
                }
            };
            lines.insert(at, heading);
            at + 1
        }
    };
    lines.insert(at, line);
    lines.push(String::new());
    lines.join("\n")
}

/// Whether a line is an item of the outermost list.
fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

/// The lines that belong to the item before them. A blank line at their end does not.
fn below(lines: &[String]) -> usize {
    let is_inner = |line: &&String| line.starts_with([' ', '\t']) || line.trim().is_empty();
    let inner = lines.iter().take_while(is_inner).count();
    lines[..inner]
        .iter()
        .rposition(|line| !line.trim().is_empty())
        .map_or(0, |last| last + 1)
}

/// Whether a line lists the module: by a link into its folder, or as a draft with its title.
fn lists(line: &str, names: &Names) -> bool {
    let Some((title, target)) = is_item(line).then(|| link(line)).flatten() else {
        return false;
    };
    let folder = target
        .trim_start_matches("./")
        .split('/')
        .next()
        .unwrap_or_default();
    let number = names.module.split('-').next().unwrap_or_default();
    let title = words(title);
    let title = title.strip_prefix(&format!("{number} ")).unwrap_or(&title);
    folder == names.module || (target.is_empty() && title == words(&names.module_title()))
}

/// The text and the target of the link in a line.
fn link(line: &str) -> Option<(&str, &str)> {
    let (text, target) = line.split_once('[')?.1.split_once("](")?;
    Some((text, target.trim_end().strip_suffix(')')?))
}

/// The words of a title in lowercase, with one space between them.
fn words(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(contents: &str, module: &str, id: &str) -> String {
        with_exercise(contents, &Names::new(module, id, "").unwrap())
    }

    #[test]
    fn an_exercise_becomes_the_last_of_its_module() {
        let contents =
            "# Summary\n\n- [Core](01-core/README.md)\n  - [A](01-core/a.md)\n\n- [B]()\n";
        assert_eq!(
            added(contents, "01-core", "new-one"),
            "# Summary\n\n- [Core](01-core/README.md)\n  - [A](01-core/a.md)\n  \
             - [New one](01-core/new-one.md)\n\n- [B]()\n"
        );
    }

    #[test]
    fn a_draft_is_known_by_its_title_with_or_without_number() {
        for draft in ["- [Key-value store]()", "- [03 Key-Value Store]()"] {
            assert_eq!(
                added(
                    &format!("{draft}\n- [Other]()\n"),
                    "03-key-value-store",
                    "x"
                ),
                format!("{draft}\n  - [X](03-key-value-store/x.md)\n- [Other]()\n")
            );
        }
    }

    #[test]
    fn a_draft_of_another_number_or_title_is_another_module() {
        let contents = "- [04 Key-value store]()\n";
        assert_eq!(
            added(contents, "03-key-value-store", "x"),
            "- [04 Key-value store]()\n- [Key value store]()\n  - [X](03-key-value-store/x.md)\n"
        );
    }

    #[test]
    fn a_new_module_follows_the_last_one_and_precedes_the_appendix() {
        assert_eq!(
            added(
                "- [A](01-a/a.md)\n  - [B](01-a/b.md)\n\n[Appendix](z.md)\n",
                "02-b",
                "x"
            ),
            "- [A](01-a/a.md)\n  - [B](01-a/b.md)\n- [B]()\n  - [X](02-b/x.md)\n\n[Appendix](z.md)\n"
        );
    }

    #[test]
    fn a_book_without_modules_gets_a_list_of_its_own() {
        assert_eq!(
            added("[Welcome](welcome.md)\n", "01-a", "x"),
            "[Welcome](welcome.md)\n\n- [A]()\n  - [X](01-a/x.md)\n"
        );
        assert_eq!(added("", "01-a", "x"), "- [A]()\n  - [X](01-a/x.md)\n");
    }
}
