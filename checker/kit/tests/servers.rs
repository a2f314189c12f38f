//! Starting, reading and stopping a server.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::{process::Command, time::Duration};
use suite_kit::{Scenario, lines::LineClient, panics, server::Server, time::eventually};

const LIMIT: Duration = Duration::from_secs(30);

fn fixture(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_suite-kit-fixture"));
    command.args(arguments);
    command
}

#[test]
fn a_server_is_reached_at_the_address_it_prints_until_it_is_killed() {
    let scenario = Scenario::new();
    let mut server = Server::start(&scenario, &mut fixture(&["serve"]), LIMIT);
    assert!(server.stdout().contains(&server.address().to_string()));
    assert!(eventually(LIMIT, || server.stderr() == "starting\n"));
    assert_ne!(server.id(), std::process::id());
    LineClient::connect(&scenario, "ann", server.address(), LIMIT).expect("hello");
    server.kill();
    let refused =
        || LineClient::connect(&scenario, "bob", server.address(), Duration::from_secs(5)).close();
    assert!(panics::catch(refused).is_err());
    assert!(!server.wait(&scenario, LIMIT).success());
}

#[test]
fn a_program_that_ends_is_no_server() {
    let start = || {
        drop(Server::start(
            &Scenario::new(),
            &mut fixture(&["say", "bye"]),
            LIMIT,
        ))
    };
    let caught = panics::catch(start).unwrap_err();
    assert!(
        caught.message.contains("the program ended"),
        "{}",
        caught.message
    );
    assert!(
        caught.message.contains(r#"its output: "bye\n""#),
        "{}",
        caught.message
    );
    assert!(
        caught.message.contains("start suite-kit-fixture say bye"),
        "{}",
        caught.message
    );
}

#[test]
fn a_program_that_cannot_be_started_is_a_failure() {
    let mut missing =
        Command::new(fixture(&[]).get_program().to_string_lossy().into_owned() + "-no");
    let caught =
        panics::catch(|| Server::start(&Scenario::new(), &mut missing, LIMIT)).unwrap_err();
    assert!(
        caught.message.contains("the program starts"),
        "{}",
        caught.message
    );
}
