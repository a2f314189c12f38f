//! From a saved file to the first result on an open page, beside the program's own first result.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use checker::catalog::source::Source;
use checker::engine;
use checker::progress::Store;
use checker::site::serve::{Door, Options, serve};

use super::{Course, SUBJECTS, Subject, copy, edit, median, repository};

/// How much later than the program's a result may be on the page, in milliseconds.
const GOAL: f64 = 150.0;

/// Measures the first exercise, alternating between the page and the program.
pub(super) fn measure(rounds: usize) {
    let subject = &SUBJECTS[0];
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let program = Course::assemble(subject, &scratch.path().join("program"), true);
    let served = Course::assemble(subject, &scratch.path().join("served"), true);
    copy(&repository().join("book"), &served.root().join("book"));
    std::fs::copy(
        repository().join("book.toml"),
        served.root().join("book.toml"),
    )
    .expect("the book's configuration");

    let door = start(&served);
    let mut page = Page::open(&door, subject);
    let mut times: [Vec<Duration>; 2] = Default::default();
    // The first round builds dependencies and is not counted.
    for round in 0..=rounds {
        let on_page = edit(subject, &[served.learner()], round, || page.first_result());
        page.rest();
        let mut check = Check::default();
        let alone = edit(subject, &[program.learner()], round, || {
            check.first_result(&program);
        });
        check.rest();
        if round > 0 {
            times[0].push(on_page);
            times[1].push(alone);
        }
    }
    let [page, program] = times.map(|mut list| median(&mut list));
    println!(
        "\nsave to first result, {}: {page:.0} ms on the page, {program:.0} ms from the program, \
         {:+.0} ms (goal: within {GOAL:.0} ms)",
        subject.label,
        page - program
    );
}

/// Serves a course for as long as this process lives.
fn start(course: &Course) -> Door {
    let workspace = course.checker.workspace.clone();
    let store = Store::new(workspace.state_dir());
    let options = Options {
        source: Source::Disk(course.root().to_path_buf()),
        work_dir: workspace.build_dir(),
        port: Some(0),
        pages: Arc::new(engine::Course::new(course.checker.clone(), store)),
        opener: Arc::new(|_, _| Ok(())),
        on_event: Box::new(|_| {}),
    };
    let (sender, doors) = channel();
    thread::spawn(move || {
        let ready = move |door| sender.send(door).expect("the measuring thread");
        serve(options, ready, std::future::pending()).expect("the server");
    });
    doors.recv().expect("the server's address")
}

/// The program's check. Its first result is measured, the rest waited for.
#[derive(Default)]
struct Check(Option<(Child, BufReader<ChildStdout>)>);

impl Check {
    fn first_result(&mut self, course: &Course) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_checker"))
            .arg("--course")
            .arg(course.root())
            .args(["check", &course.id, "--json-lines"])
            .stdout(Stdio::piped())
            .env_remove("CARGO_TARGET_DIR")
            .spawn()
            .expect("the checker");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        until(&mut lines, |line| is(line, "tested"));
        self.0 = Some((child, lines));
    }

    fn rest(self) {
        let (mut child, mut lines) = self.0.expect("a check that was started");
        until(&mut lines, |line| is(line, "report"));
        assert!(child.wait().expect("its end").success());
    }
}

/// Whether a line of a check is about this.
fn is(line: &str, event: &str) -> bool {
    line.contains(&format!("{{\"event\":\"{event}\""))
}

/// A page that shows the exercise.
struct Page(BufReader<TcpStream>);

impl Page {
    fn open(door: &Door, subject: &Subject) -> Page {
        let address = door.address();
        let (cookie, token) = enter(door);
        let mut stream = TcpStream::connect(address).expect("the server");
        write!(
            stream,
            "GET /-/events?token={token}&exercise={} HTTP/1.1\r\nHost: {address}\r\n\
             Cookie: {cookie}\r\n\r\n",
            subject.id
        )
        .expect("a request");
        let mut page = Page(BufReader::new(stream));
        // From here on, the folder is watched.
        until(&mut page.0, |line| line.starts_with("event: state"));
        page
    }

    fn first_result(&mut self) {
        until(&mut self.0, |line| is(line, "tested"));
    }

    fn rest(&mut self) {
        until(&mut self.0, |line| is(line, "report"));
    }
}

/// Reads lines until one is wanted.
fn until(lines: &mut impl BufRead, wanted: impl Fn(&str) -> bool) {
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line).expect("a line");
        assert_ne!(read, 0, "more lines come");
        if wanted(&line) {
            return;
        }
    }
}

/// The cookie and the token that an address of the server brings.
fn enter(door: &Door) -> (String, String) {
    let (address, url) = (door.address(), door.open().expect("randomness"));
    let target = url.rsplit('/').next().expect("a path");
    let mut stream = TcpStream::connect(address).expect("the server");
    write!(
        stream,
        "GET /{target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("a request");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("a page");
    let between = |start: &str, end: char| {
        let (_, rest) = page.split_once(start).expect("what the server gives");
        rest.split_once(end).expect("its end").0.to_owned()
    };
    let cookie = between("set-cookie: ", ';');
    (cookie, between("name=\"course-token\" content=\"", '"'))
}
