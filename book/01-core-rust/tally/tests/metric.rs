//! Metrics of one type and of any.

use tally::error::Mismatch;
use tally::group::{EntriesExt, group_by};
use tally::metric::{Count, Metric, MetricKind, Percentile, Rank, TotalBytes, Value, run, run_dyn};
use tally::model::{Bytes, Latency};
use tally::sample;

#[test]
fn static_and_dynamic_dispatch_come_to_the_same() {
    let log = sample::log(1, 100);
    let entries = || log.lines().entries().filter_map(Result::ok);
    let bytes = run(TotalBytes::default(), entries());
    assert_eq!(
        run_dyn(&mut TotalBytes::default(), entries()),
        Value::Bytes(bytes)
    );
    assert_eq!(
        run(MetricKind::Bytes.build(), entries()),
        Value::Bytes(bytes)
    );
    assert!(bytes > Bytes(0));
}

#[test]
fn metrics_of_different_kinds_do_not_merge() {
    let mut requests = MetricKind::Requests.build();
    assert_eq!(requests.merge(MetricKind::Requests.build()), Ok(()));
    assert_eq!(requests.merge(MetricKind::Bytes.build()), Err(Mismatch));
    let p99 = Rank::from_tenths(990).expect("it is in range");
    let mut median = Percentile::new(Rank::MEDIAN);
    assert_eq!(median.merge(Percentile::new(p99)), Err(Mismatch));
    assert_eq!(vec![Count::default()].merge(Vec::new()), Err(Mismatch));
}

#[test]
fn a_percentile_of_nothing_is_absent() {
    assert_eq!(Percentile::new(Rank::MEDIAN).finish(), None);
    assert_eq!(Value::from(None::<Latency>).to_string(), "-");
}

#[test]
fn names_of_metrics_parse_and_format_back() {
    for name in ["requests", "bytes", "p0.1", "p50", "p99.9", "p100"] {
        let kind: MetricKind = name.parse().expect("it is a name");
        assert_eq!(kind.to_string(), name);
    }
    for name in [
        "", "p", "p0", "p100.1", "p50.", "p.5", "p+5", "p50.55", "request", "p65536",
    ] {
        assert!(name.parse::<MetricKind>().is_err(), "{name}");
    }
}

#[test]
fn a_tuple_measures_both_and_keys_may_borrow_from_the_log() {
    let log = sample::log(1, 200);
    let entries = log.lines().entries().filter_map(Result::ok);
    let make = || (Count::default(), TotalBytes::default());
    let groups = group_by(entries, |entry| entry.path, make);
    let total = groups
        .into_iter()
        .fold((0, Bytes(0)), |mut total, (_path, metric)| {
            let (count, bytes) = metric.finish();
            total.0 += count;
            total.1 += bytes;
            total
        });
    let entries = log.lines().entries().filter_map(Result::ok);
    assert_eq!(total, run(make(), entries));
    assert_eq!(total.0, 200);
}
