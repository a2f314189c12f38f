//! A client that talks lines of text over TCP.

use crate::{Scenario, time};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// A connection whose every wait has a deadline, and whose lines become steps of a scenario.
#[derive(Debug)]
pub struct LineClient<'s> {
    scenario: &'s Scenario,
    name: String,
    limit: Duration,
    stream: TcpStream,
    received: Vec<u8>,
}

impl<'s> LineClient<'s> {
    /// Connects; `name` stands for this client in the steps. Every later wait of this client ends
    /// at [`deadline`](time::deadline)`(limit)`.
    #[track_caller]
    pub fn connect(
        scenario: &'s Scenario,
        name: impl Into<String>,
        address: SocketAddr,
        limit: Duration,
    ) -> Self {
        let name = name.into();
        scenario.step(format!("{name} connects"));
        let connected =
            TcpStream::connect_timeout(&address, time::deadline(limit)).and_then(|stream| {
                // Or small writes wait for an acknowledgement that is itself delayed.
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(time::deadline(limit)))?;
                Ok(stream)
            });
        match connected {
            Ok(stream) => Self {
                scenario,
                name,
                limit,
                stream,
                received: Vec::new(),
            },
            Err(error) => scenario.fail("the server accepts a connection", error),
        }
    }

    /// Sends `line` and a line end.
    #[track_caller]
    pub fn send(&mut self, line: &str) {
        self.scenario.step(format!("{} sends {line:?}", self.name));
        self.write(format!("{line}\n").as_bytes());
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.scenario.step(format!(
            "{} sends the bytes \"{}\"",
            self.name,
            bytes.escape_ascii()
        ));
        self.write(bytes);
    }

    /// The next line, without its end (`\n` or `\r\n`).
    #[track_caller]
    pub fn receive(&mut self) -> String {
        let end = Instant::now() + time::deadline(self.limit);
        loop {
            if let Some(at) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=at).collect();
                let line = line[..at].strip_suffix(b"\r").unwrap_or(&line[..at]);
                let line = String::from_utf8_lossy(line).into_owned();
                self.scenario
                    .step(format!("{} receives {line:?}", self.name));
                return line;
            }
            match self.read_more(end) {
                Ok(1..) => {}
                Ok(0) => self.fail_to_receive("a line", "the connection was closed"),
                Err(error) => self.fail_to_receive("a line", &error.to_string()),
            }
        }
    }

    /// Fails unless the next line is this one.
    #[track_caller]
    pub fn expect(&mut self, line: &str) {
        let received = self.receive();
        self.scenario.expect_eq(
            format_args!("the line that {} receives", self.name),
            received,
            line,
        );
    }

    /// Fails unless the server closes the connection without sending anything more.
    #[track_caller]
    pub fn expect_closed(&mut self) {
        let end = Instant::now() + time::deadline(self.limit);
        while self.received.is_empty() {
            match self.read_more(end) {
                Ok(1..) => {}
                Ok(0) => return,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return,
                Err(error) => {
                    self.fail_to_receive("the end of the connection", &error.to_string());
                }
            }
        }
        self.fail_to_receive("the end of the connection", "more bytes");
    }

    /// Closes the connection.
    pub fn close(self) {
        self.scenario
            .step(format!("{} closes its connection", self.name));
    }

    #[track_caller]
    fn write(&mut self, bytes: &[u8]) {
        if let Err(error) = self.stream.write_all(bytes) {
            self.scenario
                .fail(format_args!("{} can send", self.name), error);
        }
    }

    fn read_more(&mut self, end: Instant) -> io::Result<usize> {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came"));
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(length) => {
                self.received.extend_from_slice(&buffer[..length]);
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.read_more(end),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came"))
            }
            Err(error) => Err(error),
        }
    }

    #[track_caller]
    fn fail_to_receive(&self, expected: &str, instead: &str) -> ! {
        self.scenario.fail(
            format_args!("{} receives {expected} within {:?}", self.name, self.limit),
            format_args!(
                "{instead}; received before: \"{}\"",
                self.received.escape_ascii()
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{panics::catch, threads::background};
    use std::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(30);

    /// A server that reads 5 bytes, answers with `reply` and hangs up.
    fn server(reply: &'static [u8]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(background(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 5]).unwrap();
            stream.write_all(reply).unwrap();
        }));
        address
    }

    #[test]
    fn lines_are_sent_and_received() {
        let scenario = Scenario::new();
        let mut client = LineClient::connect(&scenario, "ann", server(b"one\r\ntwo\n"), LIMIT);
        client.send("ping");
        client.expect("one");
        assert_eq!(client.receive(), "two");
        client.expect_closed();
        client.close();
    }

    #[test]
    fn an_early_end_is_a_failure_with_what_came_before() {
        let scenario = Scenario::new();
        let mut client = LineClient::connect(&scenario, "ann", server(b"half"), LIMIT);
        client.send_bytes(b"ping\n");
        let caught = catch(|| client.receive()).unwrap_err();
        assert!(
            caught.message.contains("closed; received before: \"half\""),
            "{}",
            caught.message
        );
        assert!(
            caught.message.contains(r#"ann sends the bytes "ping\n""#),
            "{}",
            caught.message
        );
    }

    #[test]
    fn silence_is_a_failure_at_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scenario = Scenario::new();
        let mut client = LineClient::connect(&scenario, "ann", address, Duration::from_millis(100));
        let caught = catch(|| client.receive()).unwrap_err();
        assert!(
            caught.message.contains("nothing came"),
            "{}",
            caught.message
        );
        let caught = catch(|| client.expect_closed()).unwrap_err();
        assert!(
            caught.message.contains("the end of the connection"),
            "{}",
            caught.message
        );
    }
}
