//! What a check must say about a learner.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::course::{Course, Start, course};
use crate::support::fixtures;

/// `expected.toml`, which `fixtures/learners/README.md` describes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(default)]
    begins_with: Start,
    test: Option<String>,
    time_scale: Option<f64>,
    notice: Option<String>,
    every_test: Option<BTreeMap<String, Value>>,
    problem: Option<BTreeMap<String, Value>>,
}

/// Checks a learner of the fixtures and compares what is said with what is expected.
pub(crate) fn verify(name: &str) {
    let text = fs::read_to_string(fixtures("learners").join(name).join("expected.toml")).unwrap();
    let expected: Expected = toml::from_str(&text).unwrap();
    let course = course();
    course.enter(expected.begins_with, Some(name));
    let report = report(&course, &expected);
    assert_eq!(
        course.survivors(),
        [] as [&str; 0],
        "left behind by `{name}`"
    );

    if let Some(part) = &expected.notice {
        let mut notices = report["notices"].as_array().unwrap().iter();
        let found = notices.any(|notice| notice.as_str().unwrap().contains(part));
        assert!(found, "no notice says {part:?}: {}", report["notices"]);
    }
    let phases = report["phases"].as_array().unwrap();
    if let Some(expected) = &expected.problem {
        for phase in phases {
            assert_contains(&phase["problem"], expected);
        }
    }
    let tests: Vec<&Value> = phases
        .iter()
        .flat_map(|phase| phase["tests"].as_array().unwrap())
        .collect();
    match &expected.every_test {
        Some(expected) => {
            assert!(!tests.is_empty(), "no test ran: {report:#}");
            for test in tests {
                assert_contains(test, expected);
            }
        }
        None => assert!(tests.is_empty(), "a test ran: {report:#}"),
    }
}

/// The report in the form that machines read.
fn report(course: &Course, expected: &Expected) -> Value {
    let test = expected.test.as_deref();
    match expected.time_scale {
        // Only a process of its own has an environment of its own.
        Some(scale) => {
            let output = course.program(test, scale).output().unwrap();
            let words = String::from_utf8_lossy(&output.stderr);
            serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("no report ({error}): {words}"))
        }
        None => serde_json::to_value(course.check(test).unwrap()).unwrap(),
    }
}

/// Fails unless `value` has every field that is expected; a text may be a part of the field's.
fn assert_contains(value: &Value, expected: &BTreeMap<String, Value>) {
    for (key, wanted) in expected {
        let found = &value[key];
        let fits = match (found, wanted) {
            (Value::String(found), Value::String(part)) => found.contains(part),
            (found, wanted) => found == wanted,
        };
        assert!(fits, "`{key}` is {found}, not {wanted}, in {value:#}");
    }
}
