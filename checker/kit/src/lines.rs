//! A client that talks lines of text over TCP.

use crate::{Scenario, text, time::Patience};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
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
    /// with [`Patience`] of `limit`.
    #[track_caller]
    pub fn connect(
        scenario: &'s Scenario,
        name: impl Into<String>,
        address: SocketAddr,
        limit: Duration,
    ) -> Self {
        let name = name.into();
        scenario.step(format!("{name} connects"));
        let connected = connect(address, limit).and_then(|stream| {
            // Or small writes wait for an acknowledgement that is itself delayed.
            stream.set_nodelay(true)?;
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
            text::escaped(bytes)
        ));
        self.write(bytes);
    }

    /// The next line, without its end (`\n` or `\r\n`).
    #[track_caller]
    pub fn receive(&mut self) -> String {
        let patience = Patience::of(self.limit);
        loop {
            if let Some(at) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=at).collect();
                let line = line[..at].strip_suffix(b"\r").unwrap_or(&line[..at]);
                let line = String::from_utf8_lossy(line).into_owned();
                self.scenario
                    .step(format!("{} receives {line:?}", self.name));
                return line;
            }
            match self.read_more(&patience) {
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
        let patience = Patience::of(self.limit);
        while self.received.is_empty() {
            match self.read_more(&patience) {
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
        if let Err(error) = self.write_all(bytes) {
            self.scenario
                .fail(format_args!("{} can send", self.name), error);
        }
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let patience = Patience::of(self.limit);
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(patience.slice()))?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => bytes = &bytes[length..],
                Err(error) => wait_on(error, &patience, "nobody reads")?,
            }
        }
        Ok(())
    }

    fn read_more(&mut self, patience: &Patience) -> io::Result<usize> {
        let mut buffer = [0; 4096];
        loop {
            self.stream.set_read_timeout(Some(patience.slice()))?;
            match self.stream.read(&mut buffer) {
                Ok(length) => {
                    self.received.extend_from_slice(&buffer[..length]);
                    return Ok(length);
                }
                Err(error) => wait_on(error, patience, "nothing came")?,
            }
        }
    }

    #[track_caller]
    fn fail_to_receive(&self, expected: &str, instead: &str) -> ! {
        self.scenario.fail(
            format_args!("{} receives {expected} within {:?}", self.name, self.limit),
            format_args!(
                "{instead}; received before: \"{}\"",
                text::escaped(&self.received)
            ),
        )
    }
}

fn connect(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let patience = Patience::of(limit);
    loop {
        // Longer than a slice: what is given up here is begun anew.
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => return Ok(stream),
            Err(error) => wait_on(error, &patience, "it does not")?,
        }
    }
}

/// Nothing, if the error only says that a slice of the patience is over; `what` is said when all
/// of it is.
fn wait_on(error: io::Error, patience: &Patience, what: &str) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut if patience.is_over() => {
            Err(io::Error::new(io::ErrorKind::TimedOut, what))
        }
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Ok(()),
        _ => Err(error),
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
