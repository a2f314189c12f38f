//! The tool: phases 1 to 6.

use std::ffi::OsString;
use std::io::Read;

use crate::output::{Exit, Output};

/// Runs the tool `conf`, with everything handed in: the arguments, of which the first one is the
/// name of the program, the environment, and the streams. The process's own are never touched.
/// Files are those of the file system.
///
/// ```text
/// conf get     [LAYERS] [FILE]... KEY [--reveal]             phase 1, layers from phase 2 on
/// conf check   [LAYERS] [FILE]...                            phase 4
/// conf explain [LAYERS] [FILE]... KEY                        phase 5
/// conf dump    [LAYERS] [FILE]... [--to toml|json] [--reveal]
///                                                            phase 5
/// conf set     FILE KEY VALUE [--type KIND] [--schema FILE] [--format FORMAT]
///                                                            phase 6
/// conf completions bash|elvish|fish|powershell|zsh           phase 6
/// ```
///
/// LAYERS are
///
/// ```text
/// --env PREFIX         take variables that begin with PREFIX__         phase 3
/// --set KEY=VALUE      set a key; may be repeated                      phase 3
/// --schema FILE        check by a schema, of the extension's format    phase 3
/// --format toml|json   the format of every FILE, whatever its name     phase 1
/// ```
///
/// Options may stand before, between and after the other arguments; `--` ends them. The value of
/// an option is the next argument, or follows a `=`: `--format=json`. `--help`,
/// also after a command, and `--version` write to the output and succeed.
///
/// # Layers
///
/// The layers are those of [`Builder`](crate::Builder): FILEs, of which later ones win, then the
/// environment, then `--set`. Without `--schema` there is no schema. There has to be at least
/// one FILE or `--env` or `--set` or `--schema`. A FILE `-` is the standard input, whose name in
/// origins is `<stdin>`; it needs `--format` and can be given once. (A file of this name is
/// `./-`.) FILE need not be Unicode; all other arguments do.
///
/// `--set` splits its argument at the first `=` that is not between quotes of the key.
///
/// # Output
///
/// `get` writes the value and a line break: a string as it is, an integer in decimal, a float so
/// that it reads as the same float and is no integer (`1.0`, `1e100`, `nan`, `inf`, `-inf`), a
/// boolean as `true` or `false`, `null`, a datetime as TOML writes it with `T` between date and
/// time. A table or an array is written in *notation*. A secret is written as `[redacted]`,
/// unless `--reveal` is given. A table or array that holds secrets has the string
/// `"[redacted]"` in their place.
///
/// Notation is JSON without white space and with the names of a table in ascending order of
/// their characters. Datetimes are strings. `nan`, `inf` and `-inf` stand as they are. In
/// strings only `"`, `\` and control characters below U+0020 are escaped: `\b`, `\t`, `\n`,
/// `\f`, `\r`, and `\uXXXX` with lower-case digits for the others.
///
/// `explain` writes, for each [`Explanation`](crate::Explanation), its values in notation (also
/// strings, so with quotes; a secret as `[redacted]` without quotes), a line for each value that
/// is shadowed, and no blank lines:
///
/// ```text
/// server.port = 9090
///   from env APP__SERVER__PORT
///   shadows local.toml:3:8 = 8081
///   shadows base.toml:3:8 = 8080
/// ```
///
/// `dump` writes the text of [`Config::dump`](crate::Config::dump), or with `--reveal` that of
/// [`Config::dump_revealed`](crate::Config::dump_revealed); in TOML without `--to`.
///
/// `check` writes nothing if all is well.
///
/// `completions` writes a script for the shell.
///
/// # Diagnostics
///
/// Everything that is wrong goes to the error stream, and then nothing has been written to the
/// output. Each [`Error`](crate::Error) is one line: its display if it has an origin, and
/// otherwise `conf: ` and its display. What is wrong with the command line itself may take
/// several lines and any form. About that of `set`, it does not quote what may be VALUE.
///
/// Diagnostics and help have colors if `--color always` is given, or if their stream
/// [is a terminal](Output::is_terminal), `--color never` is not given, and the environment has
/// neither `NO_COLOR` with a value that is not empty nor `TERM` with the value `dumb`. Without
/// colors there is no escape character in what `conf` adds of its own.
///
/// # Exit
///
/// - [`Exit::Success`] (0): all went well.
/// - [`Exit::Missing`] (1): `get` or `explain` found nothing under KEY; all else was well.
/// - [`Exit::Failure`] (2): anything else: no or wrong arguments, a KEY that is no key, a FILE
///   that is not there or not right, a value that the schema refuses, a write that failed.
///
/// If the reader of the output has closed it ([`BrokenPipe`](std::io::ErrorKind::BrokenPipe)),
/// that is no error: `run` stops, says nothing and succeeds. The output is flushed. Failures to
/// write to the error stream are ignored.
///
/// # Set
///
/// `set` changes one value in a file, and writes nothing if all goes well. The file is replaced
/// as by [`replace_file`](crate::replace_file).
///
/// VALUE is text that is read as a [`Kind`](crate::Kind): that of `--type` (the kind in lower
/// case), or else the one that the schema gives KEY, or else that of the value that it replaces,
/// or else `string`. Text that does not read as the kind is an error. With a schema, an unknown
/// KEY and a value that is not allowed are errors too. Digits after a minus sign, with a fraction
/// or without, may stand as they are; any other VALUE that begins with `-` has to follow `--`,
/// also `-inf` (one with an exponent may or may not). Errors about VALUE have the origin
/// `--set KEY`.
///
/// Tables that are missing on the way to KEY are made. An index has to lead to an element that
/// is there. [`Error::CannotSet`](crate::Error::CannotSet) is reported, with the place in the
/// file of what is in the way, if KEY leads through a value that is neither a table nor an array
/// where it needs one, if an index leads to no element, and if KEY is a table already, or an
/// array of tables that are written with headers: these are never replaced. FILE has to be
/// there, a regular file with a text that is right, and cannot be `-`.
///
/// In a TOML file everything but the value stays as it is: comments, order, white space, line
/// ends, a byte order mark. A comment behind the value stays too. A key that is new gets a line
/// of its own, or a place in its inline table, and changes no other line. New lines end in CR LF
/// if all others do, and in LF if all others do. There is a place for a new key however the
/// tables of the file are written. In a JSON file the
/// order of the names and all other values stay; white space is yours. In both, loading the file
/// afterwards gives what was there before with KEY set to VALUE.
///
/// There is no lock. Of several `set` at the same moment each succeeds and leaves a whole file,
/// with its own change; that of another may be lost.
pub fn run<A, E>(
    args: A,
    env: E,
    stdin: &mut dyn Read,
    stdout: &mut dyn Output,
    stderr: &mut dyn Output,
) -> Exit
where
    A: IntoIterator<Item = OsString>,
    E: IntoIterator<Item = (OsString, OsString)>,
{
    _ = (args.into_iter(), env.into_iter(), stdin, stdout, stderr);
    todo!("phase 1: get a value from a file")
}
