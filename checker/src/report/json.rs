//! The machine-readable report: one document at the end, or one line for each event.
//!
//! Both formats are versioned by [`SCHEMA_VERSION`](crate::verdict::SCHEMA_VERSION) and described
//! by the JSON Schemas in `checker/schema/`.

use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::verdict::{Event, PhaseReport, Report, TestReport};

/// One line of the streamed form.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StreamLine<'a> {
    /// The learner's crate and the suite are being compiled.
    Compiling,
    /// Another process works on the same crate, and has to end first.
    Waiting {
        /// Which one.
        holder: &'a str,
    },
    /// The binary is ready, or the phases that could not be built are known.
    Compiled {
        /// How long it took, in milliseconds.
        millis: u64,
    },
    /// A test ended.
    Tested {
        /// The phase's number.
        phase: u32,
        /// Its report.
        test: &'a TestReport,
    },
    /// A phase is complete.
    PhaseDone {
        /// Its report, with every test once more.
        phase: &'a PhaseReport,
    },
    /// The run is complete. This is the last line.
    Report {
        /// The whole report.
        report: &'a Report,
    },
}

impl<'a> From<&'a Event> for StreamLine<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::Waiting { holder } => StreamLine::Waiting { holder },
            Event::Compiling => StreamLine::Compiling,
            Event::Compiled { took } => StreamLine::Compiled {
                millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            },
            Event::Tested { phase, test } => StreamLine::Tested {
                phase: *phase,
                test,
            },
            Event::PhaseDone(phase) => StreamLine::PhaseDone { phase },
        }
    }
}

/// Writes a report as one indented document with a line end.
///
/// # Errors
/// When the writer fails.
pub fn document(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)?;
    out.flush()
}

/// Writes one line of the streamed form and flushes it, so that a reader sees it at once.
///
/// # Errors
/// When the writer fails.
pub fn line(line: &StreamLine<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)?;
    out.flush()
}

/// The JSON Schema of [`document`].
#[must_use]
pub fn report_schema() -> Schema {
    as_written::<Report>()
}

/// The JSON Schema of each line of the streamed form.
#[must_use]
pub fn stream_schema() -> Schema {
    as_written::<StreamLine<'_>>()
}

/// The schema of what is written, in which every field is there, rather than of what can be read.
fn as_written<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::report::terminal::samples;
    use crate::verdict::SCHEMA_VERSION;

    /// Compares a committed schema with the types, or writes it when `UPDATE_SCHEMA` is set.
    fn assert_up_to_date(name: &str, schema: &Schema) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("schema")
            .join(name);
        let current = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, current).unwrap();
            return;
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed.replace("\r\n", "\n") == current,
            "checker/schema/{name} differs from the types.\n\
             Run `UPDATE_SCHEMA=1 cargo test -p checker report::json`; if a field changed its \
             meaning or went, also raise SCHEMA_VERSION in checker/src/verdict.rs."
        );
    }

    #[test]
    fn the_schema_of_the_report_is_up_to_date() {
        assert_up_to_date(&format!("report-v{SCHEMA_VERSION}.json"), &report_schema());
    }

    #[test]
    fn the_schema_of_the_stream_is_up_to_date() {
        assert_up_to_date(&format!("stream-v{SCHEMA_VERSION}.json"), &stream_schema());
    }

    #[test]
    fn a_report_with_every_verdict_survives_the_way_through_json() {
        let mut report = samples::mixed();
        report
            .phases
            .push(samples::unbuilt(6, "Shared", samples::learner_problem()));
        report.phases[0].tests.push(samples::wrongly_compiled());
        let mut out = Vec::new();
        document(&report, &mut out).unwrap();
        let back: Report = serde_json::from_slice(&out).unwrap();
        assert_eq!(back, report);
    }

    #[test]
    fn a_test_carries_its_verdict_beside_its_name() {
        let value = serde_json::to_value(samples::failed()).unwrap();
        assert_eq!(value["verdict"], "failed");
        assert_eq!(
            value["name"],
            "p1_core::a_full_cache_evicts_the_least_recently_used"
        );
        assert_eq!(value["received"], "Some(2)");
    }

    #[test]
    fn each_event_is_one_line_and_the_report_comes_last() {
        let report = samples::all_passed();
        let mut out = Vec::new();
        let events = [
            Event::Compiling,
            Event::Compiled {
                took: std::time::Duration::from_millis(177),
            },
            Event::Tested {
                phase: 1,
                test: Box::new(samples::panicked()),
            },
            Event::PhaseDone(Box::new(report.phases[0].clone())),
        ];
        for event in &events {
            line(&StreamLine::from(event), &mut out).unwrap();
        }
        line(&StreamLine::Report { report: &report }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let names: Vec<_> = lines
            .iter()
            .map(|line| line["event"].as_str().unwrap())
            .collect();
        let expected = ["compiling", "compiled", "tested", "phase_done", "report"];
        assert_eq!(names, expected);
        assert_eq!(lines[1]["millis"], 177);
        assert_eq!(lines[2]["test"]["verdict"], "failed");
    }
}
