//! Phase 1: keys, formats, and `conf get FILE KEY`.

use crate::{built::told, tool::Tool};
use config_cli::{
    Error, Exit, Format, KeyPath,
    Segment::{self, Index, Name},
};
use std::path::Path;
use suite_kit::{Scenario, property::check_moves};

fn name(name: &str) -> Segment {
    Name(name.to_owned())
}

#[track_caller]
fn expect_segments(text: &str, segments: &[Segment]) {
    let scenario = Scenario::new();
    match text.parse::<KeyPath>() {
        Ok(path) => scenario.expect_eq(
            format_args!("the segments of the key {text}"),
            path.segments(),
            segments,
        ),
        Err(error) => scenario.fail(format_args!("{text:?} is a key"), error),
    }
}

#[track_caller]
fn expect_no_key(text: &str) {
    let scenario = Scenario::new();
    match text.parse::<KeyPath>() {
        Ok(path) => scenario.fail(
            format_args!("{text:?} is no key"),
            format_args!("{:?}", path.segments()),
        ),
        Err(Error::InvalidKey { text: told, .. }) => {
            scenario.expect_eq("the text in the error", told.as_str(), text);
        }
        Err(other) => scenario.fail("the error InvalidKey", told(&other)),
    }
}

/// A key is names with dots between them, and numbers in brackets, which are indices.
///
/// A bare name may hold any character that means nothing in a key, also such as TOML does not
/// take without quotes. Digits without brackets are a name.
#[test]
fn a_key_is_names_and_indices() {
    expect_segments("port", &[name("port")]);
    expect_segments("server.port", &[name("server"), name("port")]);
    expect_segments("a-b_c.é.x/y", &[name("a-b_c"), name("é"), name("x/y")]);
    expect_segments(
        "servers[0].host",
        &[name("servers"), Index(0), name("host")],
    );
    expect_segments("m[1][22]", &[name("m"), Index(1), Index(22)]);
    expect_segments("a[007]", &[name("a"), Index(7)]);
    expect_segments(
        &format!("a[{}]", usize::MAX),
        &[name("a"), Index(usize::MAX)],
    );
    expect_segments("a.0", &[name("a"), name("0")]);
    expect_segments(r#""a"[1]"#, &[name("a"), Index(1)]);
}

/// A name in quotes may hold any character: with escapes in double quotes, without in single ones.
///
/// Often a dot between quotes splits the key, or an escaped quote ends the name.
#[test]
fn a_quoted_name_may_hold_anything() {
    expect_segments(
        r#"rules."example.com".allow"#,
        &[name("rules"), name("example.com"), name("allow")],
    );
    expect_segments(r"'a.b\'.c", &[name(r"a.b\"), name("c")]);
    expect_segments(r#""".''"#, &[name(""), name("")]);
    expect_segments(
        r#""\"\\\b\t\n\f\r\u00e9\u6f22""#,
        &[name("\"\\\u{8}\t\n\u{c}\ré漢")],
    );
    expect_segments("\"two\nlines [1] = '\"", &[name("two\nlines [1] = '")]);
}

/// A text that the grammar does not make is no key, and the error holds it.
///
/// hint: White space is nowhere skipped, and each of `.`, `[` and a quote is taken only where the grammar has it.
#[test]
fn what_the_grammar_does_not_make_is_no_key() {
    for text in [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "[0]",
        "a.[0]",
        "a[",
        "a[]",
        "a[x]",
        "a[-1]",
        "a[+1]",
        "a[1",
        "a[0]b",
        "a]",
        "a b",
        " a",
        "a ",
        "a\n",
        "a=b",
        "a\"b\"",
        "\"a\"b",
        "\"a",
        "'a",
        "\"a\\",
        "'a\\''",
        r#""\x""#,
        r#""\u00""#,
        r#""\u12g4""#,
        r#""\u+041""#,
        r#""\ud800""#,
        "a\u{7f}",
        "a\u{a0}",
        "a[ 1]",
        "a[1] ",
    ] {
        expect_no_key(text);
    }
    expect_no_key(&format!("a[{}0]", usize::MAX));
}

/// A key has at most 64 segments.
#[test]
fn a_key_has_at_most_64_segments() {
    let longest = vec!["a"; KeyPath::MAX_SEGMENTS].join(".");
    expect_segments(&longest, &vec![name("a"); KeyPath::MAX_SEGMENTS]);
    expect_no_key(&format!("{longest}.a"));
    expect_no_key(&format!("{longest}[0]"));
    expect_no_key(&format!("a{}", "[0]".repeat(10_000)));
}

/// A key is displayed in its canonical form, with quotes only where they are needed.
#[test]
fn a_key_is_displayed_in_its_canonical_form() {
    let scenario = Scenario::new();
    for (text, canonical) in [
        ("server.port", "server.port"),
        ("'a-b'.\"C_9\".'0'", "a-b.C_9.0"),
        ("a[007].'x'", "a[7].x"),
        ("'example.com'", "\"example.com\""),
        ("''", "\"\""),
        ("é", "\"é\""),
        ("x/y", "\"x/y\""),
        (r#"'a"b\c'"#, r#""a\"b\\c""#),
        (
            "\"\\b\\t\\n\\f\\r\\u0000\\u001b\\u007f\\u0085\"",
            r#""\b\t\n\f\r\u0000\u001b\u007f\u0085""#,
        ),
    ] {
        match text.parse::<KeyPath>() {
            Ok(path) => scenario.expect_eq(
                format_args!("the canonical form of {text:?}"),
                path.to_string(),
                canonical,
            ),
            Err(error) => scenario.fail(format_args!("{text:?} is a key"), error),
        }
    }
}

/// Two keys are equal if they lead the same way, and the canonical form of any key parses to the
/// same key.
#[test]
fn a_canonical_form_parses_to_the_same_key() {
    const CHARACTERS: [char; 16] = [
        'a', 'Z', '0', '_', '-', '.', '[', ']', '"', '\'', '\\', '\n', '\u{7f}', ' ', 'é', '🦀',
    ];
    check_moves(200, 12, &|scenario, _, moves| {
        let mut names = vec![String::new()];
        for one in moves {
            if one.kind < 64 {
                names.push(String::new());
            }
            let character = CHARACTERS[usize::from(one.key) % CHARACTERS.len()];
            names.last_mut().unwrap().push(character);
        }
        let text = names
            .iter()
            .map(|name| crate::tree::quoted(name))
            .collect::<Vec<_>>()
            .join(".");
        scenario.step(format!("the key {text}"));
        let path: KeyPath = text.parse().unwrap();
        let segments: Vec<Segment> = names.into_iter().map(Name).collect();
        scenario.expect_eq("its segments", path.segments(), &segments[..]);
        let canonical = path.to_string();
        scenario.step(format!("its canonical form {canonical}"));
        match canonical.parse::<KeyPath>() {
            Ok(again) => scenario.expect_eq("the key that it parses to", again, path),
            Err(error) => scenario.fail("it parses", error),
        }
    });
    let scenario = Scenario::new();
    let parsed = |text: &str| text.parse::<KeyPath>().unwrap();
    scenario.expect_eq("quotes", parsed(r#""a".'b'[01]"#), parsed("a.b[1]"));
    scenario.expect_eq("an escape", parsed(r#""\u0061""#), parsed("a"));
    scenario.expect(
        parsed("a.0") != parsed("a[0]"),
        "a.0 and a[0] differ",
        "they are equal",
    );
}

/// The extension tells the format, whatever its case.
#[test]
fn the_extension_tells_the_format() {
    let scenario = Scenario::new();
    for (path, format) in [
        ("app.toml", Some(Format::Toml)),
        ("folder.json/app.TOML", Some(Format::Toml)),
        ("/etc/app.json", Some(Format::Json)),
        ("app.toml.Json", Some(Format::Json)),
        ("app.yaml", None),
        ("app.tomls", None),
        ("toml", None),
        (".json", None),
        ("folder.toml/app", None),
    ] {
        let received = Format::from_path(Path::new(path));
        scenario.expect_eq(format_args!("the format of {path}"), received, format);
    }
}

/// `get` prints a value of a TOML file and a line break: strings as they are, numbers as numbers,
/// datetimes as TOML writes them, with a `T` between date and time.
#[test]
fn get_prints_a_value_of_a_toml_file() {
    let tool = Tool::with(&[(
        "app.toml",
        "title = 'a \"b\"'\nport = 8_080\nhex = 0xff\nratio = 2.50\non = true\nnone = ''\n\
         many = '''\none\ntwo'''\n[server.limits]\nmax = -3\n",
    )]);
    for (key, value) in [
        ("title", "a \"b\""),
        ("port", "8080"),
        ("hex", "255"),
        ("ratio", "2.5"),
        ("on", "true"),
        ("none", ""),
        ("many", "one\ntwo"),
        ("server.limits.max", "-3"),
    ] {
        tool.conf_words(&["get", "./app.toml", key])
            .expect_line(value);
    }
    for (written, printed) in [
        ("1979-05-27T07:32:00Z", "1979-05-27T07:32:00Z"),
        ("1979-05-27 07:32:00-07:30", "1979-05-27T07:32:00-07:30"),
        ("1979-05-27T00:32:00.999999", "1979-05-27T00:32:00.999999"),
        ("1979-05-27", "1979-05-27"),
        ("07:32:01", "07:32:01"),
    ] {
        let tool = Tool::with(&[("app.toml", &format!("at = {written}\n"))]);
        tool.conf("get ./app.toml at").expect_line(printed);
    }
}

/// `get` prints a value of a JSON file in the same way.
#[test]
fn get_prints_a_value_of_a_json_file() {
    let tool = Tool::with(&[(
        "app.json",
        r#"{"title": "a \"b\" \u00e9", "port": 8080, "ratio": 25e-1, "whole": 1.0, "exp": 1E2,
            "on": false, "nothing": null, "server": {"limits": {"max": -3}}}"#,
    )]);
    for (key, value) in [
        ("title", "a \"b\" é"),
        ("port", "8080"),
        ("ratio", "2.5"),
        ("whole", "1.0"),
        ("on", "false"),
        ("nothing", "null"),
        ("server.limits.max", "-3"),
    ] {
        tool.conf_words(&["get", "./app.json", key])
            .expect_line(value);
    }
    let ended = tool.conf("get ./app.json exp");
    tool.scenario.expect(
        ended.stdout.trim_end().parse() == Ok(100.0) && ended.stdout.trim_end() != "100",
        "a text that reads as the float 100.0, and not as an integer",
        format_args!("{:?}", ended.stdout),
    );
}

/// A key leads through tables, names in quotes, and elements of arrays.
#[test]
fn a_key_leads_through_tables_and_arrays() {
    let tool = Tool::with(&[
        (
            "app.toml",
            "m = [[1, 2], [3]]\n[rules.\"example.com\"]\nallow = true\n[[servers]]\nhost = 'one'\n\
             [[servers]]\nhost = 'two'\n['']\n0 = 'zero'\n",
        ),
        ("app.json", r#"{"a.b": [{"c": [10, 20]}]}"#),
    ]);
    for (file, key, value) in [
        ("./app.toml", "rules.\"example.com\".allow", "true"),
        ("./app.toml", "rules.'example.com'.allow", "true"),
        ("./app.toml", "servers[1].host", "two"),
        ("./app.toml", "m[0][1]", "2"),
        ("./app.toml", "''.0", "zero"),
        ("./app.json", "'a.b'[0].c[1]", "20"),
    ] {
        tool.conf_words(&["get", file, key]).expect_line(value);
    }
}

/// A table or an array is printed in notation: JSON without white space, names in order.
#[test]
fn tables_and_arrays_are_printed_in_notation() {
    let tool = Tool::with(&[
        (
            "app.toml",
            "[t]\nz = 1\na = [1.5, true, 'x']\nZ = {}\n'é' = nan\nd = 1979-05-27\n\
             i = [inf, -inf]\nq = \"\\\"\\\\/\\b\\t\\n\\f\\r\\u001b\\u007f\"\n",
        ),
        ("app.json", r#"{"t": {"b": null, "a": []}}"#),
    ]);
    tool.conf("get ./app.toml t").expect_line(
        "{\"Z\":{},\"a\":[1.5,true,\"x\"],\"d\":\"1979-05-27\",\"i\":[inf,-inf],\
         \"q\":\"\\\"\\\\/\\b\\t\\n\\f\\r\\u001b\u{7f}\",\"z\":1,\"é\":nan}",
    );
    tool.conf("get ./app.json t")
        .expect_line(r#"{"a":[],"b":null}"#);
}

/// A float is printed so that it reads as the same float, and never as an integer.
#[test]
fn a_float_is_printed_exactly() {
    for float in [
        0.0,
        -0.0,
        1.0,
        0.1,
        -2.5,
        1e100,
        1e-7,
        5e-324,
        f64::MAX,
        9_007_199_254_740_993.0,
        1_234_567.891,
    ] {
        let tool = Tool::with(&[
            ("app.toml", &format!("x = {float:?}")),
            ("app.json", &format!("{{\"x\": {float:?}}}")),
        ]);
        for line in ["get ./app.toml x", "get ./app.json x"] {
            let ended = tool.conf(line);
            let text = ended.stdout.trim_end();
            let same = text.parse().map(f64::to_bits) == Ok(float.to_bits());
            let integer = text.strip_prefix('-').unwrap_or(text);
            let integer = integer.bytes().all(|byte| byte.is_ascii_digit());
            tool.scenario.expect(
                same && !integer,
                format_args!("a text that reads as {float:?}, and not as an integer"),
                format_args!("{text:?}, error stream: {:?}", ended.stderr),
            );
        }
    }
    let tool = Tool::with(&[(
        "app.toml",
        "one = 1.0\nbig = 1e100\na = nan\nb = inf\nc = -inf\n",
    )]);
    for (key, value) in [
        ("one", "1.0"),
        ("big", "1e100"),
        ("a", "nan"),
        ("b", "inf"),
        ("c", "-inf"),
    ] {
        tool.conf(&format!("get ./app.toml {key}"))
            .expect_line(value);
    }
}

/// Integers are kept exactly, from the least `i64` to the greatest `u64`.
///
/// Usually a number of JSON goes through a float and loses its last digits.
#[test]
fn integers_are_kept_exactly() {
    for number in [
        i128::from(i64::MIN),
        9_007_199_254_740_993,
        i128::from(i64::MAX),
        i128::from(u64::MAX),
    ] {
        let tool = Tool::with(&[("app.json", &format!("{{\"n\": {number}}}"))]);
        tool.conf("get ./app.json n")
            .expect_line(&number.to_string());
    }
    let tool = Tool::with(&[(
        "app.toml",
        "least = -9223372036854775808\ngreatest = 9223372036854775807\n",
    )]);
    tool.conf("get ./app.toml least")
        .expect_line("-9223372036854775808");
    tool.conf("get ./app.toml greatest")
        .expect_line("9223372036854775807");
}

/// `--format` says what a file is, whatever its name; without it, an unknown extension is refused.
#[test]
fn a_format_can_be_given() {
    let tool = Tool::with(&[
        ("app.conf", "a = 1"),
        ("app.json", "a = 2"),
        ("toml", "{\"a\": 3}"),
    ]);
    tool.conf("get --format toml ./app.conf a").expect_line("1");
    tool.conf("get ./app.json a --format toml").expect_line("2");
    tool.conf("get ./toml a --format=json").expect_line("3");
    tool.conf("get ./app.conf a")
        .expect_errors(&["conf: app.conf: "]);
    tool.conf("get ./app.conf a --format yaml").expect_failure();
}

/// A key that is not there exits with 1, prints nothing, and says so on the error stream.
///
/// A null is there: it is a value like any other.
#[test]
fn a_key_that_is_not_there_exits_with_1() {
    let tool = Tool::with(&[("app.json", r#"{"a": {"b": [1]}, "s": "x", "n": null}"#)]);
    for key in [
        "c", "a.c", "a.b[1]", "a.b.c", "a[0]", "s.x", "s[0]", "n.x", "\"a.b\"",
    ] {
        tool.conf_words(&["get", "./app.json", key])
            .expect_missing(key);
    }
    tool.conf_words(&["get", "./app.json", "'a'.'x y'"])
        .expect_missing("a.\"x y\"");
    tool.conf("get ./app.json n").expect_line("null");
}

/// A file that is not there exits with 2, and the error stream names it.
#[test]
fn a_file_that_is_not_there_exits_with_2() {
    let tool = Tool::new();
    tool.conf("get ./no.toml a")
        .expect_errors(&["conf: no.toml: "]);
    tool.conf("get ./ a --format toml").expect_failure();
}

/// A file that does not parse, or is not UTF-8, exits with 2, and the error stream says where.
///
/// hint: `toml` and `json::parse` give byte offsets; lines and columns are yours to count, and a column counts characters.
#[test]
fn a_file_that_does_not_parse_is_reported_with_line_and_column() {
    let tool = Tool::with(&[
        ("one.json", "{\"a\": x}"),
        ("two.json", "{\n  \"é漢\": 1,\n  \"漢\": tru\n}"),
        ("end.json", "{\"a\": 1"),
        ("more.json", "{}\n {}"),
        ("one.toml", "a = ?\n"),
        ("two.toml", "a = 1\n'é漢' = ?\n"),
    ]);
    for (file, place) in [
        ("one.json", "one.json:1:7: "),
        ("two.json", "two.json:3:8: "),
        ("end.json", "end.json:1:8: "),
        ("more.json", "more.json:2:2: "),
        ("one.toml", "one.toml:1:5: "),
        ("two.toml", "two.toml:2:8: "),
    ] {
        tool.conf(&format!("get ./{file} a"))
            .expect_errors(&[place]);
    }
    let tool = Tool::new();
    tool.file("app.toml", b"a = 1\nb = '\xc3\xa9\xff'\n");
    tool.file("app.json", b"{\"a\": \"\xe2\x82\"}");
    tool.conf("get ./app.toml a")
        .expect_errors(&["app.toml:2:7: "]);
    tool.conf("get ./app.json a")
        .expect_errors(&["app.json:1:8: "]);
}

/// A command line that is wrong exits with 2 and writes nothing to the output.
#[test]
fn a_wrong_command_line_exits_with_2() {
    let tool = Tool::with(&[("app.toml", "a = 1")]);
    for line in [
        "",
        "get",
        "get a",
        "got ./app.toml a",
        "get ./app.toml a --loud",
        "get ./app.toml a --format",
        "get ./app.toml a..b",
        "get ./app.toml .",
    ] {
        tool.conf(line).expect_failure();
    }
}

/// Options stand before, between or after the other arguments, and `--` ends them.
#[test]
fn options_stand_anywhere() {
    let tool = Tool::with(&[("app.conf", "a = 1\n--reveal = 2\n")]);
    for line in [
        "get --format toml ./app.conf a",
        "get ./app.conf --format toml a",
        "get ./app.conf a --format toml",
        "get --format toml -- ./app.conf a",
    ] {
        tool.conf(line).expect_line("1");
    }
    tool.conf("get --format toml -- ./app.conf --reveal")
        .expect_line("2");
}

/// The program `conf` ends with the same codes; `--help` and `--version` succeed, and are answered
/// on the output.
#[test]
fn the_program_exits_with_0_1_or_2() {
    let tool = Tool::with(&[("app.toml", "a = 'x'")]);
    tool.expect_program(&mut tool.program("get app.toml a"), 0, "x\n");
    for (line, code, beginning) in [
        ("get app.toml b", 1, "conf: b: "),
        ("get no.toml a", 2, "conf: no.toml: "),
    ] {
        let ended = tool.output_of(&mut tool.program(line));
        let errors = String::from_utf8_lossy(&ended.stderr);
        tool.scenario.expect(
            ended.status.code() == Some(code)
                && errors.starts_with(beginning)
                && ended.stdout.is_empty(),
            format_args!("exit code {code}, {beginning:?}… on the error stream, no output"),
            format_args!("{}, {errors:?}, {:?}", ended.status, ended.stdout),
        );
    }
    let tool = Tool::new();
    for line in ["--help", "get --help", "--version"] {
        let ended = tool.conf(line);
        tool.scenario.expect(
            ended.exit == Exit::Success && !ended.stdout.is_empty() && ended.stderr.is_empty(),
            "success, something on the output, and nothing on the error stream",
            format_args!("{:?}, {:?}, {:?}", ended.exit, ended.stdout, ended.stderr),
        );
    }
    let help = tool.conf("--help").stdout;
    tool.scenario.expect(
        help.contains("get"),
        "the help names the command get",
        format_args!("{help:?}"),
    );
}
