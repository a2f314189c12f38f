//! The program as people and scripts meet it: what it prints, where, and how it exits.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report what they find by panicking"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use checker::verdict::Report;
use serde_json::Value;
use tempfile::TempDir;

use support::{copy, lay_out, repository};

const EXERCISE: &str = "00-fixtures/counter";

/// A copy of the miniature course, or another folder, in which the program is run.
struct Place {
    dir: TempDir,
}

/// What a run printed, and how it ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    fn empty() -> Place {
        Place {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn course() -> Place {
        let place = Place::empty();
        lay_out(place.root());
        place
    }

    /// What the program makes of an empty folder.
    fn initialized() -> Place {
        let place = Place::empty();
        let ran = place.run(&["init", "."]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        place
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn stub(&self, path: &str) -> PathBuf {
        self.path("exercises").join(EXERCISE).join(path)
    }

    fn suite(&self, path: &str) -> PathBuf {
        self.path("checker/suites").join(EXERCISE).join(path)
    }

    /// Puts the reference solution in place of the stub.
    fn solve(&self) {
        let reference = self.path("solutions").join(EXERCISE).join("src");
        copy(&reference, &self.stub("src"));
    }

    /// The program in this folder. All of them share one folder for builds; rooms are locked.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_checker"));
        command
            .args(arguments)
            .current_dir(self.root())
            .env(
                "CARGO_TARGET_DIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli"),
            )
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env_remove("CHECKER_PROGRAM")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.program(arguments))
    }

    /// The document that a command prints.
    fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// The states of the counter's phases.
    fn states(&self) -> Vec<String> {
        let document = self.json(&["progress", "--json"]);
        let phases = document["exercises"][0]["phases"].as_array().unwrap();
        let state = |phase: &Value| phase["state"].as_str().unwrap().to_owned();
        phases.iter().map(state).collect()
    }
}

impl Ran {
    fn of(mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Fails unless the run ended with this code and one line that says all of this.
    fn refused(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in {self:?}");
        }
    }

    /// What was printed, without line breaks and alignment.
    fn words(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn an_unknown_exercise_is_refused_with_the_nearest_name() {
    let course = Place::course();
    for command in [
        "check", "show", "hint", "solution", "reset", "verify", "watch", "bench",
    ] {
        course
            .run(&[command, "countr"])
            .refused(2, &["countr", "did you mean `counter`?"]);
    }
}

#[test]
fn an_exercise_that_is_like_no_other_is_answered_with_all_of_them() {
    let course = Place::course();
    for asked in ["nosuch", "x", "lru-cache"] {
        let ran = course.run(&["check", asked]);
        ran.refused(2, &[asked, "there are `counter`, `ticker`"]);
        assert!(!ran.err.contains("did you mean"), "{ran:?}");
    }
    course.run(&["check", "tick"]).refused(2, &["`ticker`?"]);
}

#[test]
fn an_unknown_phase_is_refused_with_those_that_exist() {
    let course = Place::course();
    for command in ["check", "hint"] {
        let ran = course.run(&[command, "counter", "--phase", "3"]);
        ran.refused(2, &["no phase 3", "phases 1 to 2"]);
    }
}

#[test]
fn an_unknown_test_is_refused_with_the_nearest_name_and_the_command_that_lists_them() {
    let course = Place::course();
    let check = |arguments: &[&str]| course.run(&[&["check", "counter"], arguments].concat());
    let list = "`checker show counter --tests` lists the names";
    let ran = check(&["--test", "nope"]);
    ran.refused(2, &["no test of `counter` has `nope`", list]);
    assert!(!ran.err.contains("did you mean"), "{ran:?}");
    let name = "an_addition_ends";
    check(&["--test", "an_adition_ends"]).refused(2, &[&format!("`{name}`?"), list]);
    let ran = check(&["--phase", "2", "--test", name]);
    ran.refused(2, &["no test of phase 2 of `counter`", name]);
    let listed = course.run(&["show", "counter", "--tests"]);
    assert!(
        listed.out.contains(&format!("    p1_core::{name}\n")),
        "{listed:?}"
    );
    let without = course.run(&["show", "counter"]);
    assert!(!without.out.contains(name), "{without:?}");
}

#[test]
fn an_unknown_command_is_refused() {
    let ran = Place::course().run(&["chekc"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("check"), "{ran:?}");
}

#[test]
fn outside_a_course_it_says_how_to_make_one() {
    let nowhere = Place::empty();
    let commands: [&[&str]; 6] = [
        &[],
        &["check"],
        &["progress"],
        &["show", "counter"],
        &["serve", "--no-open"],
        &["update"],
    ];
    for command in commands {
        nowhere.run(command).refused(3, &["checker init DIR"]);
    }
}

#[test]
fn a_course_is_found_from_any_folder_in_it_and_by_its_path() {
    let course = Place::course();
    let mut inside = course.program(&["progress"]);
    inside.current_dir(course.stub("src"));
    let mut from_afar = course.program(&["progress", "--course"]);
    let elsewhere = Place::empty();
    from_afar.arg(course.root()).current_dir(elsewhere.root());
    let here = course.run(&["progress"]);
    assert_eq!(here.code, Some(0), "{here:?}");
    assert_eq!(Ran::of(inside).out, here.out);
    assert_eq!(Ran::of(from_afar).out, here.out);
}

#[test]
fn a_damaged_progress_file_is_set_aside_and_the_command_goes_on() {
    let course = Place::course();
    course.run(&["hint", "counter"]);
    fs::write(course.path(".course/progress.json"), "{ \"schema").unwrap();
    let ran = course.run(&["progress", "--json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert!(ran.err.starts_with("note: "), "{ran:?}");
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["exercises"][0]["phases"][0]["hints"], 1);
    let kept = fs::read_dir(course.path(".course")).unwrap().find(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("progress.damaged-")
    });
    let kept = fs::read_to_string(kept.expect("a copy").unwrap().path()).unwrap();
    assert_eq!(kept, "{ \"schema");
    assert_eq!(course.run(&["progress"]).err, "");
}

#[test]
fn progress_of_a_newer_program_keeps_nobody_from_working_and_stays_as_it_is() {
    let course = Place::course();
    course.solve();
    fs::create_dir_all(course.path(".course")).unwrap();
    let file = course.path(".course/progress.json");
    let newer = "{\"version\": 99, \"something\": \"new\"}";
    fs::write(&file, newer).unwrap();
    for command in [&["check", "counter"][..], &["show"], &["hint", "counter"]] {
        let ran = course.run(command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let note = ran.err.lines().next().unwrap();
        assert!(note.starts_with("note: nothing is recorded: "), "{ran:?}");
        assert!(note.contains("version 99"), "{ran:?}");
    }
    // What tells of progress alone has nothing to tell.
    for command in [&[][..], &["progress"], &["progress", "--json"]] {
        course
            .run(command)
            .refused(3, &["version 99", "update the program"]);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
}

#[cfg(unix)]
#[test]
fn a_check_that_waits_to_keep_progress_says_so_and_ends_when_it_is_told_to() {
    use std::io::{BufRead, BufReader};

    let course = Place::course();
    fs::create_dir_all(course.path(".course")).unwrap();
    let lock = fs::File::create(course.path(".course/progress.lock")).unwrap();
    lock.lock().unwrap();
    for signal in ["TERM", "INT"] {
        let mut child = course
            .program(&["check", "counter", "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
        let note = errors.next().unwrap().unwrap();
        assert!(
            note.starts_with("note: waiting for another program"),
            "{note}"
        );
        assert!(note.contains("progress.lock"), "{note}");
        let kill = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "SIG{signal}");
        let note = errors.next().unwrap().unwrap();
        assert!(note.starts_with("note: progress was not kept: "), "{note}");
    }
}

#[test]
fn a_check_whose_progress_cannot_be_kept_says_so_in_one_line() {
    let course = Place::course();
    course.solve();
    fs::write(course.path(".course"), "in the way").unwrap();
    let ran = course.run(&["check", "counter"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert!(
        ran.err.starts_with("note: progress was not kept: "),
        "{ran:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_read_only_is_told_in_one_line() {
    use std::os::unix::fs::PermissionsExt;

    let course = Place::course();
    let set_mode = |mode| {
        let mode = PermissionsExt::from_mode(mode);
        fs::set_permissions(course.root(), mode).unwrap();
    };
    set_mode(0o555);
    // Permissions do not bind a superuser, for whom the folder is not read-only.
    let is_bound = fs::create_dir(course.path("probe")).is_err();
    let ran = course.run(&["hint", "counter"]);
    set_mode(0o755);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("How much may be added"), "{ran:?}");
    if is_bound {
        assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
        assert!(
            ran.err.starts_with("note: progress was not kept: "),
            "{ran:?}"
        );
    }
}

#[test]
fn a_build_that_cannot_be_written_is_refused() {
    let course = Place::course();
    fs::write(course.path("target"), "in the way").unwrap();
    let mut program = course.program(&["check", "counter"]);
    program.env("CARGO_TARGET_DIR", course.path("target"));
    let ran = Ran::of(program);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert!(ran.err.contains("cannot write"), "{ran:?}");
}

#[test]
fn a_missing_cargo_is_refused_with_the_command_that_tells_what_to_install() {
    let course = Place::course();
    let mut program = course.program(&["check", "counter"]);
    program.env("CARGO", course.path("no/such/cargo"));
    let ran = Ran::of(program);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    assert!(ran.err.contains("checker doctor"), "{ran:?}");
}

#[test]
fn a_report_as_json_has_the_fields_of_its_schema_and_no_others() {
    let course = Place::course();
    let ran = course.run(&["check", "counter", "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{ran:?}");
    let value: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value["schema"], 1);
    assert_eq!(value["exercise"], "counter");
    assert_eq!(value["title"], "A counter");
    let report: Report = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&report).unwrap(), value);

    let schema = fs::read_to_string(repository("checker/schema/report-v1.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&value), keys(&schema["properties"]));
    let phases = value["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 2);
    for (phase, number) in phases.iter().zip(1..) {
        assert_eq!(
            keys(phase),
            keys(&schema["$defs"]["PhaseReport"]["properties"])
        );
        assert_eq!(phase["number"], number);
        for test in phase["tests"].as_array().unwrap() {
            let required = schema["$defs"]["TestReport"]["required"]
                .as_array()
                .unwrap();
            for field in required {
                assert!(
                    test.get(field.as_str().unwrap()).is_some(),
                    "{field}: {test:#}"
                );
            }
        }
    }
    let first = &phases[0]["tests"][0];
    assert_eq!(first["name"], "p1_core::a_new_counter_is_at_zero");
    assert_eq!(first["behaviour"], "A new counter is at zero.");
    assert_eq!(first["verdict"], "not_implemented");
    assert_eq!(first["message"], "phase 1: make a counter");
    assert_eq!(first["read_on"], "00-fixtures/counter.html#phase-1-core");
}

#[test]
fn junit_has_a_suite_for_each_phase_and_a_failure_for_each_open_test() {
    let course = Place::course();
    let ran = course.run(&["check", "counter", "--phase", "2", "--junit", "report.xml"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let text = fs::read_to_string(course.path("report.xml")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let named = |name: &str| {
        document
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .count()
    };
    assert_eq!(named("testsuite"), 1, "{text}");
    assert_eq!(named("testcase"), 2, "{text}");
    assert_eq!(named("failure"), 2, "{text}");
}

#[test]
fn a_junit_file_that_cannot_be_written_is_told_with_its_path() {
    let course = Place::course();
    let ran = course.run(&["check", "counter", "--junit", "no/folder/report.xml"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("no/folder/report.xml"), "{ran:?}");
}

#[test]
fn a_check_in_lines_of_json_tells_each_test_and_ends_with_the_report() {
    let course = Place::course();
    let ran = course.run(&["check", "counter", "--json-lines"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{ran:?}");
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<&str> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(events[..2], ["compiling", "compiled"]);
    assert_eq!(events.last(), Some(&"report"));
    let tested = events.iter().filter(|event| **event == "tested").count();
    let report: Report = serde_json::from_value(lines.last().unwrap()["report"].clone()).unwrap();
    let tests: usize = report.phases.iter().map(|phase| phase.tests.len()).sum();
    assert_eq!(tested, tests);
}

#[test]
fn progress_as_json_lists_every_phase() {
    let document = Place::course().json(&["progress", "--json"]);
    assert_eq!(document["schema"], 1);
    let exercises = document["exercises"].as_array().unwrap();
    let ids: Vec<&Value> = exercises.iter().map(|exercise| &exercise["id"]).collect();
    assert_eq!(ids, ["counter", "ticker"]);
    assert_eq!(
        exercises[0]["phases"][0],
        serde_json::json!({
            "number": 1,
            "name": "core",
            "title": "Core",
            "state": "not_begun",
            "first_passed": null,
            "hints": 0,
        })
    );
}

#[test]
fn show_as_json_lists_the_tests_that_check_takes() {
    let course = Place::course();
    let document = course.json(&["show", "counter", "--json"]);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["exercise"], "counter");
    let tests = document["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 7);
    let case = tests
        .iter()
        .find(|test| test["behaviour"] == "The value cannot be set from outside.");
    let name = case.unwrap()["test"].as_str().unwrap();
    let ran = course.run(&["check", "counter", "--test", name]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn show_tells_behaviours_and_no_test_code() {
    let ran = Place::course().run(&["show", "counter"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words = ran.words();
    assert!(
        words.contains("A counter stops at its limit, however much is added."),
        "{words}"
    );
    assert!(!words.contains("expect_eq"), "{words}");
}

#[test]
fn colors_are_left_out_where_nobody_would_see_or_wants_them() {
    let course = Place::course();
    let commands: [&[&str]; 5] = [
        &[],
        &["progress"],
        &["show", "counter"],
        &["check", "counter"],
        &["solution", "counter", "--anyway"],
    ];
    for command in commands {
        let piped = course.run(command);
        let mut refused = course.program(command);
        refused.env("NO_COLOR", "1").env("CLICOLOR", "1");
        for ran in [piped, Ran::of(refused)] {
            assert!(!ran.out.contains('\u{1b}'), "{command:?}: {ran:?}");
            assert!(!ran.err.contains('\u{1b}'), "{command:?}: {ran:?}");
        }
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let course = Place::course();
    let commands: [&[&str]; 8] = [
        &[],
        &["progress"],
        &["progress", "--json"],
        &["show", "counter"],
        &["show", "counter", "--json"],
        &["hint", "counter"],
        &["solution", "counter", "--anyway"],
        &["reset", "--help"],
    ];
    for command in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = course.program(command);
        program.stdout(writer).stderr(Stdio::piped());
        let output = program.spawn().unwrap().wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), &*errors),
            (Some(0), ""),
            "{command:?}"
        );
    }
}

#[test]
fn a_check_whose_reader_is_gone_exits_by_its_verdict_and_keeps_it() {
    let course = Place::course();
    course.solve();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut program = course.program(&["check", "counter"]);
    let status = program.stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(course.states(), ["passed", "passed"]);
}

#[test]
fn hints_climb_the_ladder_and_are_remembered() {
    let course = Place::course();
    let hint = |arguments: &[&str]| {
        let ran = course.run(&[&["hint"], arguments].concat());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
        ran.words().to_lowercase()
    };
    let nudge = "how much may be added";
    let code = "saturating_add";
    let first = hint(&["counter"]);
    assert!(
        first.contains("hint 1 of 2") && first.contains(nudge),
        "{first}"
    );
    assert!(!first.contains(code), "{first}");
    let second = hint(&[]);
    assert!(
        second.contains("hint 2 of 2") && second.contains(code),
        "{second}"
    );
    assert!(!second.contains(nudge), "{second}");
    let above = hint(&["counter"]);
    assert!(
        above.contains("all 2 hints") && above.contains("--again"),
        "{above}"
    );
    let again = hint(&["counter", "--again"]);
    assert!(again.contains(nudge) && again.contains(code), "{again}");
    let other = hint(&["counter", "--phase", "2"]);
    assert!(other.contains("hint 1 of 1"), "{other}");
    let document = course.json(&["progress", "--json"]);
    let phases = document["exercises"][0]["phases"].as_array().unwrap();
    let taken: Vec<&Value> = phases.iter().map(|phase| &phase["hints"]).collect();
    assert_eq!(taken, [2, 1]);
}

#[test]
fn who_passed_every_phase_is_not_offered_the_hints_of_the_first() {
    let course = Place::course();
    course.solve();
    course.run(&["check", "counter"]);
    for arguments in [&["hint", "counter"][..], &["hint", "counter", "--again"]] {
        let ran = course.run(arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
        let words = ran.words();
        assert!(
            words.contains("You passed every phase of `counter`"),
            "{words}"
        );
        assert!(words.contains("--phase N"), "{words}");
    }
    let document = course.json(&["progress", "--json"]);
    assert_eq!(document["exercises"][0]["phases"][0]["hints"], 0);
    let named = course.run(&["hint", "counter", "--phase", "1"]);
    assert!(named.words().contains("Hint 1 of 2"), "{named:?}");
}

#[test]
fn the_reference_is_kept_back_until_one_passes_or_insists() {
    let course = Place::course();
    let refused = course.run(&["solution", "counter"]);
    refused.refused(1, &["2 of 2 phases", "--anyway"]);
    let shown = course.run(&["solution", "counter", "--anyway"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(
        shown.out.contains("+         Self { value: 0, limit }"),
        "{shown:?}"
    );
    assert!(
        shown.out.contains("holds its lock for one addition"),
        "{shown:?}"
    );
}

#[test]
fn a_learner_goes_from_the_stub_to_the_reference() {
    let course = Place::course();
    assert_eq!(course.run(&["check", "counter"]).code, Some(1));
    assert_eq!(course.states(), ["not_begun", "not_begun"]);

    course.solve();
    let passed = course.run(&["check"]);
    assert_eq!(passed.code, Some(0), "{passed:?}");
    assert_eq!(course.states(), ["passed", "passed"]);
    let progress = course.run(&["progress"]);
    assert!(
        progress.words().contains("2 of 2 A counter"),
        "{progress:?}"
    );
    let next = course.run(&[]);
    assert!(next.out.contains("ticker"), "{next:?}");

    let file = course.stub("src/lib.rs");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n// Seen again.\n")).unwrap();
    assert_eq!(course.states(), ["edited_since", "edited_since"]);
    let shown = course.run(&["solution", "counter"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.out.contains("- // Seen again."), "{shown:?}");
    let words = shown.words();
    assert!(words.contains("src/shared.rs the same"), "{words}");

    let broken = text.replace(".min(self.limit)", "");
    assert_ne!(broken, text);
    fs::write(&file, broken).unwrap();
    let failed = course.run(&["check", "counter", "--phase", "1"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed.out.contains("A counter stops at its limit"),
        "{failed:?}"
    );
    assert_eq!(course.states(), ["open", "edited_since"]);
    fs::write(&file, text).unwrap();
    assert_eq!(course.states(), ["passed", "passed"]);
}

#[test]
fn code_that_does_not_compile_is_shown_with_its_error() {
    let course = Place::course();
    let file = course.stub("src/lib.rs");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("limit: u64,\n}", "limit: Missing,\n}")).unwrap();
    let ran = course.run(&["check", "counter"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.out.contains("E0412") || ran.out.contains("E0425"),
        "{ran:?}"
    );
    assert!(
        ran.out.contains("exercises/00-fixtures/counter/src/lib.rs"),
        "{ran:?}"
    );
}

#[test]
fn an_empty_folder_becomes_a_course_once() {
    let mine = Place::initialized();
    let here = mine.run(&[]);
    assert_eq!(here.code, Some(0), "{here:?}");
    assert!(here.out.contains("lru-cache"), "{here:?}");
    let shown = mine.run(&["show", "lru-cache", "--json"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(!mine.path("checker").exists());
    assert!(!mine.path("solutions").exists());
    mine.run(&["init", "."])
        .refused(2, &["is a course already"]);
}

#[test]
fn a_folder_with_files_in_it_is_left_as_it_is() {
    let place = Place::empty();
    fs::write(place.path("mine.txt"), "mine").unwrap();
    place.run(&["init", "."]).refused(2, &["mine.txt"]);
    assert_eq!(fs::read_dir(place.root()).unwrap().count(), 1);
}

#[test]
fn a_reset_restores_the_stub_and_keeps_a_copy() {
    let mine = Place::initialized();
    let file = "exercises/01-core-rust/lru-cache/src/lib.rs";
    let begin = fs::read_to_string(mine.path(file)).unwrap();
    let nothing = mine.run(&["reset", "lru-cache"]);
    assert_eq!(nothing.code, Some(0), "{nothing:?}");
    fs::write(mine.path(file), "// A night's work.\n").unwrap();

    let ran = mine.run(&["reset", "lru-cache"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read_to_string(mine.path(file)).unwrap(), begin);
    let kept = walkdir::WalkDir::new(mine.path(".course/backups"));
    let mut kept = kept.into_iter().map(Result::unwrap);
    let copy = kept.find(|entry| entry.path().ends_with("lru-cache/src/lib.rs"));
    let copy = copy.expect("a copy of the work").into_path();
    assert_eq!(fs::read_to_string(copy).unwrap(), "// A night's work.\n");
}

#[test]
fn an_exercise_that_is_missing_says_how_to_restore_it() {
    let course = Place::course();
    fs::remove_dir_all(course.stub("src")).unwrap();
    let ran = course.run(&["check", "counter"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("checker reset counter"), "{ran:?}");
}

#[test]
fn the_exercises_are_listed_for_people_and_scripts() {
    let course = Place::course();
    let ran = course.run(&["list"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out, "counter\nticker\n");
    let document = course.json(&["list", "--json"]);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["exercises"][0]["id"], "counter");
    assert_eq!(document["exercises"][0]["module"], "00-fixtures");
}

#[test]
fn exercises_that_have_changed_since_a_commit_are_listed() {
    let course = Place::course();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
        let mut git = Command::new("git");
        let git = git.args(identity).args(arguments);
        assert!(git.current_dir(course.root()).status().unwrap().success());
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "A state"]);
    let changed = || {
        let ran = course.run(&["list", "--changed-since", "HEAD"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.out
    };
    assert_eq!(changed(), "");
    fs::write(course.path("README.md"), "Changed.\n").unwrap();
    assert_eq!(changed(), "");
    fs::write(course.suite("mutants/README.md"), "New.\n").unwrap();
    git(&["add", "--all"]);
    assert_eq!(changed(), "counter\n");
    fs::write(course.path("Cargo.lock"), "").unwrap();
    assert_eq!(changed(), "counter\nticker\n");
    let ran = course.run(&["list", "--changed-since", "no-such-commit"]);
    ran.refused(3, &["git diff failed", "no-such-commit"]);
}

#[test]
fn a_complete_exercise_is_verified() {
    let ran = Place::course().run(&["verify", "counter", "--repeat", "2", "--stress"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.words().contains("8 of 8 checks hold"), "{ran:?}");
}

/// What verify says of an exercise with every fault that the tests below name.
fn faulty() -> &'static Ran {
    static RAN: LazyLock<Ran> = LazyLock::new(|| {
        let course = Place::course();
        let edit = |path: PathBuf, from: &str, to: &str| {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{} lacks {from:?}", path.display());
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        };
        let tests = course.suite("src/p1_core.rs");
        let mut text = fs::read_to_string(&tests).unwrap();
        text.push_str(
            "\n/// It is there.\n///\n/// section: no-such-place\n#[test]\nfn it_is_there() {}\n",
        );
        fs::write(tests, text).unwrap();

        fs::write(course.stub("src/given.rs"), "pub const GIVEN: u8 = 1;\n").unwrap();

        let mutant = course.suite("mutants/wraps_around.patch");
        let original = fs::read_to_string(&mutant).unwrap();
        for (name, from, to) in [
            (
                "changes_nothing_that_counts",
                "self.value.wrapping_add(amount).min(self.limit)",
                "self.limit.min(self.value.saturating_add(amount))",
            ),
            (
                "fits_no_more",
                "-        self.value = self.value.saturating_add",
                "-        self.value = self.value.checked_add",
            ),
            (
                "does_not_compile",
                "self.value.wrapping_add(amount)",
                "self.value.wrapped(amount)",
            ),
        ] {
            let path = course.suite(&format!("mutants/{name}.patch"));
            fs::write(&path, &original).unwrap();
            edit(path, from, to);
        }
        let variant = course.suite("variants/adds_what_fits.patch");
        edit(
            variant,
            "self.limit - self.value",
            "self.limit - self.value - 1",
        );
        let chapter = course.path("book/00-fixtures/counter.md");
        let text = fs::read_to_string(&chapter).unwrap();
        let begin = text.find("## Phase 2").unwrap();
        let end = text.find("## After you pass").unwrap();
        fs::write(&chapter, format!("{}{}", &text[..begin], &text[end..])).unwrap();
        course.run(&["verify", "counter"])
    });
    &RAN
}

/// Fails unless verify names a fault, in these words.
fn faults(parts: &[&str]) {
    let ran = faulty();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let words = ran.words();
    for part in parts {
        assert!(words.contains(part), "{part:?} is not in {}", ran.out);
    }
}

#[test]
fn verify_names_a_test_that_passes_on_the_stub() {
    faults(&[
        "✗ the stub compiles and fails every test",
        "p1_core::it_is_there passes on the stub",
    ]);
}

#[test]
fn verify_names_a_given_file_that_the_solution_lacks() {
    faults(&["the stub gives src/given.rs"]);
}

#[test]
fn verify_names_a_mutant_that_nothing_catches() {
    faults(&[
        "✗ mutant changes_nothing_that_counts is caught in phase 1",
        "“The addition wraps around where it should saturate.” passes",
    ]);
}

#[test]
fn verify_names_a_patch_that_does_not_apply() {
    faults(&[
        "✗ mutant fits_no_more is caught in phase 1",
        "it no longer applies to src/lib.rs",
    ]);
}

#[test]
fn verify_names_a_mutant_that_does_not_compile_and_proves_those_beside_it() {
    faults(&[
        "✗ mutant does_not_compile is caught in phase 1",
        "no method named `wrapped`",
        "✓ mutants share a build that is right while none is chosen",
        "✓ mutant has_no_limit is caught in phase 1 by p1_core::a_counter_stops_at_its_limit",
    ]);
}

#[test]
fn verify_names_a_variant_that_the_suite_refuses() {
    faults(&[
        "✗ variant adds_what_fits passes every phase",
        "round 1: p1_core::a_counter_stops_at_its_limit",
    ]);
}

#[test]
fn verify_proves_only_the_mutants_that_are_asked_for() {
    let ran = Place::course().run(&["verify", "counter", "--mutant", "limit"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.words().contains("mutant has_no_limit is caught"),
        "{ran:?}"
    );
    assert!(ran.words().contains("1 of 1 check hold"), "{ran:?}");
}

#[test]
fn verify_names_a_phase_that_the_chapter_lacks() {
    faults(&[
        "✗ the chapter covers every phase and section",
        "phase 2 has no block",
    ]);
}

#[test]
fn verify_names_a_section_that_leads_nowhere() {
    faults(&["`p1_core::it_is_there` points at `#no-such-place`"]);
}

#[test]
fn verify_still_holds_where_the_exercise_is_right() {
    faults(&[
        "✓ mutant wraps_around is caught in phase 1",
        "✓ the solution passes",
    ]);
}
