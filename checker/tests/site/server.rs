//! A server in this process, and a browser's way to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use checker::site::serve::{Door, Event, Options, ServeError, serve};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::course::Course;

/// Far more than anything here takes; it ends a test that would hang.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// What may be sent beside the request line and the host.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

/// A server on a thread of its own; dropping it stops it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) door: Door,
    /// What the browser has that came in with a key.
    pub(crate) pass: Pass,
    events: Receiver<Event>,
    /// The files that were opened in the editor, with the line.
    opened: Receiver<(PathBuf, Option<u32>)>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

/// What a browser has that came in with a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pass {
    /// The name and the value.
    pub(crate) cookie: String,
    pub(crate) token: String,
}

impl Pass {
    /// What the live script sends.
    pub(crate) fn headers(&self) -> [(&str, &str); 2] {
        [("Cookie", &self.cookie), ("X-Course-Token", &self.token)]
    }
}

impl Server {
    /// A server for a course that can be changed.
    pub(crate) fn start(course: &Course, port: Option<u16>) -> Server {
        let (opened_sender, opened) = channel();
        let options = Options {
            source: course.source(),
            work_dir: course.work_dir(),
            port,
            pages: course.pages(),
            opener: Arc::new(move |path: &Path, line| {
                let _ = opened_sender.send((path.to_path_buf(), line));
                Ok(())
            }),
            on_event: Box::new(|_| {}),
        };
        Server::with(options, opened)
    }

    /// A server with these options, which need no `on_event`.
    pub(crate) fn with(mut options: Options, opened: Receiver<(PathBuf, Option<u32>)>) -> Server {
        let (event_sender, events) = channel();
        let (door_sender, doors) = channel();
        let (stop, stopped) = oneshot::channel();
        options.on_event = Box::new(move |event| {
            let _ = event_sender.send(event);
        });
        let thread = std::thread::spawn(move || {
            let ready = move |door| door_sender.send(door).unwrap();
            serve(options, ready, async {
                let _ = stopped.await;
            })
        });
        let door = doors.recv_timeout(PATIENCE).unwrap();
        let mut server = Server {
            address: door.address(),
            door,
            pass: Pass {
                cookie: String::new(),
                token: String::new(),
            },
            events,
            opened,
            stop: Some(stop),
            thread: Some(thread),
        };
        server.pass = server.enter().unwrap();
        server
    }

    /// Comes in with a new address, as a browser does.
    pub(crate) fn enter(&self) -> Option<Pass> {
        let url = self.door.open().unwrap();
        self.enter_by(&url)
    }

    /// Opens an address of the terminal. Nothing comes of one that was used.
    pub(crate) fn enter_by(&self, url: &str) -> Option<Pass> {
        let target = url
            .strip_prefix(&format!("http://{}", self.address))
            .unwrap();
        let (head, page) = self.request("GET", target, &[]);
        let (_, cookie) = head.split_once("set-cookie: ")?;
        let (_, token) = page.split_once("<meta name=\"course-token\" content=\"")?;
        Some(Pass {
            cookie: cookie.split(';').next()?.to_owned(),
            token: token.split('"').next()?.to_owned(),
        })
    }

    /// A server whose first build went well.
    pub(crate) fn of(course: &Course) -> Server {
        Server::start(course, Some(0)).built()
    }

    /// Waits for a build that goes well.
    pub(crate) fn built(self) -> Server {
        assert!(matches!(self.event(), Event::Built(_)));
        self
    }

    pub(crate) fn event(&self) -> Event {
        self.events.recv_timeout(PATIENCE).unwrap()
    }

    /// The file that was opened in the editor, with the line.
    pub(crate) fn opened(&self) -> (PathBuf, Option<u32>) {
        self.opened.recv_timeout(PATIENCE).unwrap()
    }

    /// Whether nothing was opened that nobody asked [`opened`](Self::opened) for.
    pub(crate) fn opened_nothing(&self) -> bool {
        self.opened.try_recv().is_err()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends a request as it is and returns the answer's head and body.
    pub(crate) fn raw(&self, request: &str) -> (String, String) {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    pub(crate) fn request(&self, method: &str, target: &str, headers: Headers) -> (String, String) {
        self.send(method, target, headers, "")
    }

    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        headers: Headers,
        body: &str,
    ) -> (String, String) {
        self.raw(&self.head(method, target, headers, body))
    }

    /// The text of a request that asks for the connection to be closed.
    pub(crate) fn head(&self, method: &str, target: &str, headers: Headers, body: &str) -> String {
        let host = self.address.to_string();
        let named = headers.iter().any(|(name, _)| *name == "Host");
        let host = (!named).then_some(("Host", host.as_str()));
        let mut text = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in host.iter().chain(headers) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        format!("{text}Connection: close\r\n\r\n{body}")
    }

    /// What a browser gets that came in.
    pub(crate) fn get(&self, target: &str) -> (String, String) {
        self.request("GET", target, &[("Cookie", &self.pass.cookie)])
    }

    /// What a browser gets that did not come in.
    pub(crate) fn get_as_guest(&self, target: &str) -> (String, String) {
        self.request("GET", target, &[])
    }

    /// What the live script reads, with the status of the answer.
    pub(crate) fn tell(&self, target: &str) -> (u16, Value) {
        let (head, body) = self.request("GET", target, &self.pass.headers());
        (status(&head), serde_json::from_str(&body).unwrap())
    }

    /// The text of a request as the live script sends it.
    pub(crate) fn post(&self, target: &str, body: &str) -> String {
        let [cookie, token] = self.pass.headers();
        let headers = [cookie, token, ("Content-Type", "application/json")];
        self.head("POST", target, &headers, body)
    }

    /// What the live script sends, with the status of the answer.
    pub(crate) fn act(&self, target: &str, body: &Value) -> (u16, Value) {
        let (head, body) = self.raw(&self.post(target, &body.to_string()));
        let value = serde_json::from_str(&body);
        (status(&head), value.unwrap_or(Value::Null))
    }

    /// Opens the stream of events that a page listens to. When this returns, the page is known.
    pub(crate) fn listen(&self, exercise: Option<&str>) -> Messages {
        let mut stream = self.connect();
        let (host, Pass { cookie, token }) = (self.address, &self.pass);
        let shown = exercise.map_or_else(String::new, |id| format!("&exercise={id}"));
        write!(
            stream,
            "GET /-/events?token={token}{shown} HTTP/1.1\r\nHost: {host}\r\n\
             Cookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let mut messages = Messages(BufReader::new(stream));
        assert_eq!(status(&messages.line()), 200);
        messages
    }

    pub(crate) fn stop(mut self) -> Result<(), ServeError> {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The messages of an event stream.
pub(crate) struct Messages(BufReader<TcpStream>);

impl Messages {
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
        line
    }

    /// The next message, whatever it is about.
    pub(crate) fn any(&mut self) -> (String, Value) {
        let mut event = String::new();
        // Comments keep the connection alive, and the time limit of a read with it.
        let since = Instant::now();
        loop {
            assert!(since.elapsed() < PATIENCE, "nothing more came");
            let line = self.line();
            if let Some(name) = line.trim_end().strip_prefix("event: ") {
                name.clone_into(&mut event);
            } else if let Some(data) = line.trim_end().strip_prefix("data: ") {
                return (event, serde_json::from_str(data).unwrap());
            }
        }
    }

    /// The next message of an event, others passed over.
    pub(crate) fn next(&mut self, wanted: &str) -> Value {
        loop {
            let (event, data) = self.any();
            if event == wanted {
                return data;
            }
        }
    }

    /// The next line of a check with this name, others passed over, with the number of the check.
    pub(crate) fn line_of_check(&mut self, wanted: &str) -> (u64, Value) {
        loop {
            let check = self.next("check");
            let (run, line) = (check["run"].as_u64().unwrap(), &check["line"]);
            let event = line["event"].as_str().unwrap();
            if event == wanted {
                return (run, line.clone());
            }
            assert_ne!(event, "failed", "{check:#}");
        }
    }

    pub(crate) fn has_ended(mut self) -> bool {
        self.0.read_to_end(&mut Vec::new()).is_ok()
    }
}

pub(crate) fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}
