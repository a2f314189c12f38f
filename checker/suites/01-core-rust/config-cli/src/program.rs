//! The program `conf`, started as a user starts it.

use crate::tool::Tool;
use std::process::{Command, Output, Stdio};
use suite_kit::environment;

impl Tool {
    /// The program `conf` in the folder, with the words of a line as its arguments, no standard
    /// input, and an empty environment.
    pub(crate) fn program(&self, line: &str) -> Command {
        self.scenario.step(format!("the program conf {line}"));
        self.prepared(Command::new(path()), line)
    }

    /// The same by way of a shell, which first does what `before` says.
    #[cfg(unix)]
    pub(crate) fn program_after(&self, before: &str, line: &str) -> Command {
        self.scenario
            .step(format!("in a shell: {before}; exec conf {line}"));
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("{before}; exec \"$0\" \"$@\""));
        shell.arg(path());
        self.prepared(shell, line)
    }

    fn prepared(&self, mut command: Command, line: &str) -> Command {
        command
            .args(line.split_whitespace())
            .current_dir(self.path(""))
            .stdin(Stdio::null());
        environment::clear(&mut command);
        command
    }

    /// What a program has written once it has ended.
    #[track_caller]
    pub(crate) fn output_of(&self, command: &mut Command) -> Output {
        match command.output() {
            Ok(output) => output,
            Err(error) => self.scenario.fail("the program starts", error),
        }
    }

    /// Fails unless a program ended with this code, this output, and nothing on the error stream.
    #[track_caller]
    pub(crate) fn expect_program(&self, command: &mut Command, code: i32, output: &str) {
        let ended = self.output_of(command);
        let errors = String::from_utf8_lossy(&ended.stderr);
        self.scenario.expect(
            ended.status.code() == Some(code) && errors.is_empty(),
            format_args!("exit code {code}, and an empty error stream"),
            format_args!("{}, {errors:?}", ended.status),
        );
        self.scenario
            .expect_eq("the output", String::from_utf8_lossy(&ended.stdout), output);
    }
}

/// Where cargo has put the program: the learner's, or the reference's beside this suite.
fn path() -> &'static str {
    option_env!("CARGO_BIN_EXE_conf")
        .or(option_env!("CARGO_BIN_EXE_config-cli-suite-conf"))
        .expect("cargo says where the program is")
}
