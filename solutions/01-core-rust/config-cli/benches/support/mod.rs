//! The configuration that all implementations read.

use std::fmt::Write as _;

/// The prefix of [`VARIABLES`].
pub(crate) const PREFIX: &str = "BENCH";

/// A base file: `services` tables of a service each, and a table of the server.
pub(crate) fn base(services: usize) -> String {
    let mut text = String::from(
        "title = \"bench\"\n\n[server]\nhost = \"0.0.0.0\"\nport = 8080\ntimeout = 2.5\ntags = [\"a\", \"b\", \"c\"]\n",
    );
    for service in 0..services {
        let port = 9000 + service;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[services.s{service}]\nhost = \"s{service}.example.com\"\nport = {port}\nweight = 0.5\nactive = true\nzones = [\"north\", \"south\"]\n"
        );
    }
    text
}

/// A file that changes a few values of the base.
pub(crate) const LOCAL: &str = "[server]\nport = 8081\n\n[services.s1]\nactive = false\n";

/// Variables that change a few more. The names suit all implementations.
pub(crate) const VARIABLES: [(&str, &str); 2] = [
    ("BENCH__SERVER__HOST", "127.0.0.1"),
    ("BENCH__SERVER__ZONE", "north"),
];
