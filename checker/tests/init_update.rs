//! Making a learner's folder, bringing it up to date and putting exercises back: nothing that a
//! learner wrote is ever lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use checker::catalog::Catalog;
use checker::catalog::source::Source;
use checker::workspace::init::{InitError, Made, init};
use checker::workspace::reset::{Origin, Reset, ResetError, reset};
use checker::workspace::update::{UpdateError, Updated, What, update};
use checker::workspace::{Kind, Workspace};
use jiff::Timestamp;
use tempfile::TempDir;

const MANIFEST: &str = "\
[package]
name = \"counter\"
version.workspace = true
edition.workspace = true

[dependencies]
hashbrown.workspace = true
";
const LIB: &str = "//! A counter.\n\npub mod one;\npub mod two;\n\npub fn last() {}\n";

fn now() -> Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn text(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap()
}

/// A course with one exercise, which tests change.
fn course() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    set_version(dir.path(), "0.1.0");
    write(dir.path(), "Cargo.lock", "# lock 1\n");
    add_exercise(dir.path(), "counter");
    write(dir.path(), "exercises/01-core/counter/src/lib.rs", LIB);
    dir
}

fn set_version(course: &Path, version: &str) {
    let manifest = format!(
        "[workspace]\nmembers = [\"checker\"]\n[workspace.package]\nversion = \"{version}\"\n\
         edition = \"2024\"\n[workspace.dependencies]\nhashbrown = \"0.17\"\nclap = \"4\"\n"
    );
    write(course, "Cargo.toml", &manifest);
}

fn add_exercise(course: &Path, id: &str) {
    let suite = format!(
        "id = \"{id}\"\ntitle = \"T\"\nsummary = \"S.\"\ndifficulty = \"beginner\"\nhours = \"1\"\n\
         files = [\"src/lib.rs\"]\n[[phase]]\nname = \"core\"\ntitle = \"Core\"\ngoal = \"G.\"\n\
         section = \"phase-1-core\"\n"
    );
    write(
        course,
        &format!("checker/suites/01-core/{id}/suite.toml"),
        &suite,
    );
    write(
        course,
        &format!("checker/suites/01-core/{id}/src/p1_core.rs"),
        "//! Hidden.\n",
    );
    write(
        course,
        &format!("solutions/01-core/{id}/src/lib.rs"),
        "//! Solved.\n",
    );
    let manifest = MANIFEST.replace("counter", id);
    write(
        course,
        &format!("exercises/01-core/{id}/Cargo.toml"),
        &manifest,
    );
    write(
        course,
        &format!("exercises/01-core/{id}/src/lib.rs"),
        "//! Begin.\n",
    );
}

fn source(course: &Path) -> Source {
    Source::Disk(course.to_path_buf())
}

fn made(course: &Path) -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("mine");
    init(&source(course), &root, false, now()).unwrap();
    (parent, root)
}

/// Every file below a folder, without those that record when something was done.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(root).unwrap();
            (
                path.to_str().unwrap().replace('\\', "/"),
                fs::read(entry.path()).unwrap(),
            )
        })
        .filter(|(path, _)| {
            !path.starts_with(".course/backups")
                && path != ".course/course.toml"
                && !path.ends_with(".lock")
        })
        .collect()
}

fn brought_up(root: &Path, course: &Path) -> Updated {
    update(&Workspace::at(root).unwrap(), &source(course), now()).unwrap()
}

fn what<'a>(updated: &'a Updated, path: &str) -> Option<&'a What> {
    updated
        .files
        .iter()
        .find(|change| change.path == path)
        .map(|change| &change.what)
}

#[test]
fn a_new_folder_holds_the_stubs_and_neither_tests_nor_solutions() {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("some/where/my-course");
    let Made {
        exercises,
        files: count,
        ..
    } = init(&Source::built_in(), &root, false, now()).unwrap();
    assert!(exercises.contains(&"lru-cache".to_owned()));
    let workspace = Workspace::at(&root).unwrap();
    assert_eq!(workspace.kind(), Kind::Learner);
    let files = files(&root);
    let visible: Vec<&String> = files
        .keys()
        .filter(|path| !path.starts_with(".course"))
        .collect();
    assert!(
        visible
            .iter()
            .any(|path| path.ends_with("lru-cache/src/cache.rs"))
    );
    for path in &visible {
        assert!(
            !path.contains("suite") && !path.contains("solution"),
            "{path}"
        );
        assert_eq!(
            files[*path],
            files[&format!(".course/base/{path}")],
            "{path}"
        );
    }
    let readme = text(&root, "README.md");
    for id in &exercises {
        assert!(
            readme.contains(&format!("- `{id}`: ")),
            "{id} is not in {readme}"
        );
    }
    // The lock file is left out of `files`, and there nevertheless.
    assert_eq!(count, visible.len() + 1);
    assert_eq!(fs::read_dir(root.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn cargo_takes_a_new_folder_offline_and_with_the_versions_of_the_course() {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("mine");
    init(&Source::built_in(), &root, false, now()).unwrap();
    // What a learner's first build downloads.
    let before_it = parent.path().join("first");
    init(&Source::built_in(), &before_it, false, now()).unwrap();
    let fetched = Command::new(env!("CARGO"))
        .args(["fetch", "--quiet", "--target", "host-tuple"])
        .current_dir(&before_it)
        .status()
        .unwrap();
    assert!(fetched.success());
    let version = |lock: &str| {
        let lock: toml::Table = lock.parse().unwrap();
        let packages = lock["package"].as_array().unwrap().clone();
        packages
            .into_iter()
            .filter(|package| package["name"].as_str() == Some("hashbrown"))
            .map(|package| package["version"].to_string())
            .collect::<Vec<_>>()
    };
    let before = version(&text(&root, "Cargo.lock"));
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version", "1"])
        // The packages of other platforms are not downloaded.
        .args(["--filter-platform", "host-tuple"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let after = version(&text(&root, "Cargo.lock"));
    assert!(!after.is_empty() && after.iter().all(|version| before.contains(version)));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        metadata["workspace_members"].as_array().unwrap().len(),
        Catalog::load(Source::built_in()).unwrap().exercises().len()
    );
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let course = course();
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "notes.txt", "mine");
    let error = init(&source(course.path()), dir.path(), false, now()).unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(files(dir.path()).len(), 1);
}

#[test]
fn a_folder_that_is_a_course_is_told_how_to_update() {
    let course = course();
    let (_parent, root) = made(course.path());
    let error = init(&source(course.path()), &root, false, now()).unwrap_err();
    assert!(matches!(error, InitError::Course(_)));
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let course = course();
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "mine", "");
    let error = init(
        &source(course.path()),
        &dir.path().join("mine"),
        false,
        now(),
    );
    assert!(matches!(error, Err(InitError::NotAFolder(_))));
}

#[test]
fn an_empty_repository_is_filled_and_one_with_commits_is_not() {
    let course = course();
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), ".git/HEAD", "ref: refs/heads/main\n");
    init(&source(course.path()), dir.path(), false, now()).unwrap();
    assert!(dir.path().join(".git/HEAD").is_file());
    assert!(Workspace::at(dir.path()).is_some());

    let used = tempfile::tempdir().unwrap();
    write(used.path(), ".git/refs/heads/main", "0123\n");
    let error = init(&source(course.path()), used.path(), false, now());
    assert!(matches!(error, Err(InitError::NotEmpty { .. })));
}

#[test]
fn a_repository_is_made_where_it_is_asked_for() {
    let course = course();
    let parent = tempfile::tempdir().unwrap();
    for (name, there) in [("new", false), ("empty", true)] {
        let root = parent.path().join(name);
        if there {
            fs::create_dir(&root).unwrap();
        }
        init(&source(course.path()), &root, true, now()).unwrap();
        assert!(root.join(".git/HEAD").is_file(), "{name}");
        assert_eq!(text(&root, ".gitignore").lines().next(), Some("/target"));
    }
}

#[test]
fn what_a_kill_left_in_an_empty_folder_is_completed() {
    let course = course();
    let (_parent, whole) = made(course.path());
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in files(&whole) {
        if path.starts_with("exercises/") || path == "README.md" {
            write(dir.path(), &path, std::str::from_utf8(&content).unwrap());
        }
    }
    init(&source(course.path()), dir.path(), false, now()).unwrap();
    assert_eq!(files(dir.path()), files(&whole));

    fs::remove_file(dir.path().join(".course/course.toml")).unwrap();
    write(dir.path(), "README.md", "mine");
    let error = init(&source(course.path()), dir.path(), false, now());
    assert!(matches!(error, Err(InitError::NotEmpty { .. })));
}

/// A course and a folder made from it; then both change.
fn diverged() -> (TempDir, TempDir, PathBuf) {
    let course = course();
    for name in ["one", "two", "gone", "clash"] {
        let path = format!("exercises/01-core/counter/src/{name}.rs");
        write(
            course.path(),
            &path,
            &format!("// {name}\n// a\n// b\n// c\n// d\n"),
        );
    }
    let (parent, root) = made(course.path());
    let src = "exercises/01-core/counter/src";
    // The course: one and two grow, gone goes, clash changes where the learner does.
    set_version(course.path(), "0.2.0");
    write(course.path(), "Cargo.lock", "# lock 2\n");
    add_exercise(course.path(), "queue");
    write(
        course.path(),
        &format!("{src}/one.rs"),
        "// one\n// a\n// b\n// c\n// d\n// new\n",
    );
    write(
        course.path(),
        &format!("{src}/two.rs"),
        "// two\n// a\n// b\n// c\n// d\n// new\n",
    );
    write(
        course.path(),
        &format!("{src}/clash.rs"),
        "// clash\n// theirs\n// b\n// c\n// d\n",
    );
    fs::remove_file(course.path().join(format!("{src}/gone.rs"))).unwrap();
    // The learner.
    write(
        &root,
        &format!("{src}/two.rs"),
        "// two, mine\n// a\n// b\n// c\n// d\n",
    );
    write(
        &root,
        &format!("{src}/clash.rs"),
        "// clash\n// mine\n// b\n// c\n// d\n",
    );
    write(&root, &format!("{src}/own.rs"), "// own\n");
    (course, parent, root)
}

#[test]
fn an_update_replaces_merges_adds_and_keeps_both_sides_of_a_conflict() {
    let (course, _parent, root) = diverged();
    let updated = brought_up(&root, course.path());
    assert_eq!(
        (updated.from.as_str(), updated.to.as_str()),
        ("0.1.0", "0.2.0")
    );
    let src = "exercises/01-core/counter/src";
    assert_eq!(
        what(&updated, &format!("{src}/one.rs")),
        Some(&What::Replaced)
    );
    assert!(text(&root, &format!("{src}/one.rs")).ends_with("// new\n"));

    assert_eq!(
        what(&updated, &format!("{src}/two.rs")),
        Some(&What::Merged)
    );
    let merged = text(&root, &format!("{src}/two.rs"));
    assert_eq!(merged, "// two, mine\n// a\n// b\n// c\n// d\n// new\n");

    let beside = format!("{src}/clash.rs.new");
    let conflict = What::Conflict {
        beside: beside.clone(),
    };
    assert_eq!(what(&updated, &format!("{src}/clash.rs")), Some(&conflict));
    assert!(text(&root, &format!("{src}/clash.rs")).contains("mine"));
    assert!(text(&root, &beside).contains("theirs"));

    assert_eq!(what(&updated, &format!("{src}/gone.rs")), Some(&What::Left));
    assert!(root.join(format!("{src}/gone.rs")).is_file());
    assert_eq!(what(&updated, &format!("{src}/own.rs")), None);
    let added = "exercises/01-core/queue/src/lib.rs";
    assert_eq!(what(&updated, added), Some(&What::Added));
    assert_eq!(text(&root, "Cargo.lock"), "# lock 2\n");

    let backup = updated.backup.unwrap();
    assert_eq!(
        text(&backup, &format!("{src}/two.rs")),
        "// two, mine\n// a\n// b\n// c\n// d\n"
    );
    assert!(text(&backup, &format!("{src}/clash.rs")).contains("mine"));
}

#[test]
fn a_second_update_finds_nothing_to_do() {
    let (course, _parent, root) = diverged();
    brought_up(&root, course.path());
    let before = files(&root);
    let again = brought_up(&root, course.path());
    assert_eq!((again.files, again.backup), (Vec::new(), None));
    assert_eq!(files(&root), before);
}

#[test]
fn an_update_that_was_killed_after_any_write_is_completed_by_the_next() {
    let (course, _parent, root) = diverged();
    let before = files(&root);
    let marker = text(&root, ".course/course.toml");
    let old_lock = text(&root, "Cargo.lock");
    brought_up(&root, course.path());
    let after = files(&root);
    let base = |path: &str| format!(".course/base/{path}");
    let is_base = |path: &str| path.starts_with(".course/base/");
    let managed: Vec<&String> = after.keys().filter(|path| !is_base(path)).collect();
    for (done, killed_at) in managed.iter().enumerate() {
        fs::remove_dir_all(&root).unwrap();
        for (path, content) in &before {
            write(&root, path, std::str::from_utf8(content).unwrap());
        }
        write(&root, ".course/course.toml", &marker);
        write(&root, "Cargo.lock", &old_lock);
        write(&root, &base("Cargo.lock"), &old_lock);
        for path in &managed[..done] {
            for path in [(*path).clone(), base(path)] {
                if let Some(content) = after.get(&path) {
                    write(&root, &path, std::str::from_utf8(content).unwrap());
                }
            }
        }
        // The file was written, its untouched copy not yet replaced.
        write(
            &root,
            killed_at,
            std::str::from_utf8(&after[*killed_at]).unwrap(),
        );
        brought_up(&root, course.path());
        assert_eq!(files(&root), after, "killed at {killed_at}");
        assert_eq!(text(&root, "Cargo.lock"), "# lock 2\n");
    }
}

/// Both sides take away one of several equal lines, so that merging twice would take a third.
#[test]
fn a_change_is_not_applied_twice_when_the_copy_of_a_merged_file_could_not_be_written() {
    let course = course();
    let folder = "exercises/01-core/counter/src";
    let path = format!("{folder}/one.rs");
    write(course.path(), &path, "// head\n// -\n// -\n// -\n");
    let (_parent, root) = made(course.path());
    write(course.path(), &path, "// head\n// -\n// -\n");
    write(&root, &path, "// -\n// -\n// -\n");

    // Where the copy is written first is a folder: the update ends between file and copy.
    let in_the_way = root.join(format!(".course/base/{folder}/.one.rs.part"));
    fs::create_dir(&in_the_way).unwrap();
    let workspace = Workspace::at(&root).unwrap();
    let error = update(&workspace, &source(course.path()), now()).unwrap_err();
    assert!(error.to_string().contains("one.rs"), "{error}");
    assert_eq!(text(&root, &path), "// -\n// -\n");

    fs::remove_dir(&in_the_way).unwrap();
    brought_up(&root, course.path());
    assert_eq!(text(&root, &path), "// -\n// -\n");
    assert_eq!(
        text(&root, &format!(".course/base/{path}")),
        text(course.path(), &path)
    );
    assert!(!root.join(".course/update").exists());
}

#[test]
fn a_dependency_that_a_learner_added_to_the_workspace_survives() {
    let (course, _parent, root) = diverged();
    let own = text(&root, "Cargo.toml").replace(
        "members = [\"exercises/*/*\"]",
        "members = [\"exercises/*/*\", \"experiments/*\"]",
    );
    write(&root, "Cargo.toml", &own);
    let updated = brought_up(&root, course.path());
    assert_eq!(what(&updated, "Cargo.toml"), Some(&What::Merged));
    let merged = text(&root, "Cargo.toml");
    assert!(
        merged.contains("experiments") && merged.contains("0.2.0"),
        "{merged}"
    );
}

#[test]
fn a_file_that_the_learner_took_away_comes_back_only_beside() {
    let (course, _parent, root) = diverged();
    let path = "exercises/01-core/counter/src/one.rs";
    fs::remove_file(root.join(path)).unwrap();
    let updated = brought_up(&root, course.path());
    assert!(matches!(what(&updated, path), Some(What::Conflict { .. })));
    assert!(!root.join(path).exists() && root.join(format!("{path}.new")).is_file());
}

#[test]
fn work_on_the_new_file_of_a_conflict_is_not_lost_by_the_next_conflict() {
    let (course, _parent, root) = diverged();
    brought_up(&root, course.path());
    let path = "exercises/01-core/counter/src/clash.rs";
    write(&root, &format!("{path}.new"), "half merged by hand\n");
    write(
        course.path(),
        path,
        "// clash\n// theirs, later\n// b\n// c\n// d\n",
    );
    let updated = brought_up(&root, course.path());
    let kept = text(&updated.backup.unwrap(), &format!("{path}.new"));
    assert_eq!(kept, "half merged by hand\n");
    assert!(text(&root, &format!("{path}.new")).contains("later"));
}

#[test]
fn a_folder_that_is_ahead_of_the_program_is_left_alone() {
    let (course, _parent, root) = diverged();
    brought_up(&root, course.path());
    set_version(course.path(), "0.1.5");
    let before = files(&root);
    let error = update(
        &Workspace::at(&root).unwrap(),
        &source(course.path()),
        now(),
    );
    assert!(matches!(error, Err(UpdateError::Newer { .. })));
    assert_eq!(files(&root), before);
}

#[test]
fn a_checkout_is_updated_with_git() {
    let course = course();
    let workspace = Workspace::at(course.path()).unwrap();
    assert_eq!(workspace.kind(), Kind::Checkout);
    let error = update(&workspace, &source(course.path()), now()).unwrap_err();
    assert!(error.to_string().contains("git pull"), "{error}");
}

fn put_back(root: &Path, course: &Path) -> Result<Reset, ResetError> {
    let catalog = Catalog::load(source(course)).unwrap();
    let exercise = catalog.find("counter").unwrap();
    reset(
        &Workspace::at(root).unwrap(),
        catalog.source(),
        exercise,
        now(),
    )
}

#[test]
fn a_reset_restores_the_stub_and_keeps_what_was_there() {
    let course = course();
    let (_parent, root) = made(course.path());
    let dir = "exercises/01-core/counter";
    write(&root, &format!("{dir}/src/lib.rs"), "//! Mine.\n");
    write(&root, &format!("{dir}/src/deep/own.rs"), "// own\n");
    write(&root, &format!("{dir}/tests/own.rs"), "// my test\n");
    write(&root, &format!("{dir}/target/huge"), "built\n");
    let done = put_back(&root, course.path()).unwrap();
    assert_eq!(done.restored, ["src/lib.rs"]);
    assert_eq!(done.moved, ["src/deep/own.rs"]);
    assert_eq!(done.from, Origin::Program);
    assert_eq!(text(&root, &format!("{dir}/src/lib.rs")), LIB);
    assert!(!root.join(dir).join("src/deep").exists());
    assert!(root.join(dir).join("target/huge").is_file());
    assert!(root.join(dir).join("tests/own.rs").is_file());
    let backup = done.backup.unwrap();
    assert_eq!(text(&backup, "tests/own.rs"), "// my test\n");
    assert_eq!(text(&backup, "src/lib.rs"), "//! Mine.\n");
    assert_eq!(text(&backup, "src/deep/own.rs"), "// own\n");
    assert_eq!(text(&backup, "Cargo.toml"), MANIFEST);

    let again = put_back(&root, course.path()).unwrap();
    assert_eq!((again.backup, again.restored.len()), (None, 0));
}

#[test]
fn a_reset_brings_back_an_exercise_that_is_gone_or_has_folders_for_files() {
    let course = course();
    let (_parent, root) = made(course.path());
    let dir = root.join("exercises/01-core/counter");
    fs::remove_dir_all(&dir).unwrap();
    let done = put_back(&root, course.path()).unwrap();
    assert_eq!((done.backup, done.restored.len()), (None, 2));

    fs::remove_file(dir.join("src/lib.rs")).unwrap();
    write(&dir, "src/lib.rs/odd.rs", "// odd\n");
    let done = put_back(&root, course.path()).unwrap();
    assert_eq!(text(&dir, "src/lib.rs"), LIB);
    assert_eq!(text(&done.backup.unwrap(), "src/lib.rs/odd.rs"), "// odd\n");
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_beside_the_sources_survives_a_reset() {
    let course = course();
    let (_parent, root) = made(course.path());
    let dir = root.join("exercises/01-core/counter");
    write(&dir, "src/lib.rs", "//! Mine.\n");
    write(&root, "data/one.txt", "one");
    std::os::unix::fs::symlink(root.join("data"), dir.join("data")).unwrap();
    let done = put_back(&root, course.path()).unwrap();
    assert_eq!((done.restored.len(), done.moved.len()), (1, 0));
    assert_eq!(text(&dir, "data/one.txt"), "one");
}

#[test]
fn two_resets_in_one_second_keep_two_copies() {
    let course = course();
    let (_parent, root) = made(course.path());
    let backups: Vec<PathBuf> = ["//! One.\n", "//! Two.\n"]
        .into_iter()
        .map(|mine| {
            write(&root, "exercises/01-core/counter/src/lib.rs", mine);
            let backup = put_back(&root, course.path()).unwrap().backup.unwrap();
            assert_eq!(text(&backup, "src/lib.rs"), mine);
            backup
        })
        .collect();
    assert_ne!(backups[0], backups[1]);
}

fn git(root: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn in_a_checkout_a_reset_takes_the_last_commit() {
    let course = course();
    git(course.path(), &["init", "--quiet"]);
    let error = put_back(course.path(), course.path());
    assert!(
        matches!(error, Err(ResetError::NotCommitted { .. })),
        "{error:?}"
    );

    git(course.path(), &["add", "--all"]);
    git(course.path(), &["commit", "--quiet", "--message", "Begin"]);
    let dir = "exercises/01-core/counter";
    write(course.path(), &format!("{dir}/src/lib.rs"), "//! Mine.\n");
    write(course.path(), &format!("{dir}/src/own.rs"), "// own\n");
    let done = put_back(course.path(), course.path()).unwrap();
    assert!(matches!(done.from, Origin::Commit(_)));
    assert_eq!(text(course.path(), &format!("{dir}/src/lib.rs")), LIB);
    assert_eq!(text(&done.backup.unwrap(), "src/own.rs"), "// own\n");
}
