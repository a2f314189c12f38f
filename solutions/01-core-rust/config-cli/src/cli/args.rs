//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use super::diagnostics::ColorChoice;
use crate::format::Format;
use crate::notation::Secrets;
use crate::schema::Kind;

const ABOUT: &str = "Read, merge, check, explain and change configuration files.";

const EXAMPLES: &str = "\
Examples:
  Print a value:
    conf get app.toml server.port
  Later files win over earlier ones, the environment over files, --set over all:
    conf get base.toml local.toml server.port --env APP --set server.port=9090
  Tell where a value comes from, and what it shadows:
    conf explain base.toml local.toml server.port --env APP
  Check files by a schema, and see all that is wrong at once:
    conf check base.toml local.toml --schema schema.toml
  Merge files and convert the result:
    conf dump base.toml local.json --to json
  Change a value and keep the comments:
    conf set app.toml server.port 9090

A KEY is names joined by dots, with indexes in brackets: servers[0].host
Quote names that hold other characters: 'rules.\"example.com\".allow'

Exit codes: 0 all is well, 1 the KEY is not there, 2 anything else is wrong";

/// The whole command line.
#[derive(Parser)]
#[command(name = "conf", version, about = ABOUT, after_help = EXAMPLES, term_width = 80)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,

    /// When to use colors; auto is on a terminal, and not if NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    color: ColorChoice,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print the value under a key
    Get(Get),
    /// Say all that is wrong with files
    Check(Check),
    /// Tell where a value comes from and what it shadows
    Explain(Explain),
    /// Print the whole configuration
    Dump(Dump),
    /// Change one value in a file and nothing else
    Set(Set),
    /// Print a script that completes commands in a shell
    #[command(
        after_help = "Example:\n  conf completions bash > ~/.local/share/bash-completion/completions/conf"
    )]
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// Where values come from.
#[derive(Args)]
pub(super) struct Layers {
    /// Take the variables that begin with PREFIX and two underscores: APP__SERVER__PORT
    #[arg(long, value_name = "PREFIX")]
    pub(super) env: Option<String>,

    /// Set a key above all else; may be repeated
    #[arg(long, value_name = "KEY=VALUE", allow_hyphen_values = true)]
    pub(super) set: Vec<String>,

    /// Check values by this schema, which also gives text its kind
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) schema: Option<PathBuf>,

    /// The format of every FILE, whatever its name
    #[arg(long, value_parser = format_parser())]
    pub(super) format: Option<Format>,
}

/// Whether secrets are shown.
#[derive(Args)]
pub(super) struct Reveal {
    /// Show secrets, which are printed as [redacted] otherwise
    #[arg(long)]
    reveal: bool,
}

impl Reveal {
    pub(super) fn secrets(&self) -> Secrets {
        if self.reveal {
            Secrets::Revealed
        } else {
            Secrets::Redacted
        }
    }
}

#[derive(Args)]
#[command(
    override_usage = "conf get [OPTIONS] [FILE]... <KEY>",
    after_help = "\
Strings are printed as they are, tables and arrays in JSON.

Examples:
  conf get app.toml server.port
  conf get app.toml 'servers[0].host'
  curl -s https://example.com/app.json | conf get --format json - server"
)]
pub(super) struct Get {
    /// Files, of which later ones win (- is the standard input), and then the key
    #[arg(required = true, value_name = "FILE... KEY", value_hint = ValueHint::FilePath)]
    pub(super) arguments: Vec<OsString>,

    #[command(flatten)]
    pub(super) layers: Layers,

    #[command(flatten)]
    pub(super) reveal: Reveal,
}

#[derive(Args)]
#[command(after_help = "\
A schema names every key that may be there:
  [keys]
  \"server.host\" = { type = \"string\", default = \"127.0.0.1\" }
  \"server.port\" = { type = \"integer\", min = 1, max = 65535 }
  \"database.password\" = { type = \"string\", required = true, secret = true }

Types are any, string, integer, float, boolean, datetime, array and table.
Strings may have `one_of`, arrays `items`.

Example:
  conf check base.toml local.toml --env APP --schema schema.toml")]
pub(super) struct Check {
    /// Files, of which later ones win; - is the standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) files: Vec<OsString>,

    #[command(flatten)]
    pub(super) layers: Layers,
}

#[derive(Args)]
#[command(
    override_usage = "conf explain [OPTIONS] [FILE]... <KEY>",
    after_help = "\
Example:
  $ conf explain base.toml local.toml server.port --env APP
  server.port = 9090
    from env APP__SERVER__PORT
    shadows local.toml:3:8 = 8081
    shadows base.toml:3:8 = 8080"
)]
pub(super) struct Explain {
    /// Files, of which later ones win (- is the standard input), and then the key
    #[arg(required = true, value_name = "FILE... KEY", value_hint = ValueHint::FilePath)]
    pub(super) arguments: Vec<OsString>,

    #[command(flatten)]
    pub(super) layers: Layers,
}

#[derive(Args)]
#[command(after_help = "Example:\n  conf dump base.toml local.toml --env APP --to json")]
pub(super) struct Dump {
    /// Files, of which later ones win; - is the standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) files: Vec<OsString>,

    /// The format to write; TOML if it is not given
    #[arg(long, value_parser = format_parser())]
    pub(super) to: Option<Format>,

    #[command(flatten)]
    pub(super) layers: Layers,

    #[command(flatten)]
    pub(super) reveal: Reveal,
}

#[derive(Args)]
#[command(after_help = "\
VALUE is read as the kind that --type names, or that the schema gives KEY, or of
the value that it replaces, or as a string. Comments and layout stay as they are.
The file is replaced in one step: a crash leaves the old or the new one.

Examples:
  conf set app.toml server.port 9090
  conf set app.toml server.tags '[\"a\", \"b\"]' --type array
  conf set app.toml motd -- '--- hello ---'")]
pub(super) struct Set {
    /// The file to change
    #[arg(value_hint = ValueHint::FilePath)]
    pub(super) file: PathBuf,

    /// The key to set
    pub(super) key: String,

    /// Its new value
    #[arg(allow_negative_numbers = true)]
    pub(super) value: String,

    /// What kind of value VALUE is
    #[arg(long = "type", value_name = "KIND", value_parser = kind_parser())]
    pub(super) kind: Option<Kind>,

    /// Refuse what this schema does not allow
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) schema: Option<PathBuf>,

    /// The format of the file, whatever its name
    #[arg(long, value_parser = format_parser())]
    pub(super) format: Option<Format>,
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["toml", "json"]).map(|name| {
        if name == "json" {
            Format::Json
        } else {
            Format::Toml
        }
    })
}

fn kind_parser() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::NAMES)
        .try_map(|name| Kind::named(&name).ok_or("no kind has this name"))
}

/// The command line, or what is wrong with it.
pub(super) fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(args).map_err(|error| {
        if error.kind() == ErrorKind::UnknownArgument && is_set(args) {
            unquoted()
        } else {
            error
        }
    })
}

/// Whether a command line, which is wrong, means `set`.
fn is_set(args: &[OsString]) -> bool {
    let command = Cli::command().ignore_errors(true);
    let matches = command.try_get_matches_from(args);
    matches.is_ok_and(|matches| matches.subcommand_name() == Some("set"))
}

/// In place of clap's error, which quotes the argument: that may be a secret in the place of
/// VALUE, which happened to begin with `-` or to be split into words.
fn unquoted() -> clap::Error {
    let message = "too many arguments, or an option that is none; \
                   a VALUE that begins with - has to follow --";
    let mut command = Cli::command();
    command.build();
    command
        .find_subcommand_mut("set")
        .unwrap_or(&mut Cli::command())
        .error(ErrorKind::UnknownArgument, message)
}

/// An error about the command line that clap cannot know of.
pub(super) fn usage_error(message: &str) -> clap::Error {
    Cli::command().error(ErrorKind::MissingRequiredArgument, message)
}
