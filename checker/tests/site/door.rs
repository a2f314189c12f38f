//! Who comes in: the first browser that opens an address of the terminal.

use crate::course::Course;
use crate::server::{Pass, Server, status};

/// What only a live page has.
const LIVE: &str = "/-/live.js";
/// What a guest reads instead.
const NOTE: &str = "This is the book alone.";

/// What every answer to a guest must lack.
fn assert_secrets_are_kept(server: &Server, head: &str, body: &str) {
    let Pass { cookie, token } = &server.pass;
    let (_, cookie) = cookie.split_once('=').unwrap();
    for secret in [cookie, token] {
        assert!(!head.contains(secret) && !body.contains(secret));
    }
}

#[test]
fn an_address_of_the_terminal_admits_one_browser_and_no_second() {
    let server = Server::of(&Course::new());
    let url = server.door.open().unwrap();
    let first = server.enter_by(&url).unwrap();
    assert_eq!(first, server.pass, "a run has one session");
    assert_eq!(server.enter_by(&url), None);
    let target = url.split_once(&server.address.to_string()).unwrap().1;
    let (head, body) = server.get_as_guest(target);
    assert_eq!(status(&head), 403);
    assert!(body.contains("opens nothing any more"), "{body}");
    assert!(body.contains("Press Enter in the terminal"), "{body}");
    assert_secrets_are_kept(&server, &head, &body);
}

#[test]
fn the_browser_that_came_in_may_open_its_address_again() {
    let server = Server::of(&Course::new());
    let url = server.door.open().unwrap();
    server.enter_by(&url).unwrap();
    let target = url.split_once(&server.address.to_string()).unwrap().1;
    let (head, body) = server.get(target);
    assert_eq!(status(&head), 200);
    assert!(body.contains("/-/enter.js"), "{body}");
    // A cookie may have been stolen; the token is not given for it.
    assert_secrets_are_kept(&server, &head, &body);
}

#[test]
fn a_new_address_ends_an_older_one_that_nobody_opened() {
    let server = Server::of(&Course::new());
    let (old, new) = (server.door.open().unwrap(), server.door.open().unwrap());
    assert_eq!(server.enter_by(&old), None);
    assert!(server.enter_by(&new).is_some());
}

#[test]
fn asking_only_for_the_head_uses_no_address_up() {
    let server = Server::of(&Course::new());
    let url = server.door.open().unwrap();
    let target = url.split_once(&server.address.to_string()).unwrap().1;
    let (head, _) = server.request("HEAD", target, &[]);
    assert!(!head.contains("set-cookie"), "{head}");
    assert!(server.enter_by(&url).is_some());
}

#[test]
fn a_made_up_key_opens_nothing() {
    let server = Server::of(&Course::new());
    server.door.open().unwrap();
    for key in [
        "",
        "0",
        &"0".repeat(32),
        &server.pass.token,
        "%00",
        "a&key=b",
    ] {
        let (head, body) = server.get_as_guest(&format!("/?key={key}"));
        assert!(matches!(status(&head), 400 | 403), "{key}: {head}");
        assert!(!head.contains("set-cookie"), "{key}: {head}");
        assert_secrets_are_kept(&server, &head, &body);
    }
}

#[test]
fn the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_has_a_name_of_its_own() {
    let (one, two) = (Server::of(&Course::new()), Server::of(&Course::new()));
    let url = one.door.open().unwrap();
    let target = url.split_once(&one.address.to_string()).unwrap().1;
    let (head, _) = one.get_as_guest(target);
    let (_, cookie) = head.split_once("set-cookie: ").unwrap();
    let cookie = cookie.lines().next().unwrap();
    assert!(
        cookie.ends_with("; path=/; httponly; samesite=strict"),
        "{cookie}"
    );
    assert!(head.contains("cache-control: no-store"), "{head}");
    let name = |server: &Server| server.pass.cookie.split('=').next().unwrap().to_owned();
    assert_eq!(name(&one), format!("checker-{}", one.address.port()));
    assert_ne!(name(&one), name(&two));
    // Browsers send both to both.
    let both = format!("{}; {}", one.pass.cookie, two.pass.cookie);
    for server in [&one, &two] {
        let headers = [("Cookie", both.as_str()), server.pass.headers()[1]];
        let (head, _) = server.request("GET", "/-/state", &headers);
        assert_eq!(status(&head), 200);
    }
}

#[test]
fn a_guest_reads_the_book_as_it_is_published_and_is_told_how_to_come_in() {
    let server = Server::of(&Course::new());
    for target in [
        "/",
        "/welcome.html",
        "/01-module/cache.html",
        "/no/such/page.html",
    ] {
        let (head, body) = server.get_as_guest(target);
        assert!(
            body.contains(NOTE) && !body.contains(LIVE),
            "{target}: {body}"
        );
        assert!(head.contains("vary: cookie"), "{head}");
        // Examples run where those of the published book do.
        assert!(
            head.contains("connect-src 'self' https://play.rust-lang.org;"),
            "{head}"
        );
        assert_secrets_are_kept(&server, &head, &body);
        let (head, body) = server.get(target);
        assert!(
            !body.contains(NOTE) && body.contains(LIVE),
            "{target}: {body}"
        );
        // The pages of those who came in hold no secret, either.
        assert_secrets_are_kept(&server, &head, &body);
    }
}

#[test]
fn an_earlier_run_of_the_server_admitted_nobody_to_this_one() {
    let course = Course::new();
    let earlier = Server::of(&course);
    let (port, pass) = (earlier.address.port(), earlier.pass.clone());
    assert!(earlier.stop().is_ok());
    let server = Server::start(&course, Some(port)).built();
    assert_eq!(server.address.port(), port);
    let (head, body) = server.request("GET", "/-/state", &pass.headers());
    assert_eq!(status(&head), 403);
    assert!(body.contains("press Enter"), "{body}");
    let (_, body) = server.request("GET", "/", &[("Cookie", &pass.cookie)]);
    assert!(body.contains(NOTE));
    assert_ne!(server.pass, pass);
    assert_eq!(server.pass.token.len(), 32);
}
