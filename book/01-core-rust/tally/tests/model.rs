//! What fields mean.

use tally::error::{Field, ParseErrorKind};
use tally::line::Line;
use tally::model::{Bytes, Entry, Latency, Method, Status, StatusClass, Timestamp};
use tally::sample;

#[test]
fn a_status_has_three_digits_and_a_class() {
    for code in 0..=u16::MAX {
        let class = Status::new(code).map(Status::class);
        let expected = match code / 100 {
            digit @ 1..=5 => Some(StatusClass::ALL[usize::from(digit) - 1]),
            _ => None,
        };
        assert_eq!(class, expected, "{code}");
    }
    assert_eq!(
        "+200".parse::<Status>(),
        Err(ParseErrorKind::Invalid(Field::Status))
    );
}

#[test]
fn a_method_borrows_only_the_names_that_it_does_not_know() {
    assert_eq!(Method::from("PATCH"), Method::Patch);
    assert_eq!(Method::from("patch"), Method::Other("patch"));
    assert_eq!(Method::from("PROPFIND").to_string(), "PROPFIND");
}

// ANCHOR: sizes
#[cfg(target_pointer_width = "64")]
#[test]
fn types_are_as_large_as_the_lecture_says() {
    assert_eq!(size_of::<Status>(), 2);
    assert_eq!(size_of::<Method<'_>>(), 24);
    assert_eq!(size_of::<Option<Method<'_>>>(), 24);
    assert_eq!(size_of::<Line<'_>>(), 9 * 16);
    assert_eq!(size_of::<Entry<'_>>(), 88);
}
// ANCHOR_END: sizes

#[test]
fn a_latency_is_exact_to_the_microsecond() {
    let micros = |text: &str| text.parse().map(Latency::as_micros).ok();
    assert_eq!(micros("0.043"), Some(43_000));
    assert_eq!(micros("12"), Some(12_000_000));
    assert_eq!(micros("1.000001"), Some(1_000_001));
    assert_eq!(micros("18446744073709.551615"), Some(u64::MAX));
    let bad = [
        "",
        ".",
        ".5",
        "1.",
        "-1",
        "+1",
        "1e3",
        "0.0000001",
        "1.2.3",
        " 1",
        "18446744073709.551616",
    ];
    for text in bad {
        assert_eq!(micros(text), None, "{text}");
    }
}

#[test]
fn sums_of_bytes_stop_at_the_greatest() {
    let sum: Bytes = [Bytes(u64::MAX), Bytes(1)].into_iter().sum();
    assert_eq!(sum, Bytes(u64::MAX));
}

#[test]
fn people_read_sizes_and_times_with_units() {
    let bytes = |count| format!("{:#}", Bytes(count));
    assert_eq!(bytes(1_023), "1023 B");
    assert_eq!(bytes(1_024), "1.0 KiB");
    assert_eq!(bytes(1_048_575), "1.0 MiB");
    assert_eq!(bytes(u64::MAX), "16.0 EiB");
    let latency = |micros| format!("{:#}", Latency::from_micros(micros));
    assert_eq!(latency(999), "999 µs");
    assert_eq!(latency(43_000), "43.0 ms");
    assert_eq!(latency(999_949), "999.9 ms");
    assert_eq!(latency(999_950), "1.00 s");
}

#[test]
fn a_time_is_a_moment_whatever_its_zone() {
    let unix = |text: &str| text.parse().map(Timestamp::as_unix).ok();
    assert_eq!(unix("01/Jan/1970:00:00:00 +0000"), Some(0));
    assert_eq!(unix("12/Mar/2026:00:00:00 +0000"), Some(1_773_273_600));
    assert_eq!(unix("12/Mar/2026:05:30:00 +0530"), Some(1_773_273_600));
    assert_eq!(unix("11/Mar/2026:16:00:00 -0800"), Some(1_773_273_600));
    assert_eq!(unix("29/Feb/2000:23:59:60 +0000"), Some(951_868_800));
    let bad = [
        "29/Feb/2026:00:00:00 +0000",
        "29/Feb/1900:00:00:00 +0000",
        "00/Mar/2026:00:00:00 +0000",
        "12/mar/2026:00:00:00 +0000",
        "12/Mar/26:00:00:00 +0000",
        "12/Mar/2026:24:00:00 +0000",
        "12/Mar/2026:00:00 +0000",
        "12/Mar/2026:00:00:00 0000",
        "12/Mar/2026:00:00:00 +00:00",
        "12/Mar/2026:00:00:00",
        "-1/Mar/2026:00:00:00 +0000",
    ];
    for text in bad {
        assert_eq!(unix(text), None, "{text}");
    }
}

#[test]
fn every_day_of_eight_centuries_formats_and_parses_back() {
    let mut seconds = -62_167_219_200_i64;
    while seconds < -62_167_219_200 + 800 * 366 * 86_400 {
        let time = Timestamp::from_unix(seconds);
        assert_eq!(time.to_string().parse(), Ok(time), "{time}");
        // An odd step visits every time of the day, too.
        seconds += 86_400 - 61;
    }
}

// ANCHOR: columns
#[test]
fn an_error_points_to_the_field_that_is_wrong() {
    let line = sample::log(1, 1);
    let line = line.trim_end();
    let fields = Line::split(line).expect("a sample line is valid");
    let cases = [
        (fields.time, Field::Time),
        (fields.request, Field::Request),
        (fields.status, Field::Status),
        (fields.bytes, Field::Bytes),
        (fields.latency, Field::Latency),
    ];
    for (text, field) in cases {
        let start = text.as_ptr().addr() - line.as_ptr().addr();
        let bad = format!("{}x{}", &line[..start], &line[start + text.len()..]);
        let error = Entry::parse(&bad).expect_err("the field is invalid");
        assert_eq!(
            (error.column, error.kind),
            (start + 1, ParseErrorKind::Invalid(field))
        );
    }
}
// ANCHOR_END: columns

#[test]
fn a_request_that_is_not_http_is_refused() {
    let line = sample::log(1, 1);
    let line = line.trim_end();
    let request = Line::split(line).expect("a sample line is valid").request;
    for bad in [
        "",
        "-",
        r"\x16\x03\x01\x02\x00",
        "GET /",
        "GET  HTTP/1.1",
        " / HTTP/1.1",
    ] {
        let line = line.replace(request, bad);
        let error = Entry::parse(&line).expect_err(bad);
        assert_eq!(error.kind, ParseErrorKind::Invalid(Field::Request));
    }
    let spaces = line.replace(request, "GET /a b?c d HTTP/1.1");
    let path = Entry::parse(&spaces).map(|entry| entry.path.to_owned());
    assert_eq!(path.as_deref(), Ok("/a b"));
}
