//! Building the book.

use std::collections::BTreeSet;
use std::path::PathBuf;

use checker::site::build::{BuildError, Built, OutputError, build};
use checker::site::chapter::ChapterGuide;
use checker::site::preprocess;
use mdbook_driver::MDBook;
use mdbook_preprocessor::PreprocessorContext;
use mdbook_preprocessor::book::Book;

use crate::course::{CHAPTER, Course};

fn built(course: &Course) -> (Built, PathBuf) {
    let output = course.path("target/site");
    let built = build(&course.source(), &course.work_dir(), &output).unwrap();
    (built, output)
}

fn cache_page(course: &Course) -> String {
    let (_, output) = built(course);
    let page = std::fs::read_to_string(output.join("01-module/cache.html")).unwrap();
    let (_, main) = page.split_once("<main>").unwrap();
    main.split_once("</main>").unwrap().0.to_owned()
}

fn error(course: &Course) -> BuildError {
    build(
        &course.source(),
        &course.work_dir(),
        &course.path("target/site"),
    )
    .unwrap_err()
}

#[test]
fn a_build_counts_its_pages_and_warns_of_nothing() {
    let course = Course::new();
    let (built, output) = built(&course);
    assert_eq!(built.pages, 2);
    assert_eq!(built.warnings, Vec::<String>::new());
    assert!(!output.join("secret.txt").exists());
}

#[test]
fn an_exercises_page_shows_the_facts_of_its_manifest() {
    let page = cache_page(&Course::new());
    for fact in [
        "Advanced",
        "4–6 hours",
        "<code>src/cache.rs</code>",
        "<code>exercises/01-module/cache</code>",
        "checker watch cache",
    ] {
        assert!(page.contains(fact), "{fact} is missing from {page}");
    }
}

#[test]
fn a_phase_shows_each_behaviour_and_none_of_the_suites_code() {
    let page = cache_page(&Course::new());
    assert!(
        page.contains(">A full cache evicts the <em>oldest</em> entry.</li>"),
        "{page}"
    );
    assert!(page.contains("checker check cache --phase 1"));
    assert!(!page.contains("keeps the key"));
    assert!(!page.contains("secret_assertion"));
}

#[test]
fn a_hints_markdown_includes_and_code_are_rendered_like_any_other() {
    let page = cache_page(&Course::new());
    let (_, hint) = page.split_once("<details class=\"hint\">").unwrap();
    let (hint, _) = hint.split_once("</details>").unwrap();
    assert!(
        hint.contains("Where to <code>look</code></summary>"),
        "{hint}"
    );
    assert!(hint.contains("<em>map</em>"), "{hint}");
    assert!(hint.contains("class=\"language-rust"), "{hint}");
    assert!(
        hint.contains("put</span>() {}") && !hint.contains("hidden"),
        "{hint}"
    );
}

#[test]
fn a_figure_is_part_of_the_page_with_a_name_for_who_cannot_see_it() {
    let page = cache_page(&Course::new());
    let id = "fig-01-module-cache-figures-list";
    assert!(
        page.contains(&format!("aria-labelledby=\"{id}-title {id}-desc\"")),
        "{page}"
    );
    assert!(
        page.contains(&format!("<title id=\"{id}-title\">The list</title>")),
        "{page}"
    );
    assert!(page.contains(&format!("<g id=\"{id}-n\"></g>")), "{page}");
    assert!(!page.contains("<p><svg"), "{page}");
}

#[test]
fn directives_in_code_fences_are_shown_as_they_are() {
    assert!(cache_page(&Course::new()).contains("::: nonsense"));
}

#[test]
fn the_behaviours_can_be_searched_for() {
    let course = Course::new();
    let (_, output) = built(&course);
    let mut index = String::new();
    for entry in std::fs::read_dir(output).unwrap().map(Result::unwrap) {
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with("searchindex")
        {
            index.push_str(&std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    assert!(index.contains("evicts"), "{index}");
}

#[test]
fn the_anchors_that_a_guide_knows_are_those_of_the_built_page() {
    let course = Course::new();
    let guide = ChapterGuide::parse("book/01-module/cache.md", CHAPTER).unwrap();
    let page = cache_page(&course);
    let in_page: BTreeSet<&str> = page
        .split("<h")
        .skip(1)
        .filter_map(|rest| {
            rest.split_once('>')?
                .0
                .split_once("id=\"")?
                .1
                .split('"')
                .next()
        })
        .collect();
    let known: BTreeSet<&str> = guide.anchors.iter().map(String::as_str).collect();
    assert_eq!(known, in_page);
    assert!(known.contains("eviction-1"));
}

#[test]
fn a_chapter_that_agrees_with_its_manifest_has_no_faults() {
    let course = Course::new();
    let catalog = course.catalog();
    let exercise = catalog.find("cache").unwrap();
    let guide = ChapterGuide::load(catalog.source(), exercise).unwrap();
    let faults = guide.faults(exercise, catalog.source()).unwrap();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn a_chapter_that_disagrees_with_its_manifest_is_told_every_fault() {
    let course = Course::new();
    course.write(
        "book/01-module/cache.md",
        "# T\n\n::: exercise\nid: cash\n:::\n\n## One {#one}\n\n::: exercise\nid: cache/core\n:::\n\n\
         ## Two\n\n::: exercise\nid: cache/more\n:::\n",
    );
    let catalog = course.catalog();
    let exercise = catalog.find("cache").unwrap();
    let guide = ChapterGuide::load(catalog.source(), exercise).unwrap();
    let faults = guide.faults(exercise, catalog.source()).unwrap();
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = [
        "book/01-module/cache.md:3: the block's id is `cash`, but the manifest's `cache`",
        "book/01-module/cache.md:9: the section's id is `one`, but the manifest says `phase-1-core`",
        "book/01-module/cache.md:9: the phase has no hints",
        "book/01-module/cache.md:15: the manifest has no phase `cache/more`",
        "book/01-module/cache.md:1: the test `p1_core::evicts` points at `#eviction-1`, which the \
         chapter lacks",
        "book/01-module/cache.md:1: the chapter has no section `## After you pass \
         {#after-you-pass}`",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_malformed_chapter_is_an_error_with_its_line_and_the_last_build_stays() {
    let course = Course::new();
    let (_, output) = built(&course);
    course.write("book/welcome.md", "# Welcome\n\n::: hnit\n:::\n");
    course.write("book/01-module/cache.md", "# C\n\n{{#figure gone.svg}}\n");
    let error = error(&course);
    assert!(matches!(error, BuildError::Pages(_)), "{error:?}");
    let message = error.to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines[0], "book/welcome.md:3: there is no directive `hnit`");
    assert!(lines[1].starts_with("book/01-module/cache.md:3: the figure `gone.svg`"));
    let welcome = std::fs::read_to_string(output.join("welcome.html")).unwrap();
    assert!(welcome.contains("Hello."));
}

#[test]
fn a_missing_include_is_an_error() {
    let course = Course::new();
    course.write("book/welcome.md", "{{#include nowhere.rs}}\n");
    let error = error(&course);
    assert!(matches!(error, BuildError::Logged(_)), "{error:?}");
    assert!(error.to_string().contains("nowhere.rs"), "{error}");
}

#[test]
fn a_chapter_that_nobody_wrote_is_an_error_and_is_not_invented() {
    let course = Course::new();
    course.write("book/SUMMARY.md", "- [Gone](gone.md)\n");
    let error = error(&course);
    assert!(error.to_string().contains("gone.md"), "{error}");
    assert!(!course.path("book/gone.md").exists());
}

#[test]
fn html_that_is_never_closed_is_a_warning_that_names_the_chapter() {
    let course = Course::new();
    course.write("book/welcome.md", "a <b>bold claim\n");
    let (built, _) = built(&course);
    assert!(
        built.warnings[0].contains("welcome.md"),
        "{:?}",
        built.warnings
    );
}

#[test]
fn a_block_that_contradicts_the_manifest_is_an_error() {
    let course = Course::new();
    for (line, key) in [
        ("difficulty: beginner", "`difficulty`"),
        ("time: 2 hours", "`time`"),
    ] {
        let text = CHAPTER.replacen("id: cache\n", &format!("id: cache\n{line}\n"), 1);
        course.write("book/01-module/cache.md", &text);
        let message = error(&course).to_string();
        assert!(
            message.starts_with("book/01-module/cache.md:3: "),
            "{message}"
        );
        assert!(message.contains(key), "{message}");
    }
}

#[test]
fn the_book_is_never_built_over_its_own_source() {
    let course = Course::new();
    for output in ["book", "book/site", "", "book/../book"] {
        let output = course.path(output);
        let error = build(&course.source(), &course.work_dir(), &output).unwrap_err();
        assert!(
            matches!(error, BuildError::Output(OutputError::IsSource { .. })),
            "{error:?}"
        );
    }
    assert!(course.path("book/01-module/cache.md").exists());
}

#[test]
fn the_command_for_the_stock_mdbook_rewrites_the_book_in_the_same_way() {
    let course = Course::new();
    let book = MDBook::load(course.root()).unwrap();
    let context = PreprocessorContext::new(
        course.root().to_path_buf(),
        book.config.clone(),
        "html".to_owned(),
    );
    let input = serde_json::to_vec(&(context, &book.book)).unwrap();
    let mut output = Vec::new();
    preprocess::run_as_command(input.as_slice(), &mut output).unwrap();
    let through_pipe: Book = serde_json::from_slice(&output).unwrap();
    let in_process = preprocess::Course::new(course.catalog())
        .rewrite(course.root(), "book".as_ref(), book.book)
        .unwrap();
    assert_eq!(through_pipe, in_process);
    assert!(preprocess::supports("html"));
    assert!(!preprocess::supports("epub"));
}
