//! A shell that sets limits before it becomes the program.
//!
//! Between fork and exec, only unsafe code could do this. The shell costs about a millisecond.

use std::io;
use std::process::Command;

use super::Exit;

/// Exit codes with which a shell says that it cannot execute a program.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

/// When the standard input ends, the parent is gone, and the whole group is killed. The watcher
/// holds no output, so that nobody waits for it.
const GUARD: &str = "exec 3<&0 </dev/null\n\
    { read -r _ <&3; kill -s KILL -- \"-$$\"; } >/dev/null 2>&1 &\n\
    exec 3<&-\n";

/// What the shell does before it becomes the program.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Preparation {
    /// Kill the group when the standard input ends, and give the program none.
    pub(super) guard: bool,
    /// Mebibytes of writable memory of each process.
    pub(super) memory_mib: Option<u64>,
    /// Mebibytes of one file.
    pub(super) file_mib: Option<u64>,
}

/// The command that does this and then becomes `command`.
pub(super) fn wrap(command: &Command, preparation: Preparation) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .arg("-c")
        .arg(script(preparation))
        .arg("sh")
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        shell.current_dir(dir);
    }
    shell
}

/// Why the shell could not become the program, if this is how it ended.
pub(super) fn start_failure(exit: Exit) -> Option<io::ErrorKind> {
    match exit {
        Exit::Code(NOT_FOUND) => Some(io::ErrorKind::NotFound),
        Exit::Code(NOT_EXECUTABLE) => Some(io::ErrorKind::PermissionDenied),
        _ => None,
    }
}

fn script(preparation: Preparation) -> String {
    let mut script = String::new();
    if preparation.guard {
        script.push_str(GUARD);
    }
    // A limit that the system does not know, or that is lower already, is left as it is.
    let mut limit = |option: &str, value: u64| {
        script.push_str(&format!("ulimit {option} {value} 2>/dev/null || :\n"));
    };
    limit("-c", 0);
    if let Some(mib) = preparation.memory_mib {
        limit("-d", mib.saturating_mul(1024));
    }
    if let Some(mib) = preparation.file_mib {
        // In blocks of 512 bytes.
        limit("-f", mib.saturating_mul(2048));
    }
    script.push_str("exec \"$@\"\n");
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_set_in_the_units_of_the_shell() {
        let script = script(Preparation {
            guard: false,
            memory_mib: Some(3),
            file_mib: Some(2),
        });
        assert!(script.contains("ulimit -d 3072 "), "{script}");
        assert!(script.contains("ulimit -f 4096 "), "{script}");
        assert!(script.ends_with("exec \"$@\"\n"), "{script}");
    }

    #[test]
    fn the_program_keeps_its_arguments_variables_and_directory() {
        let mut command = Command::new("program");
        command
            .args(["a b", "$c"])
            .env("SET", "1")
            .env_remove("GONE")
            .current_dir("/");
        let wrapped = wrap(&command, Preparation::default());
        let arguments: Vec<_> = wrapped.get_args().skip(2).collect();
        assert_eq!(arguments, ["sh", "program", "a b", "$c"]);
        let variables: Vec<_> = wrapped.get_envs().collect();
        assert_eq!(
            variables,
            [
                ("GONE".as_ref(), None),
                ("SET".as_ref(), Some("1".as_ref()))
            ]
        );
        assert_eq!(wrapped.get_current_dir(), command.get_current_dir());
    }
}
