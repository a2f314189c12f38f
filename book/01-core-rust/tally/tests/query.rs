//! Questions and answers.

use std::error::Error as _;

use tally::error::{BadLines, Context, Error, Mismatch};
use tally::metric::{Count, Metric, Percentile, Rank};
use tally::query::{By, Query};
use tally::sample;

fn line(path: &str, status: u16) -> String {
    format!(
        "::1 - - [12/Mar/2026:10:15:32 +0000] \"GET {path} HTTP/2.0\" {status} 10 \"-\" \"-\" 0.001\n"
    )
}

#[test]
fn all_filters_hold_for_what_is_counted() {
    let log = [line("/a", 200), line("/b", 200), line("/a", 404)].concat();
    let query = Query::new()
        .only(|entry| entry.path == "/a")
        .group_by(By::Status)
        .only(|entry| entry.status.class().is_error());
    let answer = query
        .run(log.as_bytes(), Count::default)
        .expect("the log is read");
    let rows: Vec<(&str, u64)> = answer
        .rows()
        .map(|(name, count)| (name, count.finish()))
        .collect();
    assert_eq!(rows, [("404", 1)]);
    assert_eq!(answer.entries(), 3);
}

#[test]
fn the_greatest_groups_come_first_and_equal_ones_in_the_order_of_their_names() {
    let log: String = ["/b", "/c", "/a", "/c"]
        .map(|path| line(path, 200))
        .concat();
    let query = Query::new().group_by(By::Path);
    let answer = query
        .run(log.as_bytes(), Count::default)
        .expect("the log is read");
    let top = |k| {
        answer
            .top(k, Count::finish)
            .into_iter()
            .map(|(name, _)| name)
    };
    assert_eq!(top(9).collect::<Vec<_>>(), ["/c", "/a", "/b"]);
    assert_eq!(top(2).collect::<Vec<_>>(), ["/c", "/a"]);
    assert_eq!(top(0).count(), 0);
}

// ANCHOR: source-chain
#[test]
fn a_bad_line_stops_or_is_counted() {
    let log = [line("/a", 200), line("/a", 999), line("/a", 200)].concat();
    let skip = Query::new().group_by(By::Path);
    let answer = skip
        .run(log.as_bytes(), Count::default)
        .expect("bad lines are skipped");
    assert_eq!((answer.entries(), answer.skipped()), (2, 1));

    let stop = Query::new().on_bad_line(BadLines::Stop).group_by(By::Path);
    let error = stop
        .run(log.as_bytes(), Count::default)
        .expect_err("bad lines stop");
    assert!(matches!(&error, Error::Parse(error) if error.line == 2));
    let failure = Err::<(), _>(error)
        .context(|| "access.log")
        .expect_err("it is an error");
    assert_eq!(failure.to_string(), "access.log");
    assert_eq!(
        format!("{failure:#}"),
        "access.log: bad line: 2:56: status is invalid: expected a number from 100 to 599",
    );
    assert!(failure.source().is_some_and(|source| source.is::<Error>()));
}
// ANCHOR_END: source-chain

#[test]
fn answers_about_two_logs_merge_into_the_answer_about_both() {
    let (first, second) = (sample::log(1, 300), sample::log(2, 300));
    let query = Query::new().group_by(By::Path);
    let ask = |log: &str| {
        query
            .run(log.as_bytes(), Count::default)
            .expect("the log is read")
    };
    let mut merged = ask(&first);
    merged
        .merge(ask(&second))
        .expect("the question is the same");
    let both = ask(&[first, second].concat());
    let rows = |answer: &tally::query::Answer<Count>| {
        let top = answer.top(usize::MAX, Count::finish).into_iter();
        top.map(|(name, count)| (name.to_owned(), count.finish()))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&merged), rows(&both));
    assert_eq!(merged.entries(), 600);
}

#[test]
fn answers_to_different_questions_do_not_merge() {
    let query = Query::new().group_by(By::Class);
    let ask = |tenths| {
        let rank = Rank::from_tenths(tenths).expect("it is in range");
        query
            .run(line("/", 200).as_bytes(), || Percentile::new(rank))
            .expect("the log is read")
    };
    let error = ask(500).merge(ask(990)).expect_err("the ranks differ");
    assert!(matches!(error, Error::Merge(Mismatch)));
}
