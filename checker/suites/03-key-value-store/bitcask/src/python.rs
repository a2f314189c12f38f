//! The chapter's reader in Python, which needs nothing but the standard library.

use std::{
    path::Path,
    process::{Command, Stdio},
};
use suite_kit::Scenario;

/// The program, as the chapter prints it.
pub(crate) const READER: &str = r#"import pathlib, re, struct, sys, zlib

def records(data):
    at = 0
    while at < len(data):
        crc, time, key_len, value_len = struct.unpack_from("<IQII", data, at)
        key_end = at + 20 + key_len
        end = key_end + (0 if value_len == 0xFFFFFFFF else value_len)
        if end > len(data) or zlib.crc32(data[at + 4:end]) != crc:
            sys.exit(f"no valid record at offset {at}")
        value = None if value_len == 0xFFFFFFFF else data[key_end:end]
        yield time, data[at + 20:key_end], value
        at = end

newest = {}
for file in pathlib.Path(sys.argv[1]).iterdir():
    if re.fullmatch(r"\d{10,}\.(data|merged)", file.name):
        for time, key, value in records(file.read_bytes()):
            newest[key] = max(newest.get(key, (0, None)), (time, value))
for key, (_, value) in sorted(newest.items()):
    if value is not None:
        print(key, value)
"#;

/// What the reader prints for the store in a directory; `None` where there is no Python.
#[track_caller]
pub(crate) fn read(scenario: &Scenario, dir: &Path) -> Option<String> {
    let mut python = Command::new("python3");
    python.args(["-I", "-c", READER]).arg(dir);
    let output = python.stdin(Stdio::null()).output().ok()?;
    scenario.step(format!("the chapter's reader reads {}", dir.display()));
    scenario.expect(
        output.status.success(),
        "the reader succeeds",
        String::from_utf8_lossy(&output.stderr),
    );
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
