//! Reads what criterion measured.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Deserialize;
use walkdir::WalkDir;

/// The name under which benchmarks list the code under test.
pub const OURS: &str = "this";

/// One operation, measured for several implementations in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The operation.
    pub operation: String,
    /// The implementations, the code under test first, then by time.
    pub measurements: Vec<Measurement>,
}

/// One implementation's time.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The implementation.
    pub implementation: String,
    /// The median time of one iteration, in nanoseconds.
    pub nanos: f64,
    /// Operations in one iteration, where the benchmark says so.
    pub elements: Option<u64>,
    /// How many times as fast as this implementation the code under test is.
    pub ratio: Option<f64>,
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Reads every measurement below criterion's folder.
///
/// # Errors
/// When a file is unreadable or not what criterion writes.
pub fn read(folder: &Path) -> io::Result<Vec<Group>> {
    let mut groups: BTreeMap<String, Vec<Measurement>> = BTreeMap::new();
    for entry in WalkDir::new(folder).into_iter() {
        let entry = entry?;
        if !entry.path().ends_with("new/benchmark.json") {
            continue;
        }
        let benchmark: Benchmark = json(entry.path())?;
        let estimates: Estimates = json(&entry.path().with_file_name("estimates.json"))?;
        let operation = match &benchmark.value_str {
            Some(value) => format!("{} {value}", benchmark.group_id),
            None => benchmark.group_id,
        };
        let elements = benchmark
            .throughput
            .and_then(|throughput| throughput.get("Elements")?.as_u64());
        groups.entry(operation).or_default().push(Measurement {
            implementation: benchmark.function_id.unwrap_or_else(|| OURS.to_owned()),
            nanos: estimates.median.point_estimate,
            elements,
            ratio: None,
        });
    }
    Ok(groups
        .into_iter()
        .map(|(operation, measurements)| ranked(operation, measurements))
        .collect())
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    let text = std::fs::read(path)?;
    serde_json::from_slice(&text).map_err(|error| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{}: {error}", path.display()),
        )
    })
}

fn ranked(operation: String, mut measurements: Vec<Measurement>) -> Group {
    let ours = measurements
        .iter()
        .find(|measurement| measurement.implementation == OURS)
        .map(|measurement| measurement.nanos);
    for measurement in &mut measurements {
        measurement.ratio = ours.map(|ours| measurement.nanos / ours);
    }
    measurements.sort_by(|left, right| {
        let rank = |m: &Measurement| m.implementation != OURS;
        rank(left)
            .cmp(&rank(right))
            .then(left.nanos.total_cmp(&right.nanos))
    });
    Group {
        operation,
        measurements,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(implementation: &str, nanos: f64) -> Measurement {
        Measurement {
            implementation: implementation.into(),
            nanos,
            elements: None,
            ratio: None,
        }
    }

    #[test]
    fn ratios_tell_how_many_times_as_fast_the_code_under_test_is() {
        let group = ranked(
            "hit".into(),
            vec![
                measurement("lru", 30.0),
                measurement("fast", 5.0),
                measurement(OURS, 10.0),
            ],
        );
        let rows: Vec<_> = group
            .measurements
            .iter()
            .map(|m| (m.implementation.as_str(), m.ratio))
            .collect();
        assert_eq!(
            rows,
            [(OURS, Some(1.0)), ("fast", Some(0.5)), ("lru", Some(3.0))]
        );
    }

    #[test]
    fn what_criterion_writes_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("hit/this/new");
        std::fs::create_dir_all(&new).unwrap();
        std::fs::write(
            new.join("benchmark.json"),
            r#"{"group_id":"hit","function_id":"this","value_str":null,"throughput":{"Elements":4}}"#,
        )
        .unwrap();
        std::fs::write(
            new.join("estimates.json"),
            r#"{"median":{"point_estimate":8.0}}"#,
        )
        .unwrap();
        let groups = read(dir.path()).unwrap();
        assert_eq!(groups[0].operation, "hit");
        assert_eq!(groups[0].measurements[0].elements, Some(4));
    }
}
