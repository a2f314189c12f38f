//! The command line: names, flags and help texts.

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use jiff::civil::Date;

use crate::report::program;
use crate::site::build::BaseUrl;

const EXIT_CODES: &str = "\
Exit codes:
  0    everything that was asked for passed
  1    something did not pass
  2    the command line is wrong, or names what does not exist
  3    this machine or folder is not ready: no course here, no cargo, not writable
  4    the course or the checker is at fault
  130  interrupted";

/// Checks the exercises of Systems in Rust, serves its book and keeps your progress.
///
/// Without a command it tells where you are and what is next.
#[derive(Debug, Parser)]
#[command(name = "checker", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The course's folder [default: here, or the nearest folder above that is one]
    #[arg(long, global = true, value_name = "DIR")]
    pub course: Option<PathBuf>,
}

impl Cli {
    /// Reads the command line of this process, and ends it where that asks for help or is wrong.
    /// Usage lines name the command that the person typed.
    #[must_use]
    pub fn of_process() -> Cli {
        let matches = Cli::command().bin_name(program::current()).get_matches();
        Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// What the checker can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check an exercise once
    Check(CheckArgs),
    /// Check an exercise again whenever you save
    Watch {
        /// The exercise [default: the one you worked on last]
        id: Option<String>,
    },
    /// Show how far you are
    Progress {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show an exercise: its phases and the behaviours that are verified
    Show {
        /// The exercise [default: the one you worked on last]
        id: Option<String>,
        /// Also name the tests, as `check --test` takes them
        #[arg(long)]
        tests: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the exercises, in the order of the book
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Only those of which something has changed since this commit, in a git checkout
        #[arg(long, value_name = "COMMIT")]
        changed_since: Option<String>,
    },
    /// Show the next hint; the ladder remembers how far you went
    Hint {
        /// The exercise [default: the one you worked on last]
        id: Option<String>,
        /// The phase [default: the first that is open]
        #[arg(long, value_name = "N")]
        phase: Option<u32>,
        /// Show again the hints taken so far instead of a further one
        #[arg(long)]
        again: bool,
    },
    /// Put an exercise back to its beginning; your files are kept as a copy
    Reset {
        /// The exercise
        id: String,
    },
    /// Compare your code with the reference solution, once you passed
    Solution {
        /// The exercise [default: the one you worked on last]
        id: Option<String>,
        /// Show it before passing
        #[arg(long)]
        anyway: bool,
    },
    /// Benchmark your code beside its peers
    Bench {
        /// The exercise [default: the one you worked on last]
        id: Option<String>,
        /// Benchmark the reference solution instead of your code
        #[arg(long)]
        solution: bool,
        /// Only benchmarks whose name contains this
        #[arg(long, value_name = "NAME")]
        filter: Option<String>,
        /// Run every benchmark once, without measuring: does it work at all?
        #[arg(long)]
        smoke: bool,
        /// Write the figures of the reference solution into the book's appendix
        #[arg(long, requires = "solution")]
        record: bool,
    },
    /// Make a course folder of your own: the exercises, without tests and solutions
    Init {
        /// The folder; it may not hold anything yet
        dir: PathBuf,
        /// Also make it a git repository
        #[arg(long)]
        git: bool,
    },
    /// Bring your course folder to this program's version, keeping your work
    Update,
    /// Show the book in the browser, and again whenever it changes
    Serve {
        /// Do not open the browser
        #[arg(long)]
        no_open: bool,
        /// The port [default: 3000, or a free one]
        #[arg(long)]
        port: Option<u16>,
    },
    /// Write the book as a static site
    Build(BuildArgs),
    /// Prove an exercise complete: solution, stub, mutants, chapter (for authors)
    Verify(VerifyArgs),
    /// Make and mend named mistakes of a solution (for authors)
    #[command(subcommand)]
    Mutant(MutantCommand),
    /// Begin a new exercise in all four places (for authors)
    New {
        /// The module's folder, such as 03-key-value-store
        module: String,
        /// The exercise's id, such as bitcask
        id: String,
    },
    /// Tell what is installed and what is missing
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep every core busy until the end of the input: the load of `verify --stress`
    #[command(hide = true, name = crate::verify::BUSY)]
    Busy,
    /// The book's preprocessor, as mdBook calls it
    #[command(hide = true)]
    Preprocess {
        /// `supports RENDERER`, or nothing
        arguments: Vec<String>,
    },
}

/// What can be done with mutants.
#[derive(Debug, Subcommand)]
pub enum MutantCommand {
    /// Take what you changed in the solution since the last commit as a mutant, and put it back
    New {
        /// The exercise
        id: String,
        /// The mutant's name, such as a-hit-does-not-promote
        name: String,
        /// The mistake in a sentence [default: asked for]
        #[arg(long, value_name = "SENTENCE")]
        mistake: Option<String>,
    },
    /// Carry the patches of an exercise over a changed solution; shows those that need a person
    Refresh {
        /// The exercise
        id: String,
    },
}

/// Flags of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The exercise [default: the one you worked on last]
    pub id: Option<String>,
    /// Only this phase
    #[arg(long, value_name = "N")]
    pub phase: Option<u32>,
    /// Only tests whose name contains this; `show --tests` lists the names
    #[arg(long, value_name = "NAME")]
    pub test: Option<String>,
    /// Show every failure in full, not only the first
    #[arg(long)]
    pub all: bool,
    /// Show all that a failing test printed, not only its last lines
    #[arg(long)]
    pub full_output: bool,
    /// Print the report as JSON, in the format of checker/schema/report-v1.json
    #[arg(long)]
    pub json: bool,
    /// Print one line of JSON as each thing happens, in the format of checker/schema/stream-v1.json
    #[arg(long, conflicts_with = "json")]
    pub json_lines: bool,
    /// Also write the report as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// Flags of `build`.
#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The folder to write
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Where the site will be, for canonical addresses, the sitemap and previews of links
    #[arg(long, value_name = "URL")]
    pub base_url: Option<BaseUrl>,
    /// Leave out the solutions and the notes on them
    #[arg(long)]
    pub without_solutions: bool,
    /// The day, such as 2026-12-01, for which modules are open or closed [default: today]
    #[arg(long, value_name = "DATE")]
    pub at: Option<Date>,
}

/// Flags of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The exercise [default: all of them]
    pub id: Option<String>,
    /// How often the suite must pass on the solution
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub repeat: u32,
    /// Keep every core busy meanwhile
    #[arg(long)]
    pub stress: bool,
    /// Only prove the mutants whose name contains this
    #[arg(long, value_name = "NAME")]
    pub mutant: Option<String>,
}
