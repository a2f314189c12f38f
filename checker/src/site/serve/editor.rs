//! The learner's editor: found on this machine, and started so that it outlives the server.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

/// Opens a file at a line, from 1, in the learner's editor.
pub type Opener = Arc<dyn Fn(&Path, Option<u32>) -> Result<(), NoEditor> + Send + Sync>;

/// No editor could be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("No editor was found. Set `VISUAL` to the name of yours, and start the server again.")]
pub struct NoEditor;

/// How an editor is told which line to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `--goto file:line`
    Goto,
    /// `file:line`
    Colon,
    /// `--line 12 file`
    Line,
    /// `+12 file`
    Plus,
}

/// The editors that have a window of their own. Those further up are looked for first.
const EDITORS: [(&str, Form); 18] = [
    ("code", Form::Goto),
    ("codium", Form::Goto),
    ("code-insiders", Form::Goto),
    ("cursor", Form::Goto),
    ("windsurf", Form::Goto),
    ("zed", Form::Colon),
    ("zeditor", Form::Colon),
    ("rustrover", Form::Line),
    ("clion", Form::Line),
    ("idea", Form::Line),
    ("subl", Form::Colon),
    ("kate", Form::Line),
    ("mate", Form::Line),
    ("gvim", Form::Plus),
    ("mvim", Form::Plus),
    ("gedit", Form::Plus),
    ("gnome-text-editor", Form::Plus),
    ("notepad++", Form::Plus),
];

/// The editor of this machine's user: what `VISUAL` or `EDITOR` name if it has a window, otherwise
/// the first that is found, otherwise what the system opens such files with.
#[must_use]
pub fn opener() -> Opener {
    Arc::new(|path, line| {
        let editor = chosen(&|name| env::var_os(name));
        let command = editor.map(|editor| editor.command(path, line));
        let commands = command.into_iter().chain(open::commands(path));
        launch(commands).then_some(()).ok_or(NoEditor)
    })
}

/// Starts the first of these programs that can be started, so that it outlives the checker.
pub fn launch(commands: impl IntoIterator<Item = Command>) -> bool {
    commands
        .into_iter()
        .any(|mut command| start(&mut command).is_ok())
}

fn start(command: &mut Command) -> io::Result<()> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn()?;
    // Its end is taken note of, so that the system can forget it.
    thread::Builder::new()
        .name("editor".to_owned())
        .spawn(move || child.wait())?;
    Ok(())
}

/// An editor on this machine.
#[derive(Debug, PartialEq, Eq)]
struct Editor {
    program: PathBuf,
    form: Form,
}

impl Editor {
    fn command(&self, path: &Path, line: Option<u32>) -> Command {
        let mut command = Command::new(&self.program);
        let at_line = |line: u32| {
            let mut place = path.as_os_str().to_owned();
            place.push(format!(":{line}"));
            place
        };
        match (self.form, line) {
            (Form::Goto, Some(line)) => command.arg("--goto").arg(at_line(line)),
            (Form::Colon, Some(line)) => command.arg(at_line(line)),
            (Form::Line, Some(line)) => command.arg("--line").arg(line.to_string()).arg(path),
            (Form::Plus, Some(line)) => command.arg(format!("+{line}")).arg(path),
            (_, None) => command.arg(path),
        };
        command
    }
}

fn chosen(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Editor> {
    let folders = variable("PATH").unwrap_or_default();
    let named = ["VISUAL", "EDITOR"].iter().filter_map(|name| {
        let value = variable(name)?.into_string().ok()?;
        // What comes behind the name asks the editor to wait, or to be used in a terminal.
        let program = PathBuf::from(value.split_whitespace().next()?);
        let form = form(&program)?;
        let program = found(program.as_os_str(), &folders)?;
        Some(Editor { program, form })
    });
    let known = EDITORS.iter().filter_map(|(name, form)| {
        let program = found(OsStr::new(name), &folders)?;
        Some(Editor {
            program,
            form: *form,
        })
    });
    named.chain(known).next()
}

fn form(program: &Path) -> Option<Form> {
    let stem = program.file_stem()?.to_str()?;
    let mut known = EDITORS.iter();
    known.find(|(name, _)| *name == stem).map(|(_, form)| *form)
}

/// A program's path, if it is on this machine. On Windows, editors are often started by scripts.
fn found(name: &OsStr, folders: &OsStr) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) {
        &["", ".exe", ".cmd", ".bat"]
    } else {
        &[""]
    };
    env::split_paths(folders).find_map(|folder| {
        endings.iter().find_map(|ending| {
            let mut file = name.to_owned();
            file.push(ending);
            // A name that is a path of its own replaces the folder.
            let path = folder.join(file);
            path.is_file().then_some(path)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with programs of these names.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        dir
    }

    fn chosen_with(folder: &Path, variables: &[(&str, &str)]) -> Option<(String, Form)> {
        let variable = |name: &str| match name {
            "PATH" => Some(folder.as_os_str().to_owned()),
            name => {
                let mut named = variables.iter();
                let value = named.find(|(other, _)| *other == name)?.1;
                Some(OsString::from(value))
            }
        };
        let editor = chosen(&variable)?;
        let name = editor
            .program
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        Some((name, editor.form))
    }

    #[test]
    fn the_editor_that_the_learner_named_comes_first() {
        let dir = folder(&["code", "zed", "vim"]);
        let chosen = |variables| chosen_with(dir.path(), variables);
        let zed = Some(("zed".to_owned(), Form::Colon));
        assert_eq!(chosen(&[("VISUAL", "zed --wait")]), zed);
        assert_eq!(chosen(&[("EDITOR", "zed")]), zed);
    }

    #[test]
    fn an_editor_without_a_window_is_passed_over() {
        let dir = folder(&["code", "vim"]);
        let chosen = chosen_with(dir.path(), &[("VISUAL", "vim"), ("EDITOR", "nano")]);
        assert_eq!(chosen, Some(("code".to_owned(), Form::Goto)));
    }

    #[test]
    fn an_editor_that_is_not_there_is_not_chosen() {
        let dir = folder(&["vim"]);
        assert_eq!(chosen_with(dir.path(), &[("VISUAL", "code")]), None);
    }

    #[test]
    fn each_editor_is_told_the_line_in_its_own_way() {
        let told = |form, line| {
            let editor = Editor {
                program: PathBuf::from("editor"),
                form,
            };
            let command = editor.command(Path::new("/c/a b.rs"), line);
            let arguments = command.get_args().map(|part| part.to_string_lossy());
            arguments.collect::<Vec<_>>().join("|")
        };
        assert_eq!(told(Form::Goto, Some(12)), "--goto|/c/a b.rs:12");
        assert_eq!(told(Form::Colon, Some(12)), "/c/a b.rs:12");
        assert_eq!(told(Form::Line, Some(12)), "--line|12|/c/a b.rs");
        assert_eq!(told(Form::Plus, Some(12)), "+12|/c/a b.rs");
        assert_eq!(told(Form::Goto, None), "/c/a b.rs");
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_launched() {
        assert!(!launch([Command::new("no-such-program-anywhere")]));
    }
}
