//! What the live routes do not do, and for whom.

use serde_json::{Value, json};

use crate::course::Course;
use crate::server::{Pass, Server, status};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The routes that tell.
const TELLING: [&str; 3] = ["/-/events", "/-/state", "/-/history"];

/// The routes that act, each with a body that it takes.
fn acting() -> [(&'static str, Value); 6] {
    [
        ("/-/check", json!({ "exercise": "cache" })),
        ("/-/cancel", json!({})),
        ("/-/hint", json!({ "exercise": "cache", "phase": "core" })),
        (
            "/-/solution",
            json!({ "exercise": "cache", "anyway": true }),
        ),
        (
            "/-/open",
            json!({ "exercise": "cache", "file": "src/cache.rs" }),
        ),
        ("/-/run", json!({ "code": "fn main() {}" })),
    ]
}

/// Sends a request to every live route with these headers, and returns the answers.
fn everywhere(server: &Server, headers: &[(&str, &str)]) -> Vec<(&'static str, u16, String)> {
    let mut answers = Vec::new();
    for target in TELLING {
        let (head, body) = server.request("GET", target, headers);
        answers.push((target, status(&head), body));
    }
    for (target, body) in acting() {
        let headers = [&[JSON], headers].concat();
        let (head, body) = server.send("POST", target, &headers, &body.to_string());
        answers.push((target, status(&head), body));
    }
    answers
}

fn refused(server: &Server, headers: &[(&str, &str)], expected: u16) {
    for (target, status, body) in everywhere(server, headers) {
        assert_eq!(status, expected, "{target} with {headers:?}: {body}");
    }
    assert!(server.opened_nothing());
}

/// The sentence of a refusal.
fn why(answer: &Value) -> &str {
    answer["error"].as_str().unwrap()
}

#[test]
fn a_page_of_the_server_gets_an_answer_everywhere() {
    let server = Server::of(&Course::new());
    let origin = format!("http://{}", server.address);
    let [cookie, token] = server.pass.headers();
    let own = [
        cookie,
        token,
        ("Origin", &origin),
        ("Sec-Fetch-Site", "same-origin"),
        JSON,
    ];
    for target in ["/-/state", "/-/history"] {
        let (head, _) = server.request("GET", target, &own);
        assert_eq!(status(&head), 200, "{target}");
        assert!(head.contains("content-type: application/json"), "{head}");
        assert!(!head.contains("access-control"), "{head}");
    }
    let (head, _) = server.send("POST", "/-/cancel", &own, "{}");
    assert_eq!(status(&head), 204);
}

#[test]
fn without_the_cookie_and_the_token_nothing_is_told_or_done() {
    let server = Server::of(&Course::new());
    let [cookie, token] = server.pass.headers();
    refused(&server, &[], 403);
    refused(&server, &[cookie], 403);
    refused(&server, &[token], 403);
    for wrong in wrong_ones(&server.pass.token) {
        refused(&server, &[cookie, ("X-Course-Token", &wrong)], 403);
    }
    let (name, value) = server.pass.cookie.split_once('=').unwrap();
    for wrong in wrong_ones(value) {
        refused(
            &server,
            &[token, ("Cookie", &format!("{name}={wrong}"))],
            403,
        );
    }
    refused(
        &server,
        &[token, ("Cookie", &format!("other={value}"))],
        403,
    );
    let twice = [cookie, token, ("X-Course-Token", "x")];
    refused(&server, &twice, 403);
}

/// Secrets that are nearly the right one.
fn wrong_ones(secret: &str) -> [String; 6] {
    let turned = format!("{}{}", &secret[1..], &secret[..1]);
    [
        String::new(),
        "x".to_owned(),
        secret[..31].to_owned(),
        format!("{secret}0"),
        "0".repeat(32),
        turned,
    ]
}

#[test]
fn a_token_in_the_address_opens_the_stream_of_events_and_nothing_else() {
    let server = Server::of(&Course::new());
    let Pass { cookie, token } = &server.pass;
    let cookie = ("Cookie", cookie.as_str());
    server.listen(None).next("site");
    for target in ["/-/state", "/-/history"] {
        let (head, _) = server.request("GET", &format!("{target}?token={token}"), &[cookie]);
        assert_eq!(status(&head), 403, "{target}");
    }
    let target = format!("/-/cancel?token={token}");
    let (head, _) = server.send("POST", &target, &[cookie, JSON], "{}");
    assert_eq!(status(&head), 403);
    let (head, _) = server.request("GET", "/-/events?token=0", &[cookie]);
    assert_eq!(status(&head), 403);
    let (head, _) = server.get_as_guest(&format!("/-/events?token={token}"));
    assert_eq!(status(&head), 403);
}

#[test]
fn pages_of_other_sites_are_refused_even_with_the_cookie_and_the_token() {
    let server = Server::of(&Course::new());
    let port = server.address.port();
    let [cookie, token] = server.pass.headers();
    for origin in [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://127.0.0.1:{port}.evil.example"),
        // The same machine under another name is another site.
        format!("http://localhost:{port}"),
    ] {
        refused(&server, &[cookie, token, ("Origin", &origin)], 403);
    }
    for site in ["cross-site", "same-site", "anything"] {
        refused(&server, &[cookie, token, ("Sec-Fetch-Site", site)], 403);
    }
    let (head, _) = server.request("GET", "/-/live.js", &[("Sec-Fetch-Site", "cross-site")]);
    assert_eq!(status(&head), 403);
    // A person may type the address.
    let (head, _) = server.request("GET", "/-/live.js", &[("Sec-Fetch-Site", "none")]);
    assert_eq!(status(&head), 200);
}

#[test]
fn a_foreign_name_of_this_machine_is_refused_even_with_the_cookie_and_the_token() {
    let server = Server::of(&Course::new());
    let host = format!("evil.example:{}", server.address.port());
    let [cookie, token] = server.pass.headers();
    refused(&server, &[cookie, token, ("Host", &host)], 421);
}

#[test]
fn only_json_is_read() {
    let server = Server::of(&Course::new());
    for (target, body) in acting().iter().filter(|(target, _)| *target != "/-/cancel") {
        for kind in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data"),
            Some("application/jsonp"),
        ] {
            let kind = kind.map(|kind| ("Content-Type", kind));
            let headers: Vec<_> = server.pass.headers().into_iter().chain(kind).collect();
            let (head, _) = server.send("POST", target, &headers, &body.to_string());
            assert_eq!(status(&head), 415, "{target} {kind:?}");
        }
        for body in [json!({}), json!([]), json!("x"), json!({ "exercise": 1 })] {
            assert_eq!(server.act(target, &body).0, 400, "{target} {body}");
        }
        let [cookie, token] = server.pass.headers();
        let headers = [cookie, token, JSON];
        let (head, _) = server.send("POST", target, &headers, "{");
        assert_eq!(status(&head), 400, "{target}");
    }
    assert!(server.opened_nothing());
}

#[test]
fn a_field_that_nobody_knows_is_refused() {
    let server = Server::of(&Course::new());
    for (target, mut body) in acting()
        .into_iter()
        .filter(|(target, _)| *target != "/-/cancel")
    {
        body["path"] = json!("/etc/passwd");
        let (status, answer) = server.act(target, &body);
        assert_eq!(status, 400, "{target}");
        assert!(why(&answer).contains("`path`"), "{answer}");
    }
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let server = Server::of(&Course::new());
    let long = |bytes: usize| "x".repeat(bytes);
    let asked = json!({ "exercise": "cache", "file": long(64 * 1024) });
    assert_eq!(server.act("/-/open", &asked).0, 413);
    let asked = json!({ "exercise": long(64 * 1024) });
    assert_eq!(server.act("/-/check", &asked).0, 413);
    let asked = json!({ "code": long(256 * 1024) });
    assert_eq!(server.act("/-/run", &asked).0, 413);
}

#[test]
fn a_file_of_the_exercise_is_opened_at_its_line() {
    let course = Course::new();
    let server = Server::of(&course);
    let asked = json!({ "exercise": "cache", "file": "src/cache.rs", "line": 12 });
    assert_eq!(server.act("/-/open", &asked).0, 204);
    let expected = course.path("exercises/01-module/cache/src/cache.rs");
    assert_eq!(server.opened(), (expected.clone(), Some(12)));
    let asked = json!({ "exercise": "cache", "file": "src/cache.rs" });
    assert_eq!(server.act("/-/open", &asked).0, 204);
    assert_eq!(server.opened(), (expected, None));
}

#[test]
fn no_name_leads_to_a_file_that_is_not_the_learners() {
    let course = Course::new();
    let secret = course.path("secret.txt");
    course.write("exercises/01-module/cache/Cargo.toml", "[package]\n");
    let server = Server::of(&course);
    for file in [
        "../../../secret.txt",
        "src/../../../../secret.txt",
        "src/../src/cache.rs",
        "./src/cache.rs",
        "src//cache.rs",
        "src\\cache.rs",
        "/src/cache.rs",
        "src/cache.rs\0",
        "src",
        "",
        "Cargo.toml",
        secret.to_str().unwrap(),
        "--goto",
        "file:///etc/passwd",
        "src%2fcache.rs",
    ] {
        let asked = json!({ "exercise": "cache", "file": file });
        let (status, answer) = server.act("/-/open", &asked);
        assert_eq!(status, 404, "{file}: {answer}");
    }
    assert!(server.opened_nothing());
}

#[cfg(unix)]
#[test]
fn a_link_among_the_learners_files_is_not_followed() {
    let course = Course::new();
    let link = course.path("exercises/01-module/cache/src/link.rs");
    std::os::unix::fs::symlink(course.path("secret.txt"), link).unwrap();
    let server = Server::of(&course);
    let asked = json!({ "exercise": "cache", "file": "src/link.rs" });
    assert_eq!(server.act("/-/open", &asked).0, 409);
    assert!(server.opened_nothing());
}

#[test]
fn no_exercise_has_a_name_that_is_not_its_id() {
    let server = Server::of(&Course::new());
    for id in [
        "cash",
        "",
        "../01-module/cache",
        "01-module/cache",
        "cache/",
        "/",
        "cache\0",
        ".",
    ] {
        for (target, body) in [
            ("/-/check", json!({ "exercise": id })),
            ("/-/hint", json!({ "exercise": id, "phase": "core" })),
            ("/-/solution", json!({ "exercise": id, "anyway": true })),
            ("/-/open", json!({ "exercise": id, "file": "src/cache.rs" })),
        ] {
            let (status, answer) = server.act(target, &body);
            assert_eq!(status, 404, "{target} {id:?}: {answer}");
            assert!(why(&answer).starts_with("there is no exercise"), "{answer}");
        }
    }
    let target = format!("/-/events?token={}&exercise=..%2Fcache", server.pass.token);
    assert_eq!(status(&server.get(&target).0), 404);
    assert!(server.opened_nothing());
}

#[test]
fn an_unknown_phase_has_no_hints() {
    let server = Server::of(&Course::new());
    let asked = json!({ "exercise": "cache", "phase": "../core" });
    let (status, answer) = server.act("/-/hint", &asked);
    assert_eq!(
        (status, why(&answer)),
        (404, "`cache` has no phase `../core`")
    );
}

#[test]
fn a_route_that_acts_only_takes_posts() {
    let server = Server::of(&Course::new());
    for (target, _) in acting() {
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let (head, _) = server.request(method, target, &server.pass.headers());
            assert_eq!(status(&head), 405, "{method} {target}");
            assert!(head.contains("allow: post"), "{head}");
        }
    }
}

#[test]
fn an_unknown_live_address_leads_nowhere() {
    let server = Server::of(&Course::new());
    for target in [
        "/-/",
        "/-/nothing",
        "/-/live",
        "/-/live.js.map",
        "/-/../serve/mod.rs",
        "/-/..%2fmod.rs",
        "/-/live.js/x",
        "/-/state/x",
        "/-/%2e%2e/scripts.rs",
    ] {
        let (head, body) = server.get(target);
        assert_eq!(status(&head), 404, "{target}: {body}");
        assert!(!body.contains("fn "), "{target}");
    }
}
