//! A site for others to read: addresses, closed modules, solutions left out, little to load.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use checker::site::build::{BuildError, Built, Options, publish};
use checker::site::preprocess;
use mdbook_driver::MDBook;

use crate::course::{CHAPTER, Course};

/// A small course with the theme and the configuration of the real one.
struct Site {
    course: Course,
    built: Built,
    dir: PathBuf,
}

fn themed() -> Course {
    let course = Course::new();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    course.write("book.toml", &read(&repository.join("book.toml")));
    for entry in walkdir::WalkDir::new(repository.join("book/theme")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let relative = entry.path().strip_prefix(&repository).unwrap();
            course.write(relative.to_str().unwrap(), &read(entry.path()));
        }
    }
    course
}

fn publish_with(course: Course, options: &Options) -> Site {
    let dir = course.path("public");
    let built = publish(&course.source(), &course.work_dir(), &dir, options).unwrap();
    Site { course, built, dir }
}

fn published() -> Site {
    let options = Options {
        base_url: Some("https://example.org/course".parse().unwrap()),
        ..Options::default()
    };
    publish_with(themed(), &options)
}

impl Site {
    fn page(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir.join(path)).unwrap()
    }

    fn files(&self) -> BTreeSet<String> {
        let names = walkdir::WalkDir::new(&self.dir).into_iter();
        let files = names
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file());
        files
            .map(|entry| {
                let path = entry.path().strip_prefix(&self.dir).unwrap();
                path.to_str().unwrap().replace('\\', "/")
            })
            .collect()
    }
}

fn day(text: &str) -> Options {
    Options {
        today: Some(text.parse().unwrap()),
        ..Options::default()
    }
}

#[test]
fn a_page_names_its_one_address_and_what_others_show_of_it() {
    let site = published();
    let page = site.page("01-module/cache.html");
    for part in [
        "<link rel=\"canonical\" href=\"https://example.org/course/01-module/cache.html\">",
        "<meta property=\"og:url\" content=\"https://example.org/course/01-module/cache.html\">",
        "<meta property=\"og:title\" content=\"A cache",
        "<meta name=\"description\" content=\"What you build.\">",
    ] {
        assert!(page.contains(part), "{part} is missing from {page}");
    }
    assert!(!page.contains("og:image"), "this course has no picture");
    let root = "<link rel=\"canonical\" href=\"https://example.org/course/\">";
    assert!(site.page("index.html").contains(root));
    assert!(site.page("welcome.html").contains(root));
}

#[test]
fn a_site_without_an_address_claims_none() {
    let site = publish_with(themed(), &Options::default());
    assert!(!site.page("welcome.html").contains("canonical"));
    assert!(!site.files().contains("sitemap.xml"));
}

#[test]
fn a_picture_for_links_is_named_where_there_is_one() {
    let course = themed();
    course.write("book/images/social.png", "a picture");
    let options = Options {
        base_url: Some("https://example.org".parse().unwrap()),
        ..Options::default()
    };
    let site = publish_with(course, &options);
    let image = "<meta property=\"og:image\" content=\"https://example.org/images/social.png\">";
    assert!(site.page("welcome.html").contains(image));
}

#[test]
fn the_sitemap_lists_each_page_once() {
    let map = published().page("sitemap.xml");
    let places: Vec<&str> = map
        .lines()
        .filter_map(|line| line.trim().strip_prefix("<url><loc>"))
        .collect();
    assert_eq!(
        places,
        [
            "https://example.org/course/</loc></url>",
            "https://example.org/course/01-module/cache.html</loc></url>",
        ]
    );
}

#[test]
fn the_page_for_lost_readers_works_at_any_depth() {
    let page = published().page("404.html");
    assert!(!page.contains("<base"), "{page}");
    assert!(page.contains("<a class=\"book-title\" href=\"/course/index.html\">"));
    assert!(page.contains("href=\"/course/01-module/cache.html\""));
    assert!(page.contains("<a class=\"skip-link\" href=\"#content\">"));
    assert!(page.contains("src=\"/course/course-"), "{page}");
    assert!(page.contains("data-search-index=\"/course/searchindex-"));
    assert!(page.contains("data-root=\"/course/\""));
    assert!(!page.contains("canonical"));
}

#[test]
fn a_page_has_the_table_of_contents_with_its_own_place_in_it() {
    let site = published();
    assert_eq!(site.built.warnings, Vec::<String>::new());
    let page = site.page("01-module/cache.html");
    let (_, contents) = page.split_once("<nav id=\"contents\"").unwrap();
    let (contents, _) = contents.split_once("</nav>").unwrap();
    assert!(contents.contains("<a href=\"../welcome.html\">Welcome</a>"));
    let own = "<a href=\"../01-module/cache.html\" aria-current=\"page\">";
    assert!(contents.contains(own), "{contents}");
    let section = "<li><a href=\"#phase-1-core\">Phase 1: Core</a></li>";
    assert!(contents.contains(section), "{contents}");
    let index = site.page("index.html");
    assert!(index.contains("<a href=\"welcome.html\" aria-current=\"page\">"));
}

#[test]
fn nothing_of_mdbooks_own_theme_is_left() {
    let files = published().files();
    let leftovers: Vec<&String> = files
        .iter()
        .filter(|file| {
            let known = [
                "highlight",
                "clipboard",
                "ace",
                "FontAwesome",
                "fonts",
                "css/",
                "theme",
                "toc",
                "searcher",
                "mark",
                "favicon.png",
                "tomorrow",
                "ayu",
            ];
            known.iter().any(|name| file.starts_with(name)) || file.contains("/theme/")
        })
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
    let scripts = files.iter().filter(|file| file.ends_with(".js")).count();
    assert_eq!(
        scripts, 4,
        "the first paint's, the joined one, search and its index: {files:?}"
    );
}

#[test]
fn code_is_colored_in_the_page_and_hidden_lines_stay_hidden() {
    let course = themed();
    let code = "```rust\n# use std::fmt;\nlet a = 1; // one\n# drop(a);\n```\n";
    course.write("book/welcome.md", &format!("# Welcome\n\n{code}"));
    let page = publish_with(course, &Options::default()).page("welcome.html");
    let (_, code) = page.split_once("<code class=\"language-rust").unwrap();
    let (code, _) = code.split_once("</code>").unwrap();
    for part in [
        "<span class=\"boring\"><span class=\"hljs-keyword\">use</span> std::fmt;\n</span>",
        "<span class=\"hljs-keyword\">let</span> a = <span class=\"hljs-number\">1</span>; \
         <span class=\"hljs-comment\">// one</span>\n",
        "<span class=\"boring\">drop(a);\n</span>",
    ] {
        assert!(code.contains(part), "{part} is missing from {code}");
    }
}

#[test]
fn a_block_with_the_courses_own_crates_is_marked_to_run_here_only() {
    let course = themed();
    let blocks = "# W\n\n```rust\nuse cache::put;\n```\n\n```rust\nlet hash = 1;\n```\n";
    course.write("book/welcome.md", blocks);
    let page = publish_with(course, &Options::default()).page("welcome.html");
    assert_eq!(page.matches("<pre class=\"playground\"").count(), 2);
    assert_eq!(page.matches("data-run=\"local\"").count(), 1, "{page}");
}

#[test]
fn a_card_names_its_exercise_its_phase_its_files_and_its_tests() {
    let page = published().page("01-module/cache.html");
    for part in [
        "<section class=\"exercise-card\" data-exercise=\"cache\">",
        "<span class=\"edit-file\" data-file=\"src/cache.rs\"><code>src/cache.rs</code></span>",
        "<section class=\"phase-card\" data-exercise=\"cache\" data-phase=\"core\" \
         data-number=\"1\">",
        "<li data-test=\"p1_core::evicts\">A full cache evicts the <em>oldest</em> entry.</li>",
    ] {
        assert!(page.contains(part), "{part} is missing from {page}");
    }
}

fn with_release(table: &str) -> Course {
    let course = themed();
    let config = std::fs::read_to_string(course.path("book.toml")).unwrap();
    let release = format!("{config}\n[preprocessor.course.release]\n{table}\n");
    course.write("book.toml", &release);
    course
}

#[test]
fn a_module_says_only_when_it_opens_until_its_day() {
    let mut before = day("2026-11-30");
    before.base_url = Some("https://example.org".parse().unwrap());
    let site = publish_with(with_release("01-module = 2026-12-01"), &before);
    let page = site.page("01-module/cache.html");
    assert!(page.contains("<time datetime=\"2026-12-01\">December 1, 2026</time>"));
    for file in site.files() {
        let text = std::fs::read(site.dir.join(&file)).unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains("What you build"), "{file}");
        assert!(!text.contains("oldest"), "{file}");
    }
    assert!(!site.files().contains("01-module/figures/list.svg"));
    assert!(!site.page("sitemap.xml").contains("01-module"));
    assert!(site.page("welcome.html").contains("Hello."));
    let after = publish_with(site.course, &day("2026-12-01"));
    assert!(
        after
            .page("01-module/cache.html")
            .contains("What you build")
    );
    assert!(after.page("01-module/cache.html").contains("oldest"));
}

#[test]
fn a_learners_own_build_is_never_closed() {
    let site = publish_with(with_release("01-module = 9999-01-01"), &Options::default());
    assert!(site.page("01-module/cache.html").contains("What you build"));
}

#[test]
fn a_day_for_a_module_that_is_not_there_is_a_warning() {
    let site = publish_with(with_release("01-modul = 2026-12-01"), &day("2026-11-30"));
    assert_eq!(
        site.built.warnings,
        ["book.toml gives a day for the module `01-modul`, but no chapter lies there"]
    );
}

#[test]
fn a_day_that_is_no_date_is_an_error() {
    let course = with_release("01-module = \"soon\"");
    let dir = course.path("public");
    let error = publish(
        &course.source(),
        &course.work_dir(),
        &dir,
        &day("2026-11-30"),
    );
    assert!(matches!(error, Err(BuildError::Release(_))), "{error:?}");
    assert!(!dir.exists());
}

#[test]
fn solutions_and_the_notes_on_them_can_be_left_out() {
    let course = themed();
    let solution = "::: solution\n```rust\nlet crown = 1;\n```\n:::\n\n## After you pass";
    let chapter = CHAPTER.replace("## After you pass", solution);
    course.write("book/01-module/cache.md", &chapter);
    let whole = publish_with(course, &Options::default());
    let page = whole.page("01-module/cache.html");
    assert!(page.contains("crown") && page.contains("Well done."));
    let options = Options {
        without_solutions: true,
        ..Options::default()
    };
    let site = publish_with(whole.course, &options);
    for file in site.files() {
        let text = std::fs::read(site.dir.join(&file)).unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains("crown"), "{file}");
        assert!(!text.contains("Well done."), "{file}");
    }
    let page = site.page("01-module/cache.html");
    assert!(page.contains("id=\"after-you-pass\""));
    assert!(
        page.contains("Where to <code>look</code></summary>"),
        "hints stay: {page}"
    );
}

#[test]
fn what_a_page_lacks_is_a_warning_that_names_the_page() {
    let course = themed();
    course.write("book/welcome.md", "## No title\n\n![](x.png)\n");
    let site = publish_with(course, &Options::default());
    let warnings = site.built.warnings.join("\n");
    assert!(warnings.contains("welcome.html: it has 0 headings of the first level"));
    assert!(warnings.contains("welcome.html: the picture `x.png` has no words"));
}

#[test]
fn the_stock_mdbook_renders_the_same_theme_with_what_it_needs() {
    let course = themed();
    let mut book = MDBook::load(course.root()).unwrap();
    book.with_preprocessor(preprocess::Course::new(course.catalog()));
    book.build().unwrap();
    let site = course.path("target/site");
    let page = std::fs::read_to_string(site.join("01-module/cache.html")).unwrap();
    assert!(page.contains("<section class=\"phase-card\""));
    for script in ["../toc-", "../highlight-"] {
        let tag = format!("<script defer data-mdbook src=\"{script}");
        assert!(page.contains(&tag), "{tag} is missing from {page}");
    }
    let names = std::fs::read_dir(&site).unwrap().map(Result::unwrap);
    let contents = names
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|kind| kind == "js") && is_contents(path))
        .unwrap();
    let contents = std::fs::read_to_string(contents).unwrap();
    assert!(contents.contains("<a href=\"01-module/cache.html\">"));
}

fn is_contents(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with("toc-"))
}
