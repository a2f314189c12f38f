//! `kv check`: what is damaged, and what can be saved.

use super::Failure;
use bitcask::{
    Bitcask, Error, Options, Sync,
    check::{FileReport, Report, examine},
    fs::Disk,
};
use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};

/// Prints what is wrong with the store in `dir`, and saves what can be read.
pub(super) fn check(
    dir: &Path,
    salvage: Option<&Path>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if let Some(to) = salvage {
        check_empty(to)?;
    }
    let report = examine(&Disk, dir)?;
    for file in &report.files {
        tell(file, out)?;
    }
    let keys = report.readable_keys();
    let one = if keys == 1 { "key" } else { "keys" };
    writeln!(out, "{keys} {one} can be read").map_err(Failure::Output)?;
    if let Some(to) = salvage {
        save(&report, to)?;
        writeln!(out, "{keys} {one} saved to {}", to.display()).map_err(Failure::Output)?;
    }
    out.flush().map_err(Failure::Output)?;
    if report.is_sound() {
        Ok(())
    } else {
        Err(Failure::Damaged)
    }
}

fn tell(file: &FileReport, out: &mut dyn Write) -> Result<(), Failure> {
    let path = file.path.display();
    let state = if file.faults.is_empty() {
        "sound"
    } else {
        "DAMAGED"
    };
    let (records, len) = (file.records, file.len);
    writeln!(
        out,
        "{path}: {state}, {records} valid records in {len} bytes"
    )
    .map_err(Failure::Output)?;
    for fault in &file.faults {
        let (offset, reason, then) = (fault.offset, &fault.reason, fault.then);
        writeln!(out, "  at offset {offset}: {reason}; {then}").map_err(Failure::Output)?;
    }
    if let Some(reason) = &file.useless_hint {
        writeln!(out, "  its hint is not used, and nothing is lost: {reason}")
            .map_err(Failure::Output)?;
    }
    Ok(())
}

/// Fails unless `dir` is missing or empty.
fn check_empty(dir: &Path) -> Result<(), Failure> {
    let io_error = |source| Error::Io {
        path: dir.into(),
        source,
    };
    match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io_error(error).into()),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::NotEmpty {
                dir: dir.display().to_string(),
            }),
        },
    }
}

/// Writes what can be read to a new store, which is durable at the end.
fn save(report: &Report, to: &Path) -> Result<(), Failure> {
    let options = Options {
        sync: Sync::Never,
        ..Options::default()
    };
    let saved = Bitcask::open(to, options)?;
    report.each(&Disk, |key, value| saved.put(key, value))?;
    saved.close()?;
    Ok(())
}
