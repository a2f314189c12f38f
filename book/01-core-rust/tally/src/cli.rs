//! The command line.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use tally::error::{BadLines, Context, Failure};
use tally::metric::{DynMetric, MetricKind};
use tally::query::{Answer, By, Grouped, Query, StatusPattern};
use tally::report::Report;

// ANCHOR: args
/// Answers questions about web server access logs.
///
/// Reads nginx's `combined` format followed by `$request_time`, one request a line.
#[derive(Debug, Parser)]
#[command(version, after_long_help = AFTER_HELP)]
struct Args {
    /// What to group requests by: path, method, status, class or client
    by: By,

    /// Logs to read; `-`, or none, is standard input
    files: Vec<PathBuf>,

    /// What to measure: requests, bytes, or percentiles of the latency like p50 or p99.9
    #[arg(short, long, value_delimiter = ',', value_name = "METRIC")]
    #[arg(default_value = "requests,bytes,p50,p99")]
    metrics: Vec<MetricKind>,

    /// The metric that puts the rows in order; the first if not given
    #[arg(short, long, value_name = "METRIC")]
    sort: Option<MetricKind>,

    /// How many rows to print
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    top: usize,

    /// Only requests with this status, like 404, or class, like 5xx
    #[arg(long)]
    status: Option<StatusPattern>,

    /// Only requests with this method
    #[arg(long)]
    method: Option<String>,

    /// Only requests whose path begins like this
    #[arg(long, value_name = "PREFIX")]
    path: Option<String>,

    /// What to do about lines that are not entries: skip them and tell how many, or stop
    #[arg(long, value_name = "POLICY", default_value = "skip")]
    bad_lines: BadLines,

    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}
// ANCHOR_END: args

// ANCHOR: format
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs: bytes, and latencies in microseconds
    #[cfg(feature = "json")]
    Json,
}
// ANCHOR_END: format

// ANCHOR: exit-codes
const AFTER_HELP: &str = "\
Exit status:
  0  the answer was printed, or nobody was left to read it
  1  a log could not be read, or a line is bad and --bad-lines is stop
  2  the command line is wrong

Examples:
  tally path access.log
  tally client --status 5xx --top 3 access.log
  zcat access.log.*.gz | tally path --metrics requests,p50,p99 --sort p99";
// ANCHOR_END: exit-codes

// ANCHOR: main
/// Runs the program and says what the process should exit with.
pub(crate) fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(format_args!("{failure:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells the user something that is not the answer.
fn tell(message: fmt::Arguments<'_>) {
    // `eprintln!` would panic if nobody can be told, and change the exit status with it.
    let _ = writeln!(io::stderr(), "tally: {message}");
}

fn run(args: &Args) -> Result<(), Failure> {
    let (metrics, sort) = args.metrics_and_sort();
    let query = args.query();
    let answer = ask(&query, &args.files, &metrics)?;
    if answer.skipped() > 0 {
        let all = answer.skipped() + answer.entries();
        tell(format_args!("skipped {} of {all} lines", answer.skipped()));
    }
    let report = Report::new(&answer, args.by, &metrics, sort, args.top);
    print(&report, args.format)
}
// ANCHOR_END: main

impl Args {
    /// The metrics to measure, and the place among them of the one that sorts.
    fn metrics_and_sort(&self) -> (Vec<MetricKind>, usize) {
        let mut metrics = self.metrics.clone();
        let sort = match self.sort {
            None => 0,
            Some(wanted) => match metrics.iter().position(|metric| *metric == wanted) {
                Some(place) => place,
                None => {
                    metrics.push(wanted);
                    metrics.len() - 1
                }
            },
        };
        (metrics, sort)
    }

    // ANCHOR: query
    /// The question that the flags ask.
    fn query(&self) -> Query<Grouped> {
        let mut query = Query::new().on_bad_line(self.bad_lines);
        if let Some(pattern) = self.status {
            query = query.only(move |entry| pattern.matches(entry.status));
        }
        if let Some(method) = self.method.clone() {
            query = query.only(move |entry| entry.method.as_str() == method);
        }
        if let Some(prefix) = self.path.clone() {
            query = query.only(move |entry| entry.path.starts_with(&prefix));
        }
        query.group_by(self.by)
    }
    // ANCHOR_END: query
}

// ANCHOR: ask
type Metrics = Vec<Box<dyn DynMetric>>;

/// Asks about each log and merges the answers.
fn ask(
    query: &Query<Grouped>,
    files: &[PathBuf],
    metrics: &[MetricKind],
) -> Result<Answer<Metrics>, Failure> {
    let make = || metrics.iter().map(|metric| metric.build()).collect();
    let stdin = [PathBuf::from("-")];
    let files = if files.is_empty() { &stdin } else { files };
    let mut total = Answer::default();
    for file in files {
        let log = BufReader::with_capacity(BUFFER_SIZE, open(file)?);
        let name = || file.display().to_string();
        let answer = query.run(log, make).context(name)?;
        total.merge(answer).context(name)?;
    }
    Ok(total)
}

/// Large enough that system calls cost next to nothing.
const BUFFER_SIZE: usize = 128 * 1024;

fn open(file: &Path) -> Result<Box<dyn Read>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let opened = File::open(file).context(|| format!("cannot open {}", file.display()))?;
    Ok(Box::new(opened))
}
// ANCHOR_END: ask

// ANCHOR: print
/// Prints the report. That the reader went away, as `head` does, is no failure.
fn print(report: &Report, format: Format) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match format {
        Format::Table => write!(out, "{report}"),
        #[cfg(feature = "json")]
        Format::Json => report.write_json(&mut out),
    };
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context(|| "cannot print the answer"),
    }
}
// ANCHOR_END: print
