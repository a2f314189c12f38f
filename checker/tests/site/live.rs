//! Live pages: a learner's code is checked, and pages hear of it.

use std::fs;

use checker::progress::Store;
use serde_json::{Value, json};

use crate::server::Messages;
use crate::workshop::{EXERCISE, states, workshop};

fn events(lines: &[Value]) -> Vec<&str> {
    let events = lines.iter().map(|check| check["line"]["event"].as_str());
    events.map(Option::unwrap).collect()
}

#[test]
fn a_check_streams_its_lines_from_the_start_to_the_report() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    let (status, started) = server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 1 }));
    assert_eq!((status, &started), (202, &json!({ "run": 1 })));
    let mut lines = Vec::new();
    while !events(&lines).contains(&"report") {
        lines.push(page.next("check"));
    }
    for line in &lines {
        assert_eq!(line["run"], 1);
        assert_eq!(line["exercise"], EXERCISE);
        assert_eq!(line["phase"], 1);
    }
    let events = events(&lines);
    assert_eq!(events[..3], ["started", "compiling", "compiled"]);
    assert_eq!(events[events.len() - 2..], ["phase_done", "report"]);
    assert_eq!(events.iter().filter(|event| **event == "tested").count(), 5);
    let report = &lines.last().unwrap()["line"]["report"];
    assert_eq!(report["phases"][0]["status"], "passed");
}

#[test]
fn a_page_learns_where_it_is_and_what_was_found_last() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    assert_eq!(page.any().0, "site");
    let (event, before) = page.any();
    assert_eq!(event, "state");
    assert_eq!(states(&before), ["not_begun", "not_begun"]);
    assert_eq!(before["course"]["title"], "Systems in Rust");
    let next = &before["continue"];
    assert_eq!(
        (&next["exercise"], &next["phase"]),
        (&json!(EXERCISE), &json!(1))
    );
    assert_eq!(next["page"], "00-fixtures/counter.html#phase-1-core");
    assert_eq!(next["begun"], false);
    assert_eq!(before["modules"][0]["id"], "00-fixtures");
    let hints = &before["exercises"][0]["phases"][0]["hints"];
    assert_eq!(hints, &json!({ "taken": 0, "of": 2 }));
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("report");
    let after = page.next("state");
    assert_eq!(states(&after), ["passed", "passed"]);
    let phase = &after["exercises"][0]["phases"][0];
    assert_eq!(phase["report"]["status"], "passed");
    assert!(phase["first_passed"].is_string());
    assert_eq!(after["modules"][0]["done"], 2);
    assert_eq!(server.tell("/-/state"), (200, after));
}

#[test]
fn a_check_of_one_test_leaves_the_report_of_the_phase() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 1 }));
    page.line_of_check("report");
    let test = "an_addition_ends";
    server.act(
        "/-/check",
        &json!({ "exercise": EXERCISE, "phase": 1, "test": test }),
    );
    let (_, line) = page.line_of_check("report");
    assert_eq!(
        line["report"]["phases"][0]["tests"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let (_, state) = server.tell("/-/state");
    let report = &state["exercises"][0]["phases"][0]["report"];
    assert_eq!(report["tests"].as_array().unwrap().len(), 5);
}

#[test]
fn a_saved_file_is_checked_again_while_a_page_shows_its_exercise() {
    let workshop = workshop();
    let server = workshop.serve();
    let mut page = server.listen(Some(EXERCISE));
    workshop.solve();
    let (run, line) = page.line_of_check("report");
    let statuses: Vec<&Value> = line["report"]["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|phase| &phase["status"])
        .collect();
    assert_eq!(statuses, ["passed", "passed"], "in run {run}");
    workshop.save("src/lib.rs", "this is not Rust");
    let (later, line) = page.line_of_check("report");
    assert!(later > run);
    assert_eq!(line["report"]["phases"][0]["status"], "does_not_compile");
}

#[test]
fn a_save_is_checked_also_after_the_folder_was_removed_and_made_again() {
    let workshop = workshop();
    let server = workshop.serve();
    let mut page = server.listen(Some(EXERCISE));
    fs::remove_dir_all(workshop.learner("")).unwrap();
    let message = loop {
        let line = page.next("check")["line"].clone();
        if line["event"] == "failed" {
            break line["message"].as_str().unwrap().to_owned();
        }
    };
    assert!(message.contains(EXERCISE), "{message}");
    fs::create_dir_all(workshop.learner("src")).unwrap();
    workshop.solve();
    while page.next("check")["line"]["report"]["phases"][0]["status"] != "passed" {}
    workshop.save("src/lib.rs", "this is not Rust");
    while page.next("check")["line"]["report"]["phases"][0]["status"] != "does_not_compile" {}
}

#[test]
fn a_newer_check_takes_the_place_of_one_that_never_ends() {
    let workshop = workshop();
    workshop.loop_forever();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("compiled");
    workshop.solve();
    let (_, started) = server.act("/-/check", &json!({ "exercise": EXERCISE }));
    assert_eq!(started, json!({ "run": 2 }));
    assert_eq!(page.line_of_check("cancelled").0, 1);
    assert_eq!(page.line_of_check("started").0, 2);
    let (run, line) = page.line_of_check("report");
    assert_eq!(run, 2);
    assert_eq!(line["report"]["phases"][0]["status"], "passed");
}

#[test]
fn a_cancelled_check_says_nothing_more() {
    let workshop = workshop();
    workshop.loop_forever();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("compiled");
    assert_eq!(server.act("/-/cancel", &json!({})).0, 204);
    assert_eq!(page.line_of_check("cancelled").0, 1);
    workshop.solve();
    server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 2 }));
    let check = page.next("check");
    assert_eq!(
        (&check["run"], &check["line"]["event"]),
        (&json!(2), &json!("started"))
    );
}

#[test]
fn a_page_that_is_opened_during_a_check_hears_of_it_from_its_start() {
    let workshop = workshop();
    workshop.loop_forever();
    let server = workshop.serve();
    let mut early = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 1 }));
    early.line_of_check("compiled");
    let mut late = server.listen(None);
    let lines = [late.next("check"), late.next("check"), late.next("check")];
    assert_eq!(events(&lines), ["started", "compiling", "compiled"]);
}

#[test]
fn a_check_that_cannot_be_done_says_why() {
    let workshop = workshop();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 9 }));
    assert_eq!(page.next("check")["line"]["event"], "started");
    let line = page.next("check")["line"].clone();
    assert_eq!(line["event"], "failed");
    assert!(
        line["message"].as_str().unwrap().contains("phases 1 to 2"),
        "{line}"
    );
}

#[test]
fn progress_made_in_the_browser_is_what_the_program_shows() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 1 }));
    page.line_of_check("report");
    assert_eq!(workshop.progress(), ["passed", "not_begun"]);
    drop(server);
    let (_, state) = workshop.serve().tell("/-/state");
    assert_eq!(states(&state), ["passed", "not_begun"]);
}

#[test]
fn progress_made_in_the_terminal_reaches_the_open_page() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    assert_eq!(states(&page.next("state")), ["not_begun", "not_begun"]);
    workshop.program(&["check", EXERCISE, "--json"]);
    assert_eq!(states(&page.next("state")), ["passed", "passed"]);
}

/// The states of the phases and the statuses of the reports that a page is told.
fn told(state: &Value) -> Vec<(String, Value)> {
    let phases = state["exercises"][0]["phases"].as_array().unwrap();
    let reports = phases.iter().map(|phase| phase["report"]["status"].clone());
    states(state).into_iter().zip(reports).collect()
}

#[test]
fn a_report_is_not_shown_once_another_program_found_something_else() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("report");
    let passed = ("passed".to_owned(), json!("passed"));
    assert_eq!(told(&page.next("state")), [passed.clone(), passed.clone()]);
    drop(page);

    let solution = fs::read_to_string(workshop.learner("src/lib.rs")).unwrap();
    workshop.save(
        "src/lib.rs",
        &solution.replace("saturating_add", "wrapping_add"),
    );
    workshop.program(&["check", EXERCISE, "--phase", "1", "--json"]);
    let opened = server.listen(None).next("state");
    let edited = ("edited_since".to_owned(), json!("passed"));
    assert_eq!(told(&opened), [("open".to_owned(), Value::Null), edited]);
    assert_eq!(states(&opened), workshop.progress());

    workshop.save("src/lib.rs", &solution);
    workshop.program(&["check", EXERCISE, "--json"]);
    let opened = server.listen(None).next("state");
    let unseen = ("passed".to_owned(), Value::Null);
    assert_eq!(told(&opened), [unseen.clone(), unseen]);
    assert_eq!(states(&opened), workshop.progress());
}

#[test]
fn a_failure_of_other_code_is_not_shown_beside_a_pass() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    let check = |page: &mut Messages| {
        server.act("/-/check", &json!({ "exercise": EXERCISE, "phase": 1 }));
        page.line_of_check("report");
        told(&page.next("state")).remove(0)
    };
    assert_eq!(check(&mut page), ("passed".to_owned(), json!("passed")));
    let solution = fs::read_to_string(workshop.learner("src/lib.rs")).unwrap();
    workshop.save(
        "src/lib.rs",
        &solution.replace("saturating_add", "wrapping_add"),
    );
    assert_eq!(check(&mut page), ("open".to_owned(), json!("failed")));
    // The code that passed is there again, and nobody checked it.
    workshop.save("src/lib.rs", &solution);
    let opened = server.listen(None).next("state");
    assert_eq!(told(&opened)[0], ("passed".to_owned(), Value::Null));
    assert_eq!(states(&opened), workshop.progress());
}

#[test]
fn a_reset_takes_back_what_the_page_showed() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("report");
    page.next("state");
    let store = Store::new(workshop.path(".course"));
    store.record_reset(EXERCISE).unwrap();
    let begun = ("not_begun".to_owned(), Value::Null);
    assert_eq!(told(&page.next("state")), [begun.clone(), begun]);
}

#[test]
fn each_hint_is_given_once_and_remembered() {
    let workshop = workshop();
    let server = workshop.serve();
    let mut page = server.listen(None);
    page.next("state");
    let next = || server.act("/-/hint", &json!({ "exercise": EXERCISE, "phase": "core" }));
    let (status, hint) = next();
    assert_eq!(status, 200);
    assert_eq!(
        (&hint["title"], &hint["step"], &hint["of"]),
        (&json!("A nudge"), &json!(1), &json!(2))
    );
    let state = page.next("state");
    let hints = &state["exercises"][0]["phases"][0]["hints"];
    assert_eq!(hints, &json!({ "taken": 1, "of": 2 }));
    assert_eq!(next().1["step"], 2);
    // At the top of the ladder the last one comes again.
    assert_eq!(next().1["title"], "Nearly the code");
    let document = workshop.program(&["progress", "--json"]);
    assert_eq!(document["exercises"][0]["phases"][0]["hints"], 2);
}

#[test]
fn the_solution_is_shown_after_a_pass_or_at_the_learners_wish() {
    let workshop = workshop();
    let server = workshop.serve();
    let (status, refused) = server.act("/-/solution", &json!({ "exercise": EXERCISE }));
    assert_eq!(status, 403);
    let why = refused["error"].as_str().unwrap();
    assert!(
        why.starts_with("2 of 2 phases of `counter` are open"),
        "{why}"
    );
    let asked = json!({ "exercise": EXERCISE, "anyway": true });
    let (status, solution) = server.act("/-/solution", &asked);
    assert_eq!(status, 200);
    assert_eq!(solution["notes_anchor"], "after-you-pass");
    let files = solution["files"].as_array().unwrap();
    let paths: Vec<&Value> = files.iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["src/lib.rs", "src/shared.rs"]);
    let lines = files[0]["diff"].as_array().unwrap();
    let of = |kind: &str, part: &str| {
        lines
            .iter()
            .any(|line| line["kind"] == kind && line["text"].as_str().unwrap().contains(part))
    };
    assert!(of("removed", "todo!") && of("added", "saturating_add") && of("same", "pub struct"));
}

#[test]
fn the_history_tells_what_happened_and_estimates_the_hours() {
    let workshop = workshop();
    workshop.solve();
    let server = workshop.serve();
    let mut page = server.listen(None);
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("report");
    let (status, history) = server.tell("/-/history");
    assert_eq!(status, 200);
    let happenings = history["happenings"].as_array().unwrap();
    let what: Vec<&Value> = happenings.iter().map(|moment| &moment["what"]).collect();
    assert_eq!(what, ["passed", "passed"]);
    assert_eq!(happenings[0]["phase"], "core");
    assert_eq!(history["hours"][0]["phases"], 2);
    assert_eq!(history["hours"][0]["minutes"], 15);
}

#[test]
fn the_server_stops_although_a_check_never_ends() {
    let workshop = workshop();
    workshop.loop_forever();
    let server = workshop.serve();
    let mut page = server.listen(Some(EXERCISE));
    server.act("/-/check", &json!({ "exercise": EXERCISE }));
    page.line_of_check("compiled");
    assert!(server.stop().is_ok());
    assert!(page.has_ended());
}
