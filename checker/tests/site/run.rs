//! Blocks of the book, run on this machine.

use std::io::{Read, Write};
use std::sync::mpsc::channel;

use serde_json::{Value, json};

use crate::server::{Server, status};
use crate::workshop::workshop;

fn run(server: &Server, code: &str) -> Value {
    let (status, answer) = server.act("/-/run", &json!({ "code": code }));
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn a_program_shows_what_it_prints() {
    let workshop = workshop();
    let server = workshop.serve();
    let code = "fn main() { println!(\"one\"); eprintln!(\"two\"); }";
    assert_eq!(
        run(&server, code),
        json!({ "result": "one\ntwo\n", "error": null })
    );
}

#[test]
fn what_mdbook_sends_is_understood() {
    let workshop = workshop();
    let server = workshop.serve();
    let code = "fn main() { let async = 1; println!(\"{async}\"); }";
    let asked = json!({ "version": "stable", "optimize": "0", "code": code, "edition": "2015" });
    let (status, answer) = server.act("/-/run", &asked);
    assert_eq!((status, &answer["result"]), (200, &json!("1\n")));
    let (status, _) = server.act("/-/run", &json!({ "code": code, "edition": "1999" }));
    assert_eq!(status, 400);
}

#[test]
fn a_program_may_use_the_crates_of_the_course() {
    let workshop = workshop();
    let server = workshop.serve();
    let code = "fn main() { println!(\"{}\", counter::Counter::new(9).add(12)); }";
    assert_eq!(
        run(&server, code),
        json!({ "result": "9\n", "error": null })
    );
}

#[test]
fn a_program_that_does_not_compile_shows_the_compilers_errors() {
    let workshop = workshop();
    let server = workshop.serve();
    let answer = run(&server, "fn main() { let x: u32 = \"one\"; }");
    assert_eq!(answer["error"], "It does not compile.");
    let errors = answer["result"].as_str().unwrap();
    assert!(
        errors.contains("error[E0308]: mismatched types"),
        "{errors}"
    );
    assert!(errors.contains("src/main.rs:1:"), "{errors}");
}

#[test]
fn a_panic_is_shown_with_the_exit_code() {
    let workshop = workshop();
    let server = workshop.serve();
    let answer = run(&server, "fn main() { panic!(\"on purpose\"); }");
    assert_eq!(answer["error"], "It ended with code 101.");
    assert!(
        answer["result"].as_str().unwrap().contains("on purpose"),
        "{answer}"
    );
}

#[test]
fn a_program_that_never_ends_is_stopped() {
    let workshop = workshop();
    let server = workshop.serve();
    let code = "fn main() { println!(\"begun\"); loop { std::hint::spin_loop(); } }";
    let answer = run(&server, code);
    assert_eq!(answer["result"], "begun\n");
    let why = answer["error"].as_str().unwrap();
    assert!(why.starts_with("It did not end within"), "{why}");
}

#[test]
fn a_program_that_prints_without_end_is_stopped() {
    let workshop = workshop();
    let server = workshop.serve();
    let code = "fn main() { for _ in 0..1_000_000 { println!(\"{}\", \"x\".repeat(1000)); } }";
    let answer = run(&server, code);
    assert_eq!(
        answer["error"],
        "It printed more than 64 KiB and was stopped."
    );
    assert_eq!(answer["result"].as_str().unwrap().len(), 64 * 1024);
}

#[test]
fn a_program_runs_in_a_folder_of_its_own_without_input() {
    let workshop = workshop();
    let server = workshop.serve();
    let code = "fn main() {
        std::fs::write(\"scratch\", \"x\").unwrap();
        let files = std::fs::read_dir(\".\").unwrap().count();
        let read = std::io::read_to_string(std::io::stdin()).unwrap().len();
        println!(\"{files} {read}\");
    }";
    for _ in 0..2 {
        assert_eq!(run(&server, code)["result"], "1 0\n");
    }
}

#[test]
fn a_program_for_which_there_is_no_place_in_line_is_refused() {
    let workshop = workshop();
    let server = workshop.serve();
    let body = json!({ "code": "fn main() { loop { std::hint::spin_loop(); } }" }).to_string();
    let request = server.post("/-/run", &body);
    let (sender, answers) = channel();
    for _ in 0..6 {
        let (mut connection, sender) = (server.connect(), sender.clone());
        connection.write_all(request.as_bytes()).unwrap();
        std::thread::spawn(move || {
            let mut answer = String::new();
            let read = connection.read_to_string(&mut answer);
            // Nobody hears of the answers that come when the server stops.
            let _ = sender.send(read.map(|_| status(&answer)));
        });
    }
    // One runs, four wait.
    assert_eq!(answers.recv().unwrap().unwrap(), 429);
    assert!(server.stop().is_ok());
}

#[test]
fn the_server_stops_although_a_program_never_ends() {
    let workshop = workshop();
    let server = workshop.serve();
    let (mark, code) = (
        workshop.path("target/running"),
        "fn main() {
        std::fs::write(MARK, \"\").unwrap();
        loop { std::hint::spin_loop(); }
    }",
    );
    let _ = std::fs::remove_file(&mark);
    let code = code.replace("MARK", &format!("{:?}", mark.to_str().unwrap()));
    let request = server.post("/-/run", &json!({ "code": code }).to_string());
    let mut connection = server.connect();
    connection.write_all(request.as_bytes()).unwrap();
    while !mark.exists() {
        std::thread::yield_now();
    }
    assert!(server.stop().is_ok());
}
