//! An answer as a table for people, or as JSON for programs.

use std::fmt;

use crate::metric::{DynMetric, Metric, MetricKind, Value};
use crate::query::{Answer, By};

// ANCHOR: report
/// The first rows of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Report {
    /// What the rows are grouped by.
    pub by: String,
    /// The names of the metrics, in the order of the values of each row.
    pub metrics: Vec<String>,
    /// The rows, the greatest first.
    pub rows: Vec<Row>,
    /// The number of entries that were read.
    pub entries: u64,
    /// The number of bad lines that were skipped.
    pub skipped: u64,
}

/// A row of a [`Report`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct Row {
    /// The name of the group.
    pub name: String,
    /// What the metrics come to.
    pub values: Vec<Value>,
}
// ANCHOR_END: report

// ANCHOR: report-new
impl Report {
    /// Reports the `limit` groups of which the metric at index `sort` says the most.
    #[must_use]
    pub fn new(
        answer: &Answer<Vec<Box<dyn DynMetric>>>,
        by: By,
        metrics: &[MetricKind],
        sort: usize,
        limit: usize,
    ) -> Self {
        let weight = |metrics: &Vec<Box<dyn DynMetric>>| metrics.get(sort).map(Metric::finish);
        let rows = answer.top(limit, weight).into_iter();
        Self {
            by: by.to_string(),
            metrics: metrics.iter().map(MetricKind::to_string).collect(),
            rows: rows
                .map(|(name, metrics)| Row {
                    name: name.to_owned(),
                    values: metrics.finish(),
                })
                .collect(),
            entries: answer.entries(),
            skipped: answer.skipped(),
        }
    }
}
// ANCHOR_END: report-new

// ANCHOR: json
#[cfg(feature = "json")]
impl Report {
    /// The report as JSON: bytes as a number, latencies as a number of microseconds.
    ///
    /// # Errors
    ///
    /// Fails if `out` does.
    pub fn write_json(&self, mut out: impl std::io::Write) -> std::io::Result<()> {
        serde_json::to_writer_pretty(&mut out, self)?;
        out.write_all(b"\n")
    }
}
// ANCHOR_END: json

// ANCHOR: table
impl fmt::Display for Report {
    /// A table with a line for each row, names on the left and numbers on the right.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.values.iter().map(Value::to_string).collect())
            .collect();
        let names = self.rows.iter().map(|row| &row.name).chain([&self.by]);
        let name_width = names.map(|name| width(name)).max().unwrap_or_default();
        let widths: Vec<usize> = self
            .metrics
            .iter()
            .enumerate()
            .map(|(column, metric)| {
                let cells = cells.iter().filter_map(|row| row.get(column));
                cells
                    .chain([metric])
                    .map(|cell| width(cell))
                    .max()
                    .unwrap_or_default()
            })
            .collect();

        let headings = std::iter::once((&self.by, &self.metrics));
        let rows = self.rows.iter().map(|row| &row.name).zip(&cells);
        for (name, cells) in headings.chain(rows) {
            write!(f, "{name:<name_width$}")?;
            for (cell, width) in cells.iter().zip(&widths) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}
// ANCHOR_END: table
