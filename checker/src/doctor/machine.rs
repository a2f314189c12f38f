//! What a machine has beside programs: a folder to write, room on the disk, a network, a terminal.

use std::io::{self, IsTerminal};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use super::{Row, Status};
use crate::report::terminal::{Look, glyphs};
use crate::workspace::{Kind, Workspace};

/// Free space below which a build may fail: what the checker builds for a few exercises, with
/// room for a toolchain's temporary files.
#[cfg(unix)]
const NEEDED_BYTES: u64 = 2 << 30;

pub(super) fn rows(workspace: Option<&Workspace>, here: &Path) -> Vec<Row> {
    let root = workspace.map_or(here, Workspace::root);
    let mut rows = vec![course(workspace, here)];
    if let Some(workspace) = workspace {
        rows.push(writable(workspace.root()));
    }
    #[cfg(unix)]
    rows.extend(disk(root));
    #[cfg(not(unix))]
    let _ = root;
    rows.push(temporary(&std::env::temp_dir()));
    rows.push(loopback(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))));
    rows.push(terminal());
    rows
}

fn course(workspace: Option<&Workspace>, here: &Path) -> Row {
    match workspace {
        Some(workspace) => {
            let kind = match workspace.kind() {
                Kind::Checkout => "a checkout",
                Kind::Learner => "a learner's folder",
            };
            Row::ok("course", format!("{}, {kind}", workspace.root().display()))
        }
        None => {
            let found = format!("none at {} or above it", here.display());
            Row::lacking("course", Some(found), Status::Optional, "checker init DIR")
        }
    }
}

/// Whether a file can be made in a folder.
fn writable(root: &Path) -> Row {
    let name = "writable";
    match tempfile::NamedTempFile::with_prefix_in(".doctor-", root) {
        Ok(_) => Row::ok(name, "yes"),
        Err(error) => {
            let advice = if cfg!(windows) {
                format!(
                    "icacls \"{}\" /grant \"%USERNAME%\":(OI)(CI)M",
                    root.display()
                )
            } else {
                format!("sudo chown -R \"$(id -un)\" '{}'", root.display())
            };
            Row::lacking(name, Some(error.to_string()), Status::Missing, advice)
        }
    }
}

/// Whether a file can be made where the compiler and the tests make theirs.
fn temporary(folder: &Path) -> Row {
    let name = "temporary files";
    match tempfile::tempdir_in(folder) {
        Ok(_) => Row::ok(name, folder.display().to_string()),
        Err(error) => {
            let found = format!("{}: {error}", folder.display());
            let advice = "set TMPDIR (TMP on Windows) to a folder that exists";
            Row::lacking(name, Some(found), Status::Missing, advice)
        }
    }
}

/// The free space on the disk of a folder; nothing if the system does not tell.
#[cfg(unix)]
fn disk(folder: &Path) -> Option<Row> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(space(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(unix)]
fn space(free: u64) -> Row {
    let name = "disk";
    let tenths = free / ((1 << 30) / 10);
    let found = format!("{}.{} GiB free", tenths / 10, tenths % 10);
    if free < NEEDED_BYTES {
        let advice = format!(
            "free {} GiB, for example with cargo clean",
            NEEDED_BYTES >> 30
        );
        Row::lacking(name, Some(found), Status::Missing, advice)
    } else {
        Row::ok(name, found)
    }
}

/// Servers of the exercises, and the book's, listen on this machine only.
fn loopback(bound: io::Result<TcpListener>) -> Row {
    let name = "loopback";
    let address = bound.and_then(|listener| listener.local_addr());
    match address {
        Ok(address) => Row::ok(name, format!("{} can be listened on", address.ip())),
        Err(error) => Row::lacking(
            name,
            Some(error.to_string()),
            Status::Missing,
            "let programs listen on 127.0.0.1: look at the firewall or the sandbox",
        ),
    }
}

fn terminal() -> Row {
    let look = Look::for_stdout();
    if io::stdout().is_terminal() {
        let marks = if look.glyphs == glyphs::ASCII {
            "ASCII"
        } else {
            "Unicode"
        };
        Row::ok("terminal", format!("{marks} marks"))
    } else {
        Row::lacking(
            "terminal",
            Some("the output is no terminal".to_owned()),
            Status::Optional,
            "run checker watch in a terminal",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_not_writable() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(writable(dir.path()).status, Status::Ok);
        let row = writable(&dir.path().join("missing"));
        assert_eq!(row.status, Status::Missing);
        assert!(row.advice.unwrap().contains("missing"));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_missing_folder_for_temporary_files_is_told_with_its_variable() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(temporary(dir.path()).status, Status::Ok);
        let row = temporary(&dir.path().join("missing"));
        assert_eq!(row.status, Status::Missing);
        assert!(row.found.unwrap().contains("missing"));
        assert!(row.advice.unwrap().contains("TMPDIR"));
    }

    #[cfg(unix)]
    #[test]
    fn a_disk_without_room_is_told() {
        let full = space(NEEDED_BYTES - 1);
        assert_eq!(full.status, Status::Missing);
        assert_eq!(full.found.as_deref(), Some("2.0 GiB free"));
        assert_eq!(space(NEEDED_BYTES).status, Status::Ok);
    }

    #[test]
    fn a_network_that_refuses_is_told() {
        let row = loopback(Err(io::ErrorKind::PermissionDenied.into()));
        assert_eq!(row.status, Status::Missing);
        assert!(row.advice.unwrap().contains("127.0.0.1"));
    }

    #[test]
    fn outside_of_a_course_the_way_to_one_is_told() {
        let row = course(None, Path::new("somewhere"));
        assert_eq!(row.status, Status::Optional);
        assert_eq!(row.advice.as_deref(), Some("checker init DIR"));
    }
}
