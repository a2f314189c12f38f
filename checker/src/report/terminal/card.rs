//! The card of one test that did not pass: everything that helps to find out why.

use anstyle::Style;

use super::ansi;
use super::palette::{BAD, CODE, DIM, GOOD, NOTE, PLAIN, STRONG};
use super::values::compare;
use super::{Line, Look, Text, Wrap, count, duration};
use crate::verdict::{
    CompileCase, Crash, Failure, FaultOrigin, Manner, Output, Resource, TestReport, TimedOut,
    Verdict,
};

/// The column at which facts begin, after their label.
pub(super) const GUTTER: usize = 12;
/// Lines of each captured stream that a card shows unless asked for more.
const OUTPUT_LINES: usize = 10;
/// Lines of a message or a value before the rest is left out.
const VALUE_LINES: usize = 40;

/// The exercise and the phase that a card speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The exercise's id.
    pub exercise: &'a str,
    /// The phase's number.
    pub phase: u32,
    /// The phase's title.
    pub title: &'a str,
}

/// The card of a test, whatever its verdict. With `full_output`, all that was kept of the
/// captured output is shown.
#[must_use]
pub fn card(test: &TestReport, place: Place<'_>, full_output: bool, look: &Look) -> Text {
    let mut text = Text::default();
    headline(test, place, look, &mut text);
    text.gap();
    evidence(test, place, look, &mut text);
    text.gap();
    output(test, place, full_output, look, &mut text);
    text.gap();
    further(test, place, look, &mut text);
    text.trim_end();
    text
}

/// The mark of a verdict and its style.
#[must_use]
pub fn mark(verdict: &Verdict, look: &Look) -> (&'static str, Style) {
    let glyphs = look.glyphs;
    match verdict {
        Verdict::Passed => (glyphs.pass, GOOD),
        Verdict::NotImplemented { .. } => (glyphs.open, NOTE),
        Verdict::Skipped { .. } => (glyphs.skip, NOTE),
        Verdict::CheckerFault { .. } => (glyphs.fault, NOTE),
        Verdict::Failed(_)
        | Verdict::WronglyCompiled(_)
        | Verdict::TimedOut(_)
        | Verdict::Crashed(_)
        | Verdict::OverLimit { .. } => (glyphs.fail, BAD),
    }
}

fn headline(test: &TestReport, place: Place<'_>, look: &Look, text: &mut Text) {
    let (mark, style) = mark(&test.verdict, look);
    let line = Line::new().with(mark, style.bold()).plain(" ");
    text.push(line.prose(&test.behaviour, STRONG).hanging(2));
    let facts = [
        format!("phase {}, {}", place.phase, place.title),
        test.verdict.label().to_owned(),
        duration(test.millis),
    ];
    let line = facts.join(&format!(" {} ", look.glyphs.dot));
    text.push(indented().with(&line, DIM));
}

fn evidence(test: &TestReport, place: Place<'_>, look: &Look, text: &mut Text) {
    let told = matches!(
        test.verdict,
        Verdict::Failed(_) | Verdict::WronglyCompiled(_)
    );
    if told {
        paragraphs(&test.details, text);
    }
    match &test.verdict {
        Verdict::Passed => {}
        Verdict::Failed(failure) => failed(failure, &test.steps, look, text),
        Verdict::NotImplemented { message, location } => {
            not_implemented(message, location.as_deref(), text);
        }
        Verdict::WronglyCompiled(case) => wrongly_compiled(case, text),
        Verdict::TimedOut(time) => {
            let (what, why) = explain_time(time);
            causes(&what, why, text);
        }
        Verdict::Crashed(crash) => {
            let (what, why) = explain(crash);
            causes(&what, why, text);
        }
        Verdict::OverLimit { resource, limit } => {
            let (what, why) = explain_limit(*resource, limit);
            causes(&what, why, text);
        }
        Verdict::Skipped { needs } => {
            sentence("The test could not run here. It counts neither way.", text);
            text.gap();
            text.append(notes("needs", needs));
        }
        Verdict::CheckerFault { message, origin } => {
            fault(message, *origin, test, place, look, text);
        }
    }
    if !matches!(test.verdict, Verdict::Failed(_)) {
        steps(&test.steps, text);
    }
    if !told && !matches!(test.verdict, Verdict::NotImplemented { .. }) {
        paragraphs(&test.details, text);
    }
}

/// What the test did before it ended.
fn steps(steps: &[String], text: &mut Text) {
    text.gap();
    let mut label = "steps";
    for step in steps {
        text.append(facts(label, step, PLAIN));
        label = "";
    }
    text.gap();
}

fn failed(failure: &Failure, taken: &[String], look: &Look, text: &mut Text) {
    // With values to compare, the message names what was compared; otherwise it is all there is.
    let compared = failure.expected.is_some() || failure.received.is_some();
    if !compared {
        let (first, rest) = failure
            .message
            .split_once('\n')
            .unwrap_or((&failure.message, ""));
        sentence(first, text);
        for line in rest.lines().take(VALUE_LINES) {
            text.push(indented().plain(line).wrapping(Wrap::Anywhere));
        }
    }
    steps(taken, text);
    if compared && !failure.message.is_empty() {
        text.append(notes("checked", &failure.message));
    }
    text.append(compare(
        failure.expected.as_deref(),
        failure.received.as_deref(),
        look,
    ));
    text.gap();
    if let Some(location) = &failure.location {
        text.push(fact("at").plain(location).wrapping(Wrap::Never));
    }
    if let Some(seed) = failure.seed {
        let note = format!(" (`CHECKER_SEED={seed}` repeats it)");
        text.push(fact("seed").plain(&seed.to_string()).prose(&note, DIM));
    }
}

fn not_implemented(message: &str, location: Option<&str>, text: &mut Text) {
    sentence(
        "Not written yet: the test reached a `todo!` that waits for your code.",
        text,
    );
    text.gap();
    if !message.is_empty() {
        text.append(notes("todo", message));
    }
    if let Some(location) = location {
        text.push(fact("at").with(location, STRONG).wrapping(Wrap::Never));
    }
}

fn wrongly_compiled(case: &CompileCase, text: &mut Text) {
    text.gap();
    sentence("This program must be rejected by the compiler:", text);
    text.gap();
    for (index, line) in case.program.trim_end().lines().enumerate() {
        let number = format!("{:>6}  ", index + 1);
        let line = Line::new().with(&number, DIM).plain(line);
        text.push(line.hanging(8).wrapping(Wrap::Anywhere));
    }
    text.gap();
    text.append(list("expected", &case.expected, "no error", GOOD));
    text.append(list(
        "received",
        &case.received,
        "no error: it compiles",
        BAD,
    ));
}

fn list(label: &str, entries: &[String], none: &str, style: Style) -> Text {
    if entries.is_empty() {
        return facts(label, none, style);
    }
    let mut text = Text::default();
    for (index, entry) in entries.iter().enumerate() {
        text.append(facts(if index == 0 { label } else { "" }, entry, style));
    }
    text
}

fn fault(
    message: &str,
    origin: FaultOrigin,
    test: &TestReport,
    place: Place<'_>,
    look: &Look,
    text: &mut Text,
) {
    let who = match origin {
        FaultOrigin::Checker => "The checker could not do its work here.",
        FaultOrigin::Machine => "This machine did not let the checker do its work.",
    };
    let comfort = "Your code is not to blame, and nothing counts against you.";
    sentence(&format!("{who} {comfort}"), text);
    text.gap();
    text.append(notes("what", message));
    text.gap();
    if origin == FaultOrigin::Machine {
        let again = again(test, place, look);
        text.push(fact("again").with(&again, CODE).wrapping(Wrap::Never));
        return;
    }
    sentence("Please report it with what these two commands print:", text);
    text.push(
        fact("")
            .with(&look.command("doctor"), CODE)
            .wrapping(Wrap::Never),
    );
    let again = format!("{} --json", again(test, place, look));
    text.push(fact("").with(&again, CODE).wrapping(Wrap::Never));
}

/// What happened in the time that a test had, and what usually causes it.
fn explain_time(time: &TimedOut) -> (String, &'static str) {
    let mut what = format!("It did not end in the {} s that it may take.", time.seconds);
    let why = match time.manner {
        Manner::Computing => {
            what.push_str(&format!(
                " It was still computing: it ran for {:.1} s.",
                time.ran_seconds
            ));
            "Either it does far more work than it needs, or a loop has no end: look for work that \
             grows with the square of the input, a condition that never changes, a list that \
             points back to itself."
        }
        Manner::Waiting => {
            what.push_str(&format!(
                " In the end it did nothing but wait: it ran for {:.1} s.",
                time.ran_seconds
            ));
            "Usually a thread takes a lock that it already holds, two threads take two locks in \
             different orders, or a receiver waits for a sender that is never dropped."
        }
    };
    // Time of other programs counts for nothing; whoever saw it pass should know.
    if time.waited_seconds >= 1.0 {
        what.push_str(&format!(
            " The {:.1} s in which it waited for a processor do not count.",
            time.waited_seconds
        ));
    }
    (what, why)
}

fn explain(crash: &Crash) -> (String, &'static str) {
    match crash {
        Crash::StackOverflow => (
            "The stack overflowed.".to_owned(),
            "Usually a function calls itself without reaching its end, or the nodes of a long \
             list drop each other recursively.",
        ),
        Crash::Abort => (
            "The process aborted.".to_owned(),
            "Usually a second panic happened while the first one unwound: look for `unwrap`, \
             indexing and assertions in a `Drop`. Running out of memory and \
             `std::process::abort` do the same.",
        ),
        Crash::Signal { number } => explain_signal(*number),
        Crash::Exited { code } => {
            let code = code.map_or_else(String::new, |code| format!(" with code {code}"));
            (
                format!("The process ended{code} before the test did."),
                "Usually something called `std::process::exit`. Code that is called by others \
                 returns an error or panics, and leaves the end of the program to its caller.",
            )
        }
    }
}

/// Signals by their numbers on Linux and macOS, where these agree but for the bus error.
fn explain_signal(number: i32) -> (String, &'static str) {
    const UNSOUND: &str = "Safe Rust cannot do this: look at every `unsafe` block, for a pointer \
         that is used after its node was freed, freed twice, or never set.";
    let (name, why) = match number {
        4 => (
            " (illegal instruction)",
            "Usually unreachable code was reached: look for `unreachable_unchecked` and for \
             functions that must not return.",
        ),
        7 | 10 => (" (bus error)", UNSOUND),
        9 => (
            " (killed)",
            "Something outside the test ended it. Usually the system was out of memory: look \
             for a collection that grows without end.",
        ),
        11 => (" (segmentation fault)", UNSOUND),
        13 => (
            " (broken pipe)",
            "It wrote to a pipe or a socket that nobody reads any more, with the signal switched \
             back on. Return the error instead.",
        ),
        _ => (
            "",
            "The test does not send it. Look for calls into C libraries and for `kill`.",
        ),
    };
    (format!("Signal {number}{name} ended the process."), why)
}

fn explain_limit(resource: Resource, limit: &str) -> (String, &'static str) {
    match resource {
        Resource::Memory => (
            format!("It asked for more memory than the {limit} that a test may have."),
            "Usually memory is reserved in proportion to a capacity instead of to the entries, \
             or a collection grows in a loop that does not end.",
        ),
        Resource::Output => (
            format!("It printed more than {limit} and was stopped."),
            "Usually a `println!` or `dbg!` stands in a loop that does not end.",
        ),
        Resource::FileSize => (
            format!("It wrote a file larger than {limit}."),
            "Usually a loop writes the same record again, or a file is appended to that should \
             have been replaced.",
        ),
        Resource::Files => (
            format!("Its temporary files took more than {limit} together."),
            "Usually old files are never removed, or a loop writes the same records again.",
        ),
        Resource::Processes => (
            format!("It started more than {limit} at one time."),
            "Usually a thread is started for each item, or threads are never joined.",
        ),
    }
}

fn causes(what: &str, why: &str, text: &mut Text) {
    sentence(what, text);
    sentence(why, text);
    text.gap();
}

fn output(test: &TestReport, place: Place<'_>, full: bool, look: &Look, text: &mut Text) {
    let Output { stdout, stderr } = &test.output;
    let mut cut = false;
    let stderr = match told_by(&test.verdict) {
        Some(message) => without_panic(stderr, message),
        None => stderr.clone(),
    };
    for (label, stream) in [("stdout", stdout), ("stderr", &stderr)] {
        let stream = ansi::strip(stream);
        let lines: Vec<&str> = stream.trim_matches(['\n', '\r']).lines().collect();
        if stream.trim().is_empty() {
            continue;
        }
        let skipped = if full {
            0
        } else {
            lines.len().saturating_sub(OUTPUT_LINES)
        };
        let mut label = label;
        if skipped > 0 {
            cut = true;
            let note = format!(
                "{} {}",
                look.glyphs.ellipsis,
                count(skipped, "earlier line")
            );
            text.push(fact(label).with(&note, DIM));
            label = "";
        }
        for line in &lines[skipped..] {
            text.push(fact(label).plain(line).wrapping(Wrap::Anywhere));
            label = "";
        }
        text.gap();
    }
    if cut {
        let command = format!("{} --full-output", again(test, place, look));
        text.push(fact("all of it").with(&command, CODE).wrapping(Wrap::Never));
    }
}

/// The message of the panic that the card tells already.
fn told_by(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Failed(failure) => Some(&failure.message),
        Verdict::NotImplemented { message, .. } => Some(message),
        _ => None,
    }
}

/// What a test printed, without the standard library's report of one panic: what the card says
/// already should not hide what the learner printed.
fn without_panic(stderr: &str, message: &str) -> String {
    const END: &str = "note: run with `RUST_BACKTRACE=1`";
    let lines: Vec<&str> = stderr.lines().collect();
    let begins = |line: &&str| line.starts_with("thread '") && line.contains(" panicked at ");
    let first_line = message.lines().next().unwrap_or_default();
    for start in (0..lines.len()).filter(|at| begins(&lines[*at])) {
        let length = lines[start..].iter().position(|line| line.starts_with(END));
        let said = lines
            .get(start + 1)
            .is_some_and(|line| line.contains(first_line));
        if let (Some(length), true) = (length, said) {
            let mut kept = lines[..start].to_vec();
            kept.extend(&lines[start + length + 1..]);
            return kept.join("\n");
        }
    }
    stderr.to_owned()
}

fn further(test: &TestReport, place: Place<'_>, look: &Look, text: &mut Text) {
    if matches!(test.verdict, Verdict::CheckerFault { .. }) {
        return;
    }
    let mut more = "hint";
    if let Some(hint) = test.hint.as_deref().filter(|_| !is_passed_or_open(test)) {
        text.push(fact(more).prose(hint, PLAIN));
        text.gap();
        more = "more";
    }
    let add = |label: &str, command: &str, text: &mut Text| {
        text.push(fact(label).with(command, CODE).wrapping(Wrap::Never));
    };
    add("again", &again(test, place, look), text);
    if !test.read_on.is_empty() {
        let line = fact("read").plain(&test.read_on).plain(" ");
        let serve = format!("{} {}", look.glyphs.dot, look.command("serve"));
        text.push(line.with(&serve, DIM).wrapping(Wrap::Never));
    }
    if !test.verdict.is_harmless() {
        add(
            more,
            &look.command(&format!("hint {}", place.exercise)),
            text,
        );
    }
}

/// Whether a sentence on what may be wrong would say nothing, or too much too soon.
fn is_passed_or_open(test: &TestReport) -> bool {
    test.verdict.is_harmless() || matches!(test.verdict, Verdict::NotImplemented { .. })
}

/// The command that repeats one test.
fn again(test: &TestReport, place: Place<'_>, look: &Look) -> String {
    look.command(&format!("check {} --test {}", place.exercise, test.name))
}

fn paragraphs(prose: &str, text: &mut Text) {
    for paragraph in prose.split("\n\n").filter(|part| !part.trim().is_empty()) {
        sentence(paragraph, text);
        text.gap();
    }
}

fn sentence(prose: &str, text: &mut Text) {
    text.push(indented().prose(prose, PLAIN));
}

fn indented() -> Line {
    Line::new().plain("  ").hanging(2)
}

/// A line that begins with a label in the gutter.
pub(super) fn fact(label: &str) -> Line {
    let line = Line::new().plain("  ").with(label, DIM).pad_to(GUTTER);
    line.hanging(GUTTER)
}

/// A label with a remark of one or more lines.
fn notes(label: &str, remark: &str) -> Text {
    let mut text = facts(label, remark, PLAIN);
    for line in &mut text.lines {
        line.wrap = Wrap::Words;
    }
    text
}

/// A label with a value of one or more lines, each character of which counts.
pub(super) fn facts(label: &str, value: &str, style: Style) -> Text {
    let mut text = Text::default();
    let mut label = label;
    let total = value.lines().count();
    for line in value.lines().take(VALUE_LINES) {
        text.push(fact(label).with(line, style).wrapping(Wrap::Anywhere));
        label = "";
    }
    if total == 0 {
        text.push(fact(label).with("(empty)", DIM));
    } else if total > VALUE_LINES {
        let note = format!("({})", count(total - VALUE_LINES, "further line"));
        text.push(fact("").with(&note, DIM));
    }
    text
}
