//! One chapter, rewritten.

use std::path::{Component, Path, PathBuf};

use super::super::directive::{
    self, Directive, DirectiveError, FigureLine, Meaning, Piece, QuizLine,
};
use super::{PageError, PageFault, card, figure, quiz};
use crate::catalog::Catalog;
use course_quiz::Quiz;
use mdbook_exercises::{Objectives, SolutionReveal};

/// Where a chapter stands.
pub(super) struct Place<'a> {
    /// The course.
    pub(super) catalog: &'a Catalog,
    /// Whether solutions are left out.
    pub(super) hides_solutions: bool,
    /// The chapter's file for people, relative to the course.
    pub(super) name: String,
    /// The chapter's file, relative to the book's folder.
    pub(super) path: &'a str,
    /// The book's folder on disk.
    pub(super) book_dir: PathBuf,
}

/// Rewrites a chapter, or lists everything that is wrong in it.
pub(super) fn rewrite(place: &Place<'_>, text: &str) -> Result<String, Vec<PageError>> {
    let mut page = Page {
        place,
        figures: figure::Names::new(place.path),
        quizzes: Vec::new(),
        output: String::with_capacity(text.len()),
        errors: Vec::new(),
    };
    page.rewrite(text, 1);
    if page.errors.is_empty() {
        Ok(page.output)
    } else {
        Err(page.errors)
    }
}

struct Page<'a> {
    place: &'a Place<'a>,
    figures: figure::Names,
    /// The quizzes on the page so far.
    quizzes: Vec<String>,
    output: String,
    errors: Vec<PageError>,
}

impl Page<'_> {
    fn rewrite(&mut self, text: &str, first_line: usize) {
        match directive::scan(text, first_line) {
            Ok(pieces) => pieces.iter().for_each(|piece| match piece {
                Piece::Text(text) => self.output.push_str(text),
                Piece::Directive(directive) => self.directive(directive),
                Piece::Figure(line) => self.figure(line),
                Piece::Quiz(line) => self.quiz(line),
            }),
            Err(error) => self.malformed(error),
        }
    }

    fn fail(&mut self, line: usize, fault: PageFault) {
        self.errors.push(PageError {
            chapter: self.place.name.clone(),
            line,
            fault,
        });
    }

    fn malformed(&mut self, error: DirectiveError) {
        self.fail(error.line, PageFault::Directive(error.fault));
    }

    /// Adds HTML as a block of its own: blank lines part it from the Markdown around it.
    fn block(&mut self, html: &str) {
        self.output.push_str("\n\n");
        self.output.push_str(html);
        self.output.push_str("\n\n");
    }

    /// The author's Markdown between two pieces of HTML.
    fn body(&mut self, directive: &Directive<'_>) {
        self.rewrite(directive.body, directive.body_line());
    }

    fn fold(&mut self, class: &str, summary: &str, open: bool, directive: &Directive<'_>) {
        let open = if open { " open" } else { "" };
        self.block(&format!(
            "<details class=\"{class}\"{open}>\n<summary>{summary}</summary>"
        ));
        self.body(directive);
        self.block("</details>");
    }

    fn titled(&mut self, class: &str, title: &str, directive: &Directive<'_>) {
        self.block(&format!(
            "<div class=\"{class}\">\n<p class=\"card-title\">{title}</p>"
        ));
        self.body(directive);
        self.block("</div>");
    }

    fn directive(&mut self, directive: &Directive<'_>) {
        match directive.meaning() {
            Err(error) => self.malformed(error),
            Ok(Meaning::Exercise(facts)) => {
                match card::exercise_or_phase(self.place.catalog, self.place.path, &facts) {
                    Ok(card) => self.block(&card),
                    Err(fault) => self.fail(directive.line, fault),
                }
            }
            Ok(Meaning::Hint(hint)) => {
                let title = card::inline(&hint.title.unwrap_or_default());
                let summary = format!(
                    "<span class=\"hint-level\">Hint {}</span> {title}",
                    hint.level
                );
                self.fold("hint", &summary, false, directive);
            }
            Ok(Meaning::Objectives(goals)) => {
                let card = objectives(&goals);
                self.block(&card);
            }
            Ok(Meaning::Discussion(_)) => {
                self.titled("discussion", "Before you write code", directive);
            }
            Ok(Meaning::Reflection(_)) => self.titled("reflection", "Looking back", directive),
            Ok(Meaning::Starter(code)) => {
                let title = code.filename.map_or_else(
                    || "Start from".to_owned(),
                    |file| format!("Start from <code>{}</code>", card::escape(&file)),
                );
                self.titled("starter", &title, directive);
            }
            Ok(Meaning::Solution(_)) if self.place.hides_solutions => {}
            Ok(Meaning::Solution(solution)) => match solution.reveal {
                SolutionReveal::Never => {}
                SolutionReveal::Always => self.fold("solution", "Solution", true, directive),
                SolutionReveal::OnDemand => self.fold("solution", "Solution", false, directive),
            },
            Ok(Meaning::Tests(_)) => self.fold("tests", "Tests", false, directive),
        }
    }

    fn figure(&mut self, line: &FigureLine<'_>) {
        let svg = match read(self.place, line.path) {
            Ok(svg) => svg,
            Err(reason) => {
                let path = line.path.to_owned();
                return self.fail(line.line, PageFault::NoFigure { path, reason });
            }
        };
        match figure::inline(&svg, &self.figures.next(line.path)) {
            Ok(html) => {
                self.output.push('\n');
                self.output.push_str(line.indent);
                self.output.push_str(&html);
                self.output.push_str("\n\n");
            }
            Err(faults) => {
                for (figure_line, fault) in faults {
                    let path = line.path.to_owned();
                    let fault = PageFault::Figure {
                        path,
                        figure_line,
                        fault,
                    };
                    self.fail(line.line, fault);
                }
            }
        }
    }

    fn quiz(&mut self, line: &QuizLine<'_>) {
        let path = line.path.to_owned();
        if self.quizzes.contains(&path) {
            return self.fail(line.line, PageFault::QuizTwice(path));
        }
        self.quizzes.push(path.clone());
        let text = match read(self.place, line.path) {
            Ok(text) => text,
            Err(reason) => return self.fail(line.line, PageFault::NoQuiz { path, reason }),
        };
        match Quiz::parse(&text) {
            Ok(quiz) => {
                let number = self.quizzes.len();
                let html = quiz::render(&quiz, self.place.path, line.path, number);
                self.block(&html);
            }
            Err(errors) => {
                for error in errors {
                    let path = path.clone();
                    self.fail(line.line, PageFault::Quiz { path, error });
                }
            }
        }
    }
}

/// A file's text, or why there is none.
fn read(place: &Place<'_>, relative: &str) -> Result<String, String> {
    let file = inside_book(place, relative)
        .ok_or_else(|| "it does not lie in the book's folder".to_owned())?;
    std::fs::read_to_string(file).map_err(|error| error.to_string())
}

/// The file that a chapter means by a relative path, or nothing if that leaves the book's folder.
fn inside_book(place: &Place<'_>, relative: &str) -> Option<PathBuf> {
    let mut parts: Vec<&std::ffi::OsStr> = Path::new(place.path).parent()?.iter().collect();
    for component in Path::new(relative).components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(place.book_dir.join(parts.iter().collect::<PathBuf>()))
}

fn objectives(goals: &Objectives) -> String {
    let mut card =
        "<div class=\"objectives\">\n<p class=\"card-title\">You will be able to</p>\n\n"
            .to_owned();
    for goal in goals.doing.iter().chain(&goals.thinking) {
        card.push_str("- ");
        card.push_str(goal);
        card.push('\n');
    }
    card.push_str("\n</div>");
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::source::Source;

    const QUIZ: &str = "[[question]]\nprompt = 'p'\n[[question.answer]]\ntext = 'a'\ncorrect = true\n\
                        why = 'w'\n[[question.answer]]\ntext = 'b'\nwhy = 'w'\n";

    /// Rewrites a page of a book that has two figures, two quizzes and no exercises.
    fn page(text: &str) -> Result<String, Vec<String>> {
        let dir = tempfile::tempdir().unwrap();
        let chapter_dir = dir.path().join("book/module");
        std::fs::create_dir_all(&chapter_dir).unwrap();
        let svg = "<svg viewBox=\"0 0 720 1\"><title>T</title><desc>D</desc>\n\n<g/></svg>";
        std::fs::write(chapter_dir.join("good.svg"), svg).unwrap();
        std::fs::write(
            chapter_dir.join("bad.svg"),
            svg.replace("<desc>D</desc>", ""),
        )
        .unwrap();
        std::fs::write(dir.path().join("outside.svg"), svg).unwrap();
        std::fs::write(chapter_dir.join("good.toml"), QUIZ.repeat(3)).unwrap();
        std::fs::write(chapter_dir.join("bad.toml"), QUIZ.repeat(2)).unwrap();
        let catalog = Catalog::load(Source::Disk(dir.path().to_path_buf())).unwrap();
        let place = Place {
            catalog: &catalog,
            hides_solutions: false,
            name: "book/module/page.md".into(),
            path: "module/page.md",
            book_dir: dir.path().join("book"),
        };
        rewrite(&place, text).map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_page_without_directives_stays_as_it_is() {
        let text = "# T\n\n```text\n::: hint\n{{#figure nowhere.svg}}\n```\n";
        assert_eq!(page(text).unwrap(), text);
    }

    #[test]
    fn a_hint_becomes_details_with_its_markdown_parted_by_blank_lines() {
        let html = page("::: hint level=1 title=\"The `map` & you\"\n- *look*\n:::\n").unwrap();
        let expected = "<details class=\"hint\">\n<summary><span class=\"hint-level\">Hint 1</span> \
                        The <code>map</code> &amp; you</summary>\n\n- *look*\n\n\n</details>\n";
        assert!(html.contains(expected), "{html}");
    }

    #[test]
    fn a_figure_inside_a_hint_is_inlined_too() {
        let html = page("::: hint level=1 title=\"t\"\n{{#figure good.svg}}\n:::\n").unwrap();
        assert!(html.contains("<figure"), "{html}");
    }

    #[test]
    fn a_quiz_is_a_block_of_its_own_and_counted_on_its_page() {
        let html = page("One.\n{{#quiz good.toml}}\nTwo.\n").unwrap();
        assert!(
            html.starts_with("One.\n\n\n<section class=\"quiz\""),
            "{html}"
        );
        assert!(html.ends_with("\n\n</section>\n\nTwo.\n"), "{html}");
        assert!(html.contains("aria-label=\"Quiz\""), "{html}");
    }

    #[test]
    fn a_solution_that_is_never_revealed_is_not_on_the_page() {
        let block = "::: solution reveal=never\n```rust\nlet secret = 1;\n```\n:::\n";
        assert!(!page(block).unwrap().contains("secret"));
        assert!(
            page(&block.replace("=never", "=always"))
                .unwrap()
                .contains("<details class=\"solution\" open>")
        );
    }

    #[test]
    fn every_kind_of_block_is_rendered() {
        let html = page(
            "::: objectives\ndoing:\n  - Build it\nthinking:\n  - Know it\n:::\n\n\
             ::: discussion\n- Why?\n:::\n\n\
             ::: starter file=\"src/lib.rs\"\n```rust\nfn f() {}\n```\n:::\n\n\
             ::: tests\n```rust\nfn g() {}\n```\n:::\n\n\
             ::: reflection\n1. What now?\n:::\n",
        )
        .unwrap();
        for part in [
            "- Build it\n- Know it\n",
            "- Why?",
            "Start from <code>src/lib.rs</code>",
            "<summary>Tests</summary>",
            "1. What now?",
        ] {
            assert!(html.contains(part), "{part} is missing from {html}");
        }
        assert!(!html.contains(":::"), "{html}");
    }

    #[test]
    fn every_fault_of_a_page_is_named_with_chapter_and_line() {
        let errors = page(
            "# T\n{{#figure gone.svg}}\n\n::: exercise\nid: nowhere\n:::\n\n{{#figure bad.svg}}\n\
             {{#figure ../../outside.svg}}\n{{#figure /etc/passwd}}\n\
             {{#quiz bad.toml}}\n{{#quiz bad.toml}}\n{{#quiz gone.toml}}\n",
        )
        .unwrap_err();
        let begins = [
            "book/module/page.md:2: the figure `gone.svg` cannot be read",
            "book/module/page.md:4: the course has no exercise or phase `nowhere`",
            "book/module/page.md:8: the figure `bad.svg`, line 1: it has no <desc>",
            "book/module/page.md:9: the figure `../../outside.svg` cannot be read: it does not lie",
            "book/module/page.md:10: the figure `/etc/passwd` cannot be read: it does not lie",
            "book/module/page.md:11: the quiz `bad.toml`, line 1: a quiz has 3 to 6 questions",
            "book/module/page.md:12: the quiz `bad.toml` is shown twice",
            "book/module/page.md:13: the quiz `gone.toml` cannot be read: ",
        ];
        assert_eq!(errors.len(), begins.len(), "{errors:#?}");
        for (error, begin) in errors.iter().zip(begins) {
            assert!(error.starts_with(begin), "{error}");
        }
    }
}
