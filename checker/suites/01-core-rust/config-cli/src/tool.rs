//! The tool, run inside of the test with everything handed in.

use config_cli::{Exit, Output, run};
use std::{
    ffi::OsString,
    fs,
    io::{Cursor, Read},
    path::PathBuf,
};
use suite_kit::{Scenario, temp::TempDir, text::escaped};

/// A folder with files, an environment, and a standard input.
pub(crate) struct Tool {
    pub(crate) scenario: Scenario,
    dir: TempDir,
    env: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
}

impl Tool {
    pub(crate) fn new() -> Self {
        Self {
            scenario: Scenario::new(),
            dir: TempDir::new(),
            env: Vec::new(),
            stdin: Vec::new(),
        }
    }

    /// With these files in the folder.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let tool = Self::new();
        for (name, text) in files {
            tool.file(name, text);
        }
        tool
    }

    /// With this variable in the environment.
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.scenario.step(format!(
            "the environment has {}={}",
            name.display(),
            value.display()
        ));
        self.env.push((name, value));
        self
    }

    /// With this standard input.
    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        let shown = escaped(&self.stdin);
        self.scenario
            .step(format!("the standard input holds \"{shown}\""));
        self
    }

    /// Writes a file into the folder.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        let shown = match text.len() {
            0..=400 => format!("\"{}\"", escaped(text)),
            length => format!("{length} bytes"),
        };
        self.scenario.step(format!("{name} holds {shown}"));
        fs::write(self.path(name), text).unwrap();
    }

    /// Where a file of the folder is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What a file of the folder holds.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        match fs::read(self.path(name)) {
            Ok(text) => text,
            Err(error) => self
                .scenario
                .fail(format_args!("{name} can be read"), error),
        }
    }

    /// The names of the files in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Fails unless a file of the folder holds exactly this.
    #[track_caller]
    pub(crate) fn expect_file(&self, name: &str, text: impl AsRef<[u8]>) {
        self.scenario.expect_bytes(
            format_args!("what {name} holds"),
            &self.read(name),
            text.as_ref(),
        );
    }

    /// Runs `conf` with the words of a line. A word that begins with `./` is a file of the
    /// folder.
    pub(crate) fn conf(&self, line: &str) -> Ended<'_> {
        self.conf_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs `conf` with these arguments. One that begins with `./` is a file of the folder.
    pub(crate) fn conf_words(&self, words: &[&str]) -> Ended<'_> {
        self.scenario.step(format!("conf {}", words.join(" ")));
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = self.conf_to(
            words,
            &mut Cursor::new(&self.stdin),
            &mut stdout,
            &mut stderr,
        );
        Ended {
            scenario: &self.scenario,
            exit,
            stdout: self.shown(&stdout),
            stderr: self.shown(&stderr),
        }
    }

    /// Runs `conf` with streams of the caller's.
    pub(crate) fn conf_to(
        &self,
        words: &[&str],
        stdin: &mut dyn Read,
        stdout: &mut dyn Output,
        stderr: &mut dyn Output,
    ) -> Exit {
        let words = words.iter().map(|word| match word.strip_prefix("./") {
            Some(name) => self.path(name).into_os_string(),
            None => OsString::from(word),
        });
        self.conf_raw(words, stdin, stdout, stderr)
    }

    /// Runs `conf` with arguments that need not be Unicode.
    pub(crate) fn conf_raw(
        &self,
        words: impl IntoIterator<Item = OsString>,
        stdin: &mut dyn Read,
        stdout: &mut dyn Output,
        stderr: &mut dyn Output,
    ) -> Exit {
        let args = std::iter::once(OsString::from("conf")).chain(words);
        run(args, self.env.iter().cloned(), stdin, stdout, stderr)
    }

    /// What was written, with the names of files as they are in the folder.
    fn shown(&self, bytes: &[u8]) -> String {
        let folder = self.dir.path().join("");
        String::from_utf8_lossy(bytes).replace(&*folder.to_string_lossy(), "")
    }
}

/// How a run of `conf` ended, and what it wrote.
pub(crate) struct Ended<'t> {
    scenario: &'t Scenario,
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended<'_> {
    /// Fails unless all went well and the output is this.
    #[track_caller]
    pub(crate) fn expect_output(&self, output: &str) {
        self.expect_exit(Exit::Success);
        self.scenario
            .expect_eq("the output", self.stdout.as_str(), output);
        self.scenario
            .expect_eq("the error stream", self.stderr.as_str(), "");
    }

    /// Fails unless all went well and the output is this and a line break.
    #[track_caller]
    pub(crate) fn expect_line(&self, line: &str) {
        self.expect_output(&format!("{line}\n"));
    }

    /// Fails unless the key was not found, which one line on the error stream says.
    #[track_caller]
    pub(crate) fn expect_missing(&self, key: &str) {
        self.expect_exit(Exit::Missing);
        self.expect_no_output();
        self.expect_lines(&[&format!("conf: {key}: ")]);
    }

    /// Fails unless the run failed, with something on the error stream and nothing on the output.
    #[track_caller]
    pub(crate) fn expect_failure(&self) {
        self.expect_exit(Exit::Failure);
        self.expect_no_output();
        self.scenario.expect(
            !self.stderr.trim().is_empty(),
            "the error stream says what is wrong",
            "it is empty",
        );
    }

    /// Fails unless the run failed, with lines on the error stream that begin like this.
    #[track_caller]
    pub(crate) fn expect_errors(&self, beginnings: &[&str]) {
        self.expect_failure();
        self.expect_lines(beginnings);
    }

    /// Fails if a text is found in anything that was written.
    #[track_caller]
    pub(crate) fn expect_nowhere(&self, text: &str) {
        for (stream, written) in [("output", &self.stdout), ("error stream", &self.stderr)] {
            self.scenario.expect(
                !written.contains(text),
                format_args!("{text:?} is nowhere on the {stream}"),
                format_args!("{written:?}"),
            );
        }
    }

    #[track_caller]
    fn expect_exit(&self, exit: Exit) {
        self.scenario.expect(
            self.exit == exit,
            format_args!("{exit:?}"),
            format_args!(
                "{:?}; output: {:?}; error stream: {:?}",
                self.exit, self.stdout, self.stderr
            ),
        );
    }

    #[track_caller]
    fn expect_no_output(&self) {
        self.scenario
            .expect_eq("the output", self.stdout.as_str(), "");
    }

    #[track_caller]
    fn expect_lines(&self, beginnings: &[&str]) {
        let lines: Vec<&str> = self.stderr.lines().collect();
        let agree = lines.len() == beginnings.len()
            && lines
                .iter()
                .zip(beginnings)
                .all(|(line, beginning)| line.starts_with(beginning));
        self.scenario.expect(
            agree,
            format_args!("lines on the error stream that begin with {beginnings:?}"),
            format_args!("{lines:?}"),
        );
    }
}
