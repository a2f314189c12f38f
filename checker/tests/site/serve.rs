//! Serving the book.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use checker::site::serve::{Event, Options, ServeError, serve};

use crate::course::Course;
use crate::server::{PATIENCE, Server, status};

#[test]
fn a_page_is_served_with_its_type_its_policy_and_the_live_script() {
    let server = Server::of(&Course::new());
    let (head, body) = server.get("/01-module/cache.html");
    assert_eq!(status(&head), 200);
    for header in [
        "content-type: text/html; charset=utf-8",
        "x-content-type-options: nosniff",
        "cross-origin-resource-policy: same-origin",
        "content-security-policy: default-src 'none'; connect-src 'self';",
        "vary: cookie",
    ] {
        assert!(head.contains(header), "{header} is missing from {head}");
    }
    assert!(!head.contains("access-control"), "{head}");
    assert!(body.contains("evicts the <em>oldest</em>"));
    assert!(body.contains("<script type=\"module\" src=\"/-/live.js\"></script></body>"));
    assert!(body.contains("<meta name=\"course-version\" content="));
    let (head, _) = server.get("/-/live.js");
    assert_eq!(status(&head), 200);
    assert!(head.contains("content-type: text/javascript"), "{head}");
}

#[test]
fn the_root_is_the_books_first_page() {
    let (head, body) = Server::of(&Course::new()).get("/");
    assert_eq!(status(&head), 200);
    assert!(body.contains("Hello."));
}

#[test]
fn an_address_that_leads_nowhere_gets_the_books_own_page() {
    let (head, body) = Server::of(&Course::new()).get("/no/such/page.html");
    assert_eq!(status(&head), 404);
    assert!(body.contains("<main>"), "{body}");
}

#[test]
fn no_path_leads_out_of_the_site() {
    let course = Course::new();
    let server = Server::of(&course);
    let absolute = course.path("secret.txt");
    for target in [
        "/../secret.txt",
        "/../../secret.txt",
        "/../../../secret.txt",
        "/01-module/../../../../secret.txt",
        "/%2e%2e/%2e%2e/secret.txt",
        "/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%2f..%2fsecret.txt",
        "/..%5c..%5csecret.txt",
        "/%252e%252e%252fsecret.txt",
        "/..%c0%af..%c0%afsecret.txt",
        "/01-module/%00/../secret.txt",
        "//secret.txt",
        "/./.././../secret.txt",
        "/.systems-in-rust-site",
        absolute.to_str().unwrap(),
        &format!("/{}", absolute.display()),
    ] {
        let (head, body) = server.get(target);
        assert!(matches!(status(&head), 400 | 404), "{target}: {head}");
        assert!(!body.contains("crown jewels"), "{target}");
    }
}

#[test]
fn only_requests_to_this_machines_own_address_are_answered() {
    let server = Server::of(&Course::new());
    let port = server.address.port();
    let asked = |hosts: &str| {
        let head = format!("GET / HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let (head, body) = server.raw(&head);
        assert_eq!(body.contains("Hello."), status(&head) == 200);
        status(&head)
    };
    for name in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        assert_eq!(asked(&format!("Host: {name}:{port}\r\n")), 200, "{name}");
    }
    for host in [
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        "localhost".to_owned(),
        format!("localhost:{}", port ^ 1),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1:{port}@evil.example"),
        format!("0.0.0.0:{port}"),
        String::new(),
    ] {
        assert_eq!(asked(&format!("Host: {host}\r\n")), 421, "{host}");
    }
    assert_ne!(asked(""), 200);
    let twice = format!("Host: localhost:{port}\r\nHost: evil.example\r\n");
    assert_ne!(asked(&twice), 200);
    let absolute = format!(
        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(status(&server.raw(&absolute).0), 421);
}

#[test]
fn nothing_but_reading_is_allowed() {
    let server = Server::of(&Course::new());
    let reading = [
        "/",
        "/welcome.html",
        "/-/events",
        "/-/state",
        "/-/history",
        "/-/live.js",
    ];
    for target in reading {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let (head, _) = server.request(method, target, &server.pass.headers());
            assert_eq!(status(&head), 405, "{method} {target}");
            assert!(head.contains("allow: get,head"), "{head}");
        }
    }
    let (head, body) = server.request("HEAD", "/welcome.html", &[]);
    assert_eq!((status(&head), body.as_str()), (200, ""));
}

#[test]
fn a_saved_chapter_reaches_the_open_page() {
    let course = Course::new();
    let server = Server::of(&course);
    let mut page = server.listen(None);
    let before = page.next("site");
    course.write("book/welcome.md", "# Welcome\n\nHello again.\n");
    assert!(matches!(server.event(), Event::Built(_)));
    let after = page.next("site");
    assert!(after["version"].is_string());
    assert_ne!(before["version"], after["version"]);
    assert!(server.get("/welcome.html").1.contains("Hello again."));
}

#[test]
fn chapters_are_followed_when_their_folder_was_replaced() {
    let course = Course::new();
    let server = Server::of(&course);
    std::fs::rename(course.path("book"), course.path("aside")).unwrap();
    assert!(matches!(server.event(), Event::Failed(_)));
    std::fs::rename(course.path("aside"), course.path("book")).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !matches!(server.event(), Event::Built(_)) {
        assert!(Instant::now() < deadline, "the book is not built again");
    }
    course.write("book/welcome.md", "# Welcome\n\nBack again.\n");
    while !server.get("/welcome.html").1.contains("Back again.") {
        assert!(Instant::now() < deadline, "the page stays as it was");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_book_whose_configuration_changes_is_built_again() {
    let course = Course::new();
    let server = Server::of(&course);
    let config = std::fs::read_to_string(course.path("book.toml")).unwrap();
    course.write("book.toml", &config.replace("Course", "Another title"));
    assert!(matches!(server.event(), Event::Built(_)));
    assert!(server.get("/").1.contains("Another title"));
}

#[test]
fn the_search_index_follows_a_saved_chapter_without_another_reload() {
    let course = Course::new();
    let server = Server::of(&course);
    let index = || server.get("/searchindex.js").1;
    assert!(index().contains("Hello"));
    let mut page = server.listen(None);
    page.next("site");
    course.write("book/welcome.md", "# Welcome\n\nZanzibar.\n");
    assert!(matches!(server.event(), Event::Built(_)));
    let shown = page.next("site");
    // What could be searched for before still can.
    assert!(index().contains("Hello") || index().contains("Zanzibar"));
    let deadline = Instant::now() + PATIENCE;
    while !index().contains("Zanzibar") {
        assert!(Instant::now() < deadline, "the index stays as it was");
        thread::sleep(Duration::from_millis(20));
    }
    let now = server.listen(None).next("site");
    assert_eq!(now["version"], shown["version"]);
}

#[test]
fn a_phase_page_follows_the_suite_behind_it() {
    let course = Course::new();
    let server = Server::of(&course);
    let suite = "/// A rewritten behaviour.\n#[test]\nfn t() {}\n";
    course.write("checker/suites/01-module/cache/src/p1_core.rs", suite);
    assert!(matches!(server.event(), Event::Built(_)));
    assert!(
        server
            .get("/01-module/cache.html")
            .1
            .contains("A rewritten behaviour.")
    );
}

#[test]
fn a_broken_chapter_is_reported_while_the_last_good_site_stays() {
    let course = Course::new();
    let server = Server::of(&course);
    let mut page = server.listen(None);
    let good = page.next("site");
    course.write("book/welcome.md", "::: hnit\n:::\n");
    let Event::Failed(error) = server.event() else {
        unreachable!("the broken book was built");
    };
    assert!(
        error.to_string().starts_with("book/welcome.md:1: "),
        "{error}"
    );
    let broken = page.next("site");
    assert_eq!(broken["version"], good["version"]);
    assert_eq!(broken["fault"], error.to_string());
    assert!(server.get("/welcome.html").1.contains("Hello."));
    course.write("book/welcome.md", "# Welcome\n\nMended.\n");
    assert!(matches!(server.event(), Event::Built(_)));
    assert!(page.next("site")["fault"].is_null());
    assert!(server.get("/welcome.html").1.contains("Mended."));
}

#[test]
fn a_book_that_cannot_be_built_at_first_is_served_once_it_is_mended() {
    let course = Course::new();
    course.write("book/welcome.md", "::: hnit <b>\n:::\n");
    let server = Server::start(&course, Some(0));
    assert!(matches!(server.event(), Event::Failed(_)));
    let (head, body) = server.get("/");
    assert_eq!(status(&head), 500);
    assert!(
        body.contains("book/welcome.md:1: there is no directive `hnit`"),
        "{body}"
    );
    course.write("book/welcome.md", "# Welcome\n");
    assert!(matches!(server.event(), Event::Built(_)));
    assert_eq!(status(&server.get("/").0), 200);
}

#[test]
fn a_port_that_is_taken_is_an_error_when_it_was_asked_for() {
    let course = Course::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = Options {
        source: course.source(),
        work_dir: course.work_dir(),
        port: Some(port),
        pages: course.pages(),
        opener: Arc::new(|_, _| Ok(())),
        on_event: Box::new(|_| {}),
    };
    let result = serve(options, |_| {}, std::future::pending());
    assert!(matches!(result, Err(ServeError::Bind { port: p, .. }) if p == port));
}

#[test]
fn two_servers_that_ask_for_no_port_get_one_each() {
    let (one, two) = (Course::new(), Course::new());
    let (one, two) = (Server::start(&one, None), Server::start(&two, None));
    assert_ne!(one.address, two.address);
    assert!(one.address.ip().is_loopback());
}

#[test]
fn the_server_stops_when_told_although_a_page_is_listening() {
    let server = Server::of(&Course::new());
    let mut page = server.listen(None);
    page.next("site");
    assert!(server.stop().is_ok());
    assert!(page.has_ended());
}

#[test]
fn builds_for_the_server_leave_nothing_behind() {
    let course = Course::new();
    let server = Server::of(&course);
    course.write("book/welcome.md", "# Other\n");
    assert!(matches!(server.event(), Event::Built(_)));
    drop(server);
    let left = std::fs::read_dir(course.work_dir()).unwrap().count();
    assert_eq!(left, 0);
}
