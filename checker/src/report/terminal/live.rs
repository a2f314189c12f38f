//! A check as it happens: one line for each phase, or for each test of a single phase.

use std::io::{self, Write};

use super::summary::{Detail, is_empty, phase_line, summary, test_line};
use super::{Look, Text, count};
use crate::verdict::{CompileProblem, Event, PhaseReport, Report};

/// Writes a check to a stream while it runs.
///
/// Errors of writing are kept and returned by [`Live::finish`], because a check goes on even when
/// nobody reads.
pub struct Live<W> {
    out: W,
    look: Look,
    exercise: String,
    /// Whether every test gets a line.
    each_test: bool,
    /// Whether a line may be overwritten: only a terminal can.
    transient: bool,
    /// The columns of the line that is to be overwritten.
    status_width: usize,
    tested: usize,
    failing: usize,
    error: Option<io::Error>,
}

impl<W: Write> Live<W> {
    /// Begins. `each_test` gives every test a line, which suits a check of one phase;
    /// `transient` shows what is under way in a line that is overwritten, which needs a terminal.
    pub fn new(out: W, exercise: &str, look: Look, each_test: bool, transient: bool) -> Live<W> {
        Live {
            out,
            look,
            exercise: exercise.to_owned(),
            each_test,
            transient,
            status_width: 0,
            tested: 0,
            failing: 0,
            error: None,
        }
    }

    /// Shows an event.
    pub fn on(&mut self, event: &Event) {
        if self.error.is_none() {
            self.error = self.show(event).err();
        }
    }

    /// Ends with the cards and the summary.
    ///
    /// # Errors
    /// The first error of writing, from here or from an earlier event.
    pub fn finish(mut self, report: &Report, detail: Detail) -> io::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.clear_status()?;
        let mut text = Text::default();
        text.append(summary(report, detail, &self.look));
        if !report.phases.is_empty() {
            writeln!(self.out)?;
        }
        text.write(self.look.width, &mut self.out)?;
        self.out.flush()
    }

    /// Ends early, when the check was interrupted or could not be done.
    ///
    /// # Errors
    /// The first error of writing.
    pub fn abandon(mut self) -> io::Result<()> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.clear_status(),
        }
    }

    fn show(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Waiting { holder } => self.status(&format!("Waiting for {holder}")),
            Event::Compiling => {
                let status = format!("Compiling {}", self.exercise);
                self.status(&status)
            }
            Event::Compiled { .. } => self.status("Running the tests"),
            Event::Tested { test, .. } => {
                self.tested += 1;
                self.failing += usize::from(!test.verdict.is_harmless());
                if self.each_test {
                    self.line(test_line(test, &self.look))?;
                }
                let failing = match self.failing {
                    0 => String::new(),
                    number => format!(", {number} not passed"),
                };
                let run = count(self.tested, "test");
                self.status(&format!("{run} run{failing}"))
            }
            Event::PhaseDone(phase) if is_empty(phase) || is_own_error(phase) => Ok(()),
            Event::PhaseDone(phase) => self.line(phase_line(phase, &self.look)),
        }
    }

    fn line(&mut self, line: super::Line) -> io::Result<()> {
        self.clear_status()?;
        let mut text = Text::default();
        text.push(line);
        text.write(self.look.width, &mut self.out)
    }

    fn status(&mut self, status: &str) -> io::Result<()> {
        if !self.transient {
            return Ok(());
        }
        self.clear_status()?;
        // A full row would move the cursor to the next one, where it could not be overwritten.
        let status: String = status.chars().take(self.look.width - 1).collect();
        self.status_width = textwrap::core::display_width(&status);
        write!(self.out, "{status}")?;
        self.out.flush()
    }

    /// Overwrites with spaces: the sequence that clears a line is dropped under `NO_COLOR`.
    fn clear_status(&mut self) -> io::Result<()> {
        if self.status_width > 0 {
            write!(self.out, "\r{}\r", " ".repeat(self.status_width))?;
            self.status_width = 0;
        }
        Ok(())
    }
}

/// Whether the crate itself does not compile, which is told once instead of for each phase.
fn is_own_error(phase: &PhaseReport) -> bool {
    matches!(phase.problem, Some(CompileProblem::Learner { .. }))
}

#[cfg(test)]
mod tests {
    use super::super::glyphs::UNICODE;
    use super::super::samples;
    use super::*;

    fn run(each_test: bool, transient: bool, report: &Report) -> String {
        let mut out = Vec::new();
        let look = Look::new(60, UNICODE);
        let mut live = Live::new(&mut out, "lru-cache", look, each_test, transient);
        live.on(&Event::Compiling);
        live.on(&Event::Compiled {
            took: std::time::Duration::from_millis(177),
        });
        for phase in &report.phases {
            for test in &phase.tests {
                live.on(&Event::Tested {
                    phase: phase.number,
                    test: Box::new(test.clone()),
                });
            }
            live.on(&Event::PhaseDone(Box::new(phase.clone())));
        }
        live.finish(report, Detail::default()).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn a_check_in_which_all_passes_is_compact() {
        insta::assert_snapshot!(run(false, false, &samples::all_passed()));
    }

    #[test]
    fn a_check_with_failures_shows_the_first_card_and_lists_the_rest() {
        insta::assert_snapshot!(run(false, false, &samples::mixed()));
    }

    #[test]
    fn each_test_has_a_line_when_asked_for() {
        let mut report = samples::mixed();
        report.phases.truncate(2);
        report.phases.remove(0);
        insta::assert_snapshot!(run(true, false, &report));
    }

    #[test]
    fn the_transient_line_is_overwritten_before_anything_else_is_written() {
        let shown = run(false, true, &samples::all_passed());
        assert!(
            shown.starts_with("Compiling lru-cache\r                   \rRunning"),
            "{shown}"
        );
        assert!(shown.contains("\r✓ Phase 1"), "{shown}");
    }

    #[test]
    fn phases_of_which_nothing_was_asked_for_are_left_out() {
        let mut report = samples::all_passed();
        report.phases[0].status = crate::verdict::PhaseStatus::Partial;
        report.phases[1].status = crate::verdict::PhaseStatus::Partial;
        report.phases[1].tests.clear();
        let shown = run(false, false, &report);
        assert!(!shown.contains("Phase 2"), "{shown}");
        assert!(
            shown.contains("An LRU cache: 2 of 2 tests passed"),
            "{shown}"
        );
    }

    #[test]
    fn code_that_does_not_compile_is_told_once_and_not_for_each_phase() {
        let mut report = samples::all_passed();
        report.phases = [(1, "Core"), (2, "Look-ups")]
            .map(|(number, title)| samples::unbuilt(number, title, samples::learner_problem()))
            .to_vec();
        let shown = run(false, false, &report);
        assert!(!shown.contains("Phase "), "{shown}");
        assert_eq!(shown.matches("does not compile").count(), 1, "{shown}");
        assert!(shown.contains("no test was run"), "{shown}");
    }

    #[test]
    fn code_that_is_not_written_yet_is_no_failure() {
        let mut report = samples::all_passed();
        let unwritten = samples::phase(2, "Look-ups", vec![samples::not_implemented()]);
        report.phases[1] = unwritten;
        let shown = run(true, false, &report);
        assert!(shown.contains("· An LRU cache: 1 of 2 phases"), "{shown}");
        assert!(shown.contains("  todo\n"), "{shown}");
        assert!(!shown.contains('✗'), "{shown}");
    }

    #[test]
    fn what_skipped_tests_need_is_told_once_the_rest_passes() {
        let mut report = samples::all_passed();
        report.phases[0].tests.push(samples::skipped());
        let needs = "Skipped: 1 test needs";
        assert!(run(false, false, &report).contains(needs));
        report.phases[0].status = crate::verdict::PhaseStatus::Failed;
        assert!(!run(false, false, &report).contains(needs));
    }

    #[test]
    fn a_reader_that_leaves_ends_the_output_without_a_panic() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let report = samples::all_passed();
        let mut live = Live::new(Closed, "lru-cache", Look::new(60, UNICODE), false, false);
        for phase in &report.phases {
            live.on(&Event::PhaseDone(Box::new(phase.clone())));
        }
        let result = live.finish(&report, Detail::default());
        assert!(super::super::until_closed(result).is_ok());
    }
}
