//! What holds for every input.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use tally::error::Mismatch;
use tally::group::TopK;
use tally::intern::{ArenaInterner, BufferInterner, RcInterner};
use tally::line::{Line, LineReader};
use tally::metric::{
    Count, DynMetric, Histogram, Metric, MetricKind, Percentile, Rank, TotalBytes,
};
use tally::model::{Bytes, Entry, Latency, Timestamp};
use tally::sample::{self, Sample};

// ANCHOR: strategies
/// Lines that are almost right: a valid one with a part of it replaced.
fn damaged_line() -> impl Strategy<Value = String> {
    let parts = (
        any::<u64>(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    );
    (parts, r#"[ \[\]"/:.+0-9a-zé-]{0,6}"#).prop_map(|((seed, start, length), text)| {
        let line: String = Sample::new(seed).take(1).collect();
        let start = start.index(line.len());
        let end = start + length.index(line.len() - start);
        format!("{}{text}{}", &line[..start], &line[end..])
    })
}

fn latencies() -> impl Strategy<Value = Vec<Latency>> {
    // As many short ones as long ones.
    let micros = (any::<u64>(), 0..64_u32).prop_map(|(bits, shift)| bits >> shift);
    vec(micros.prop_map(Latency::from_micros), 0..50)
}
// ANCHOR_END: strategies

// ANCHOR: never-panics
proptest! {
    #[test]
    fn the_parser_never_panics_on_any_text(text in any::<String>()) {
        let _ = Entry::parse(&text);
    }

    #[test]
    fn an_error_lies_within_the_line_or_at_its_end(text in damaged_line()) {
        if let Err(error) = Entry::parse(&text) {
            prop_assert!((1..=text.len() + 1).contains(&error.column), "{error}");
            prop_assert!(text.is_char_boundary(error.column - 1), "{error}");
        }
    }

    #[test]
    fn a_reader_takes_any_bytes_and_comes_to_their_end(bytes in any::<Vec<u8>>()) {
        let mut reader = LineReader::new(&bytes[..]);
        let mut lines = 0;
        while !matches!(reader.next_entry(), Ok(None)) {
            lines += 1;
        }
        let breaks = bytes.iter().filter(|byte| **byte == b'\n').count();
        let last = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
        prop_assert_eq!(lines, breaks + last);
    }
}
// ANCHOR_END: never-panics

// ANCHOR: round-trips
proptest! {
    #[test]
    fn a_line_that_splits_formats_to_the_same_text(text in damaged_line()) {
        if let Ok(line) = Line::split(&text) {
            prop_assert_eq!(line.to_string(), text);
        }
    }

    #[test]
    fn latencies_and_bytes_format_and_parse_back(number: u64) {
        let latency = Latency::from_micros(number);
        prop_assert_eq!(latency.to_string().parse(), Ok(latency));
        prop_assert_eq!(Bytes(number).to_string().parse(), Ok(Bytes(number)));
    }

    #[test]
    fn times_format_and_parse_back(seconds in -62_167_219_200..253_402_300_800_i64) {
        let time = Timestamp::from_unix(seconds);
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }

    #[test]
    fn ranks_format_and_parse_back(tenths in 1..=1_000_u16) {
        let rank = Rank::from_tenths(tenths).expect("it is in range");
        prop_assert_eq!(rank.to_string().parse(), Ok(rank));
    }
}
// ANCHOR_END: round-trips

// ANCHOR: merge
/// Merges in both ways in which three parts can be grouped.
fn merged_both_ways<M: Metric + Clone>(parts: [M; 3]) -> Result<(M, M), Mismatch> {
    let [a, b, c] = parts;
    let mut left = a.clone();
    left.merge(b.clone())?;
    left.merge(c.clone())?;
    let mut right = b;
    right.merge(c)?;
    let mut whole = a;
    whole.merge(right)?;
    Ok((left, whole))
}

fn recorded<M: Metric>(mut metric: M, log: &str) -> M {
    for entry in log.lines().filter_map(|line| Entry::parse(line).ok()) {
        metric.record(&entry);
    }
    metric
}

proptest! {
    #[test]
    fn merging_is_associative_and_the_same_as_recording_everything(
        seed: u64,
        lengths in prop::array::uniform3(0..20_usize),
    ) {
        let rank = Rank::MEDIAN;
        let new = || ((Count::default(), TotalBytes::default()), Percentile::new(rank));
        let logs = [0, 1, 2].map(|n| sample::log(seed.wrapping_add(n), lengths[n as usize]));
        let parts = [0, 1, 2].map(|n: usize| recorded(new(), &logs[n]));
        let (left, right) = merged_both_ways(parts).expect("the ranks are the same");
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(left, recorded(new(), &logs.concat()));
    }
}
// ANCHOR_END: merge

proptest! {
    #[test]
    fn boxed_metrics_come_to_the_same_as_plain_ones(seed: u64) {
        let log = sample::log(seed, 20);
        let boxed = |kind: MetricKind| recorded(kind.build(), &log).finish();
        let rank = Rank::MEDIAN;
        prop_assert_eq!(boxed(MetricKind::Requests), recorded(Count::default(), &log).finish_dyn());
        prop_assert_eq!(boxed(MetricKind::Bytes), recorded(TotalBytes::default(), &log).finish_dyn());
        let percentile = recorded(Percentile::new(rank), &log);
        prop_assert_eq!(boxed(MetricKind::Percentile(rank)), percentile.finish_dyn());
    }

    // ANCHOR: percentile
    #[test]
    fn a_percentile_is_at_most_one_128th_above_the_exact_one(
        mut latencies in latencies(),
        tenths in 1..=1_000_u16,
    ) {
        let rank = Rank::from_tenths(tenths).expect("it is in range");
        let histogram: Histogram = latencies.iter().copied().collect();
        latencies.sort_unstable();
        let place = (latencies.len() * usize::from(tenths)).div_ceil(1_000);
        let exact = place.checked_sub(1).map(|index| latencies[index].as_micros());
        let found = histogram.percentile(rank).map(Latency::as_micros);
        match (exact, found) {
            (Some(exact), Some(found)) => {
                prop_assert!(found >= exact && found - exact <= exact / 128);
            }
            (exact, found) => prop_assert_eq!(exact, found),
        }
    }
    // ANCHOR_END: percentile

    // ANCHOR: top-k
    #[test]
    fn top_k_is_the_head_of_a_sorted_list(mut items in vec(0..100_u8, 0..50), k in 0..60_usize) {
        let mut top = TopK::new(k);
        top.extend(items.iter().copied());
        items.sort_unstable_by(|a, b| b.cmp(a));
        items.truncate(k);
        prop_assert_eq!(top.into_sorted_vec(), items);
    }
    // ANCHOR_END: top-k

    // ANCHOR: interners
    #[test]
    fn interners_agree_with_each_other(names in vec("[a-cé]{0,3}", 0..60)) {
        let mut arena: ArenaInterner = ArenaInterner::default();
        let mut buffer: BufferInterner = BufferInterner::default();
        let mut shared: RcInterner = RcInterner::default();
        for name in &names {
            let symbol = buffer.intern(name).expect("there is room");
            prop_assert_eq!(arena.intern(name), Ok(symbol));
            prop_assert_eq!(buffer.resolve(symbol), Some(&name[..]));
            prop_assert_eq!(arena.resolve(symbol), Some(&name[..]));
            prop_assert_eq!(&*shared.intern(name), &name[..]);
        }
        let different: BTreeSet<&String> = names.iter().collect();
        prop_assert_eq!(shared.len(), different.len());
    }
    // ANCHOR_END: interners
}
