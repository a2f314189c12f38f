//! Phase 6: changes that no kill can split, and a world that does not behave.

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
use crate::syscalls::{Call, trace};
use crate::{
    built::{build, expect_refused, expect_value, of_json, refused, told_all},
    streams::{Buffered, Failing, Terminal, Unreadable},
    tool::Tool,
    tree::Tree,
};
use config_cli::{Config, Exit, Format, Kind, Rule, Schema, replace_file};
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read},
    thread,
    time::{Duration, Instant},
};
use suite_kit::{
    Scenario,
    property::{check_moves, seed},
    threads::background,
};

/// Threads and processes that are waited for get this long.
const LIMIT: Duration = Duration::from_secs(8);

const COMMENTED: &str = "# The server.\n[server]   # it listens\n  port   =   8080   # the port\n\
                         host = 'h'\n\n# Limits.\n[server.limits]\nmax = [ 1,\n  2 ] # two\n\
                         inline = { a = 1, b = 'x' } # in a line\n[[users]]\nname = 'ann'\n[[users]]\nid = 2\n";

/// If the reader of the output has closed it, that is no error, and nothing is said.
///
/// Often `println!` panics on a closed pipe, as in `conf dump app.toml | head -1`.
#[test]
fn a_closed_output_is_no_error() {
    let long = "x".repeat(200_000);
    let tool = Tool::with(&[("app.toml", &format!("a = 1\nlong = '{long}'\n"))]);
    for words in [
        &["get", "./app.toml", "long"][..],
        &["get", "./app.toml", "a"],
        &["dump", "./app.toml"],
        &["--help"],
    ] {
        for taken in [0, 1] {
            tool.scenario.step(format!(
                "conf {words:?} to an output that is closed after {taken} bytes"
            ));
            let mut stderr = Vec::new();
            let mut stdout = Failing::after(taken, ErrorKind::BrokenPipe);
            let exit = tool.conf_to(words, &mut io::empty(), &mut stdout, &mut stderr);
            tool.scenario.expect_eq("the exit", exit, Exit::Success);
            tool.scenario.expect_bytes("the error stream", &stderr, b"");
        }
    }
    for line in ["get app.toml long", "dump app.toml", "get app.toml a"] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut program = tool.program(line);
        let ended = tool.output_of(program.stdout(writer));
        tool.scenario.expect(
            ended.status.success() && ended.stderr.is_empty(),
            "exit code 0 and an empty error stream",
            format_args!(
                "{}, {:?}",
                ended.status,
                String::from_utf8_lossy(&ended.stderr)
            ),
        );
    }
}

/// An output that cannot be written to is an error, also if that shows only when it is flushed; an
/// error stream that fails changes nothing.
#[test]
fn an_output_that_fails_is_an_error() {
    let tool = Tool::with(&[("app.toml", "a = 'x'\n")]);
    let words = ["get", "./app.toml", "a"];
    let mut stderr = Vec::new();
    let mut full = Failing::after(0, ErrorKind::StorageFull);
    let exit = tool.conf_to(&words, &mut io::empty(), &mut full, &mut stderr);
    tool.scenario
        .expect_eq("the exit with a full disk", exit, Exit::Failure);
    tool.scenario.expect(
        !stderr.is_empty(),
        "the error stream says so",
        "it is empty",
    );
    for (kind, exit) in [
        (None, Exit::Success),
        (Some(ErrorKind::BrokenPipe), Exit::Success),
        (Some(ErrorKind::StorageFull), Exit::Failure),
    ] {
        let mut output = Buffered::that_fails(kind);
        let received = tool.conf_to(&words, &mut io::empty(), &mut output, &mut Vec::new());
        tool.scenario.expect_eq(
            format_args!("the exit if flushing gives {kind:?}"),
            received,
            exit,
        );
        let flushed = if kind.is_none() { &b"x\n"[..] } else { b"" };
        tool.scenario
            .expect_bytes("what was flushed", &output.flushed, flushed);
    }
    let tool = Tool::with(&[("app.toml", "a = 'x'\n")]);
    for (words, expected) in [
        (["get", "./app.toml", "b"], Exit::Missing),
        (["get", "./no.toml", "b"], Exit::Failure),
        (["get", "--nonsense", "b"], Exit::Failure),
    ] {
        let mut stderr = Failing::after(0, ErrorKind::BrokenPipe);
        let exit = tool.conf_to(&words, &mut io::empty(), &mut Vec::new(), &mut stderr);
        tool.scenario
            .expect_eq(format_args!("the exit of {words:?}"), exit, expected);
    }
}

/// The file `-` is the standard input: once, with `--format`, and as `<stdin>` in origins.
#[test]
fn a_dash_is_the_standard_input() {
    let tool =
        Tool::with(&[("app.toml", "a = 1\nb = 1\n"), ("-", "a = 'file'")]).stdin("\na = 2\n");
    tool.conf("get - a --format toml").expect_line("2");
    tool.conf("get - --format toml ./app.toml a")
        .expect_line("1");
    tool.conf("get --format toml ./app.toml - a")
        .expect_line("2");
    tool.conf("explain --format toml ./app.toml - a")
        .expect_output("a = 2\n  from <stdin>:2:5\n  shadows app.toml:1:5 = 1\n");
    tool.conf("get - a").expect_failure();
    tool.conf("get - - a --format toml").expect_failure();
    tool.conf("get - a --format json")
        .expect_errors(&["<stdin>:2:1: "]);
    tool.conf("set - a 1 --format toml").expect_failure();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let words = ["get", "-", "a", "--format", "toml"];
    let exit = tool.conf_to(&words, &mut Unreadable, &mut stdout, &mut stderr);
    tool.scenario
        .expect_eq("the exit if it cannot be read", exit, Exit::Failure);
    tool.expect_program(&mut tool.program("get ./- a --format toml"), 0, "file\n");
}

/// A byte order mark is skipped and counts in no column, and lines may end in CR LF: places stay
/// right, and a change keeps both.
#[test]
fn a_byte_order_mark_is_skipped() {
    let tool = Tool::with(&[
        ("app.toml", "\u{feff}a = 1\n"),
        ("app.json", "\u{feff}{\"a\": 2}"),
        ("bad.json", "\u{feff}{\"a\": x}"),
        ("empty.toml", "\u{feff}"),
    ])
    .stdin("\u{feff}a = 3");
    tool.conf("explain ./app.toml a")
        .expect_output("a = 1\n  from app.toml:1:5\n");
    tool.conf("explain ./empty.toml ./app.json a")
        .expect_output("a = 2\n  from app.json:1:7\n");
    tool.conf("get - --format toml a").expect_line("3");
    tool.conf("get ./bad.json a")
        .expect_errors(&["bad.json:1:7: "]);
    tool.conf("set ./app.toml a 7").expect_output("");
    tool.expect_file("app.toml", "\u{feff}a = 7\n");
    let tool = Tool::with(&[
        ("app.toml", "# c\r\na = 1\r\n[t] # d\r\nb = 'x'\r\n"),
        ("app.json", "{\r\n\"a\": 1,\r\n\"b\": \"x\"}\r\n"),
        ("bad.toml", "a = 1\r\nb = ?\r\n"),
    ]);
    tool.conf("explain ./app.toml t.b")
        .expect_output("t.b = \"x\"\n  from app.toml:4:5\n");
    tool.conf("explain ./app.json b")
        .expect_output("b = \"x\"\n  from app.json:3:6\n");
    tool.conf("get ./bad.toml a")
        .expect_errors(&["bad.toml:2:5: "]);
    tool.conf("set ./app.toml a 22").expect_output("");
    tool.expect_file("app.toml", "# c\r\na = 22\r\n[t] # d\r\nb = 'x'\r\n");
}

/// A new line ends like the others of its file, in CR LF or in LF.
#[test]
fn a_new_line_ends_like_the_others() {
    let tool = Tool::new();
    for key in ["n", "t.n", "t.n.m", "u.x.n", "new.n"] {
        for text in [
            "# c\r\na = 1\r\n[t] # d\r\nb = 'x'\r\n[u.x.y]\r\n",
            "[t]\r\nb = 1\r\n[u.x.y]",
        ] {
            tool.file("app.toml", text);
            tool.conf(&format!("set ./app.toml {key} new"))
                .expect_output("");
            tool.conf(&format!("get ./app.toml {key}"))
                .expect_line("new");
            let after = String::from_utf8(tool.read("app.toml")).unwrap();
            tool.scenario.expect(
                after.matches('\n').count() == after.matches("\r\n").count(),
                "each line ends in CR LF",
                format_args!("{after:?}"),
            );
            tool.file("app.toml", text.replace("\r\n", "\n"));
            tool.conf(&format!("set ./app.toml {key} new"))
                .expect_output("");
            let after = String::from_utf8(tool.read("app.toml")).unwrap();
            tool.scenario.expect(
                !after.contains('\r'),
                "each line ends in LF",
                format_args!("{after:?}"),
            );
        }
    }
}

/// A value nested 64 levels deep is taken, one nested 10,000 levels deep is an error and no crash.
///
/// Recursion without a limit overflows the stack, which no `Result` can catch. A value may nest in
/// arrays, inline tables, dotted keys and headers.
#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let scenario = Scenario::new();
    let around = |open: &str, middle: &str, close: &str, levels: usize| {
        format!("{}{middle}{}", open.repeat(levels), close.repeat(levels))
    };
    for (what, format, make) in [
        (
            "arrays in TOML",
            Format::Toml,
            &(|levels| format!("a = {}", around("[", "", "]", levels))) as &dyn Fn(usize) -> String,
        ),
        ("inline tables", Format::Toml, &|levels| {
            format!("a = {}", around("{a=", "1", "}", levels))
        }),
        ("a dotted key", Format::Toml, &|levels| {
            format!("a{} = 1", ".a".repeat(levels))
        }),
        ("a header", Format::Toml, &|levels| {
            format!("[a{}]", ".a".repeat(levels - 1))
        }),
        ("arrays in JSON", Format::Json, &|levels| {
            format!("{{\"a\": {}}}", around("[", "", "]", levels))
        }),
        ("objects", Format::Json, &|levels| {
            format!("{{\"a\": {}}}", around("{\"a\":", "1", "}", levels))
        }),
    ] {
        scenario.step(format!("{what}, 64 levels"));
        let builder = Config::builder().text("x", make(63), format);
        build(&scenario, builder.without_schema());
        scenario.step(format!("{what}, 10,000 levels"));
        let builder = Config::builder().text("x", make(10_000), format);
        let told = told_all(&refused(&scenario, builder.without_schema()));
        scenario.expect(
            told.len() == 1 && told[0].starts_with("parse at x:1:"),
            "an error: parse at x:1:…",
            format_args!("{told:?}"),
        );
    }
    let deep = around("[", "", "]", 10_000);
    let schema = Schema::new().key("a", Rule::new(Kind::Array));
    expect_refused(
        &scenario,
        Config::builder().set("a", deep.as_str()).schema(schema),
        &["wrong kind a at --set a"],
    );
    let tool = Tool::with(&[
        ("app.toml", "a = []\n"),
        ("deep.json", &around("[", "", "]", 10_000)),
    ]);
    tool.conf_words(&["set", "./app.toml", "a", &deep])
        .expect_errors(&["--set a: a: "]);
    tool.conf("check ./app.toml --schema ./deep.json")
        .expect_errors(&["deep.json:1:"]);
    tool.conf_words(&["get", "./app.toml", &".a".repeat(10_000)[1..]])
        .expect_failure();
}

/// `conf set` changes a value of a TOML file and not one byte more.
///
/// Often comments, blank lines and the order of keys are lost, because the file is written anew.
///
/// hint: `toml_edit` keeps what surrounds a value in its decor; give the new value the old one's.
#[test]
fn set_changes_nothing_but_the_value() {
    let tool = Tool::new();
    for (key, value, old, new) in [
        ("server.port", "9090", "8080", "9090"),
        ("server.limits.max[1]", "-7", "\n  2 ]", "\n  -7 ]"),
        ("server.limits.inline.a", "10", "a = 1,", "a = 10,"),
        ("users[1].id", "3", "id = 2", "id = 3"),
        ("'server'.\"port\"", "1", "8080", "1"),
    ] {
        tool.file("app.toml", COMMENTED);
        tool.conf_words(&["set", "./app.toml", key, value])
            .expect_output("");
        tool.expect_file("app.toml", COMMENTED.replacen(old, new, 1));
    }
    tool.file("app.toml", COMMENTED);
    tool.conf("set ./app.toml server.host example.com")
        .expect_output("");
    tool.conf("get ./app.toml server.host")
        .expect_line("example.com");
    let rest = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with("host = "))
            .map(str::to_owned)
            .collect()
    };
    let after = String::from_utf8(tool.read("app.toml")).unwrap();
    tool.scenario
        .expect_eq("the other lines", rest(&after), rest(COMMENTED));
}

/// A new key gets a place of its own, tables on the way are made, and all other lines stay.
#[test]
fn set_adds_a_key_and_keeps_all_lines() {
    let tool = Tool::new();
    for (key, changed) in [
        ("server.name", None),
        ("server.limits.min", None),
        ("top", None),
        ("a.b.'c d'", None),
        ("server.limits.inline.c", Some("inline = ")),
        ("users[0].mail", None),
    ] {
        tool.file("app.toml", COMMENTED);
        tool.conf_words(&["set", "./app.toml", key, "new"])
            .expect_output("");
        tool.conf_words(&["get", "./app.toml", key])
            .expect_line("new");
        tool.conf("get ./app.toml server.port").expect_line("8080");
        tool.conf("get ./app.toml users[1]")
            .expect_line("{\"id\":2}");
        let after = String::from_utf8(tool.read("app.toml")).unwrap();
        let mut left = after.lines();
        let kept = COMMENTED
            .lines()
            .filter(|line| changed.is_none_or(|start| !line.starts_with(start)))
            .all(|line| left.any(|other| other == line));
        tool.scenario
            .expect(kept, "every other line as it was, in order", after);
    }
}

/// A file, a key that is new in it, and what the file holds once the key is set to `v`.
const LAYOUTS: [(&str, &str, &str); 16] = [
    (
        "a.x = 1\nb = 1\n[c]\n",
        "a.y",
        r#"{"a":{"x":1,"y":"v"},"b":1,"c":{}}"#,
    ),
    (
        "a.b.x = 1\n[c]\nx = 1\n",
        "a.b.y.z",
        r#"{"a":{"b":{"x":1,"y":{"z":"v"}}},"c":{"x":1}}"#,
    ),
    (
        "a.b.x = 1\n[a.c]\nx = 1\n",
        "a.y",
        r#"{"a":{"b":{"x":1},"c":{"x":1},"y":"v"}}"#,
    ),
    (
        "[t]\na.x = 1\n[t.a.b]\n",
        "t.a.y",
        r#"{"t":{"a":{"b":{},"x":1,"y":"v"}}}"#,
    ),
    (
        "[a.b]\nx = 1\n[a]\ny = 2\n",
        "n",
        r#"{"a":{"b":{"x":1},"y":2},"n":"v"}"#,
    ),
    (
        "[a.b]\nx = 1\n[a]\ny = 2\n",
        "a.z",
        r#"{"a":{"b":{"x":1},"y":2,"z":"v"}}"#,
    ),
    (
        "# c\n[a.b.c]\nx = 1\n[a]\n",
        "a.b.z",
        r#"{"a":{"b":{"c":{"x":1},"z":"v"}}}"#,
    ),
    (
        "[[u]]\n[u.x.y]\na = 1\n[[u]]\n[u.x.y]\n",
        "u[0].x.z",
        r#"{"u":[{"x":{"y":{"a":1},"z":"v"}},{"x":{"y":{}}}]}"#,
    ),
    (
        "[[u]]\n[[u]]\n[u.x.y]\n",
        "u[1].x.z",
        r#"{"u":[{},{"x":{"y":{},"z":"v"}}]}"#,
    ),
    (
        "[[a.l]]\nx = 1\n",
        "a.y.z",
        r#"{"a":{"l":[{"x":1}],"y":{"z":"v"}}}"#,
    ),
    (
        "a.x = 1\n[[a.l]]\n",
        "a.y",
        r#"{"a":{"l":[{}],"x":1,"y":"v"}}"#,
    ),
    (
        "t = {a.x = 1} # c\n",
        "t.a.y",
        r#"{"t":{"a":{"x":1,"y":"v"}}}"#,
    ),
    ("t = {} # c\n", "t.a.y", r#"{"t":{"a":{"y":"v"}}}"#),
    (
        "l = [\n  [{ a.x = 1 }],\n]\n",
        "l[0][0].a.y",
        r#"{"l":[[{"a":{"x":1,"y":"v"}}]]}"#,
    ),
    ("", "a.b", r#"{"a":{"b":"v"}}"#),
    ("# c", "a", r#"{"a":"v"}"#),
];

/// However the tables of a file are written, a new key finds a place: below dotted keys, in a table
/// that only headers further in make, and before a table whose header comes late.
///
/// A header cannot name a table that dotted keys have made, and a line after a header belongs to it.
#[test]
fn a_new_key_finds_a_place_in_every_layout() {
    let tool = Tool::new();
    for (text, key, whole) in LAYOUTS {
        tool.file("app.toml", text);
        tool.conf(&format!("set ./app.toml {key} v"))
            .expect_output("");
        let dumped = tool.conf("dump ./app.toml --to json").stdout;
        let of =
            |text: &str| of_json(&tool.scenario, &format!("{{\"r\": {text}}}")).get::<Tree>("r");
        tool.scenario.expect_eq(
            format_args!("what the file holds ({dumped})"),
            of(&dumped).ok(),
            of(whole).ok(),
        );
    }
}

/// `conf set` on a JSON file keeps all other values and the order of the names.
#[test]
fn set_keeps_the_order_of_a_json_file() {
    let text = r#"{"z": {"y": 1, "x": [1, 2.0, null]}, "a": 18446744073709551615, "m": "\u0000"}"#;
    let tool = Tool::with(&[("app.json", text)]);
    tool.conf("set ./app.json z.y 5").expect_output("");
    tool.conf("set ./app.json z.x[0] 6").expect_output("");
    tool.conf("set ./app.json n.o true --type boolean")
        .expect_output("");
    tool.conf("get ./app.json z")
        .expect_line(r#"{"x":[6,2.0,null],"y":5}"#);
    tool.conf("get ./app.json a")
        .expect_line("18446744073709551615");
    tool.conf("get ./app.json m").expect_line("\0");
    tool.conf("get ./app.json n.o").expect_line("true");
    let after = String::from_utf8(tool.read("app.json")).unwrap();
    let places = [
        "\"z\"", "\"y\"", "\"x\"", "\"a\"", "\"m\"", "\"n\"", "\"o\"",
    ]
    .map(|name| after.find(name));
    tool.scenario.expect(
        places.is_sorted() && places[0].is_some(),
        "the names z y x a m n o in this order",
        after,
    );
}

/// The kind of the new value is that of `--type`, of the schema, of the old value, or a string.
#[test]
fn the_kind_of_a_new_value_is_found() {
    let tool = Tool::with(&[(
        "schema.toml",
        "[keys]\ns = {type = 'string'}\nn = {type = 'integer', max = 9}\nt = {type = 'table'}",
    )]);
    for (words, key, value) in [
        (&["s", "07"][..], "s", "\"07\""),
        (&["n", "007"], "n", "7"),
        (&["n", "-5"], "n", "-5"),
        (&["new", "007"], "new", "\"007\""),
        (&["n", "007", "--type", "string"], "n", "\"007\""),
        (&["s", "1.5", "--type", "float"], "s", "1.5"),
        (&["s", "[1]", "--type", "array"], "s", "[1]"),
        (&["new", "{a=1}", "--type", "table"], "new.a", "1"),
        (
            &["new", "1979-05-27", "--type", "datetime"],
            "new",
            "\"1979-05-27\"",
        ),
        (&["t.x", "1", "--schema", "./schema.toml"], "t.x", "\"1\""),
        (&["n", "08", "--schema", "./schema.toml"], "n", "8"),
        (
            &["--type", "string", "--", "./app.toml", "s", "-x"],
            "s",
            "\"-x\"",
        ),
    ] {
        tool.file("app.toml", "s = 'x'\nn = 1\n");
        let file = if words.contains(&"./app.toml") {
            &[][..]
        } else {
            &["./app.toml"]
        };
        tool.conf_words(&[&["set"], file, words].concat())
            .expect_output("");
        let explained = tool.conf(&format!("explain ./app.toml {key}"));
        tool.scenario.expect_eq(
            "the first line of explain",
            explained.stdout.lines().next(),
            Some(format!("{key} = {value}").as_str()),
        );
    }
}

/// A new value is of the kind of the old one, whatever that is, or it is refused.
#[test]
fn a_new_value_has_the_kind_of_the_old_one() {
    let tool = Tool::new();
    for (old, value, new) in [
        ("true", "false", Some("false")),
        ("true", "no", None),
        ("0.5", "2", Some("2.0")),
        ("0.5", "-1.5", Some("-1.5")),
        ("0.5", "nan", Some("nan")),
        ("0.5", "half", None),
        ("1", "1.5", None),
        ("1979-05-27", "1980-01-01", Some("1980-01-01")),
        ("1979-05-27", "soon", None),
        ("[1]", "['x', 2]", Some(r#"["x",2]"#)),
        ("[1]", "x", None),
        ("'1'", "true", Some("true")),
    ] {
        let text = format!("k = {old} # c\n");
        tool.file("app.toml", &text);
        let ended = tool.conf_words(&["set", "./app.toml", "k", value]);
        let Some(new) = new else {
            ended.expect_errors(&["--set k: k: "]);
            tool.expect_file("app.toml", &text);
            continue;
        };
        ended.expect_output("");
        tool.conf("get ./app.toml k").expect_line(new);
        // A string of the same text would be shown in quotes, and so is a datetime.
        let quotes = old.starts_with('\'') || old.starts_with("19");
        let shown = tool.conf("explain ./app.toml k").stdout;
        tool.scenario.expect(
            shown.starts_with("k = \"") == quotes,
            "a value of the kind of the old one",
            shown,
        );
    }
    tool.file("app.toml", "k = 1979-05-27\n");
    tool.conf("set ./app.toml k 1980-01-01").expect_output("");
    tool.file("schema.toml", "[keys]\nk = {type = 'string'}\n");
    tool.conf("check ./app.toml --schema ./schema.toml")
        .expect_errors(&["app.toml:1:5: k: "]);
}

/// `set` checks KEY and VALUE by all that the schema says about them, and nothing else in the file.
///
/// Often only the kind is checked, and a range, a choice or an element gets through.
#[test]
fn set_checks_the_value_by_the_whole_rule() {
    let text =
        "[server]\nprot = 1\nratio = 7\n[log]\nlevel = 'loud'\ntags = ['a', 1]\nsizes = ['a']\n";
    let tool = Tool::with(&[(
        "schema.toml",
        "[keys]\n'server.port' = {type = 'integer', min = 1, max = 65535, required = true}\n\
         'server.ratio' = {type = 'float', min = 0, max = 1}\n\
         'log.level' = {type = 'string', one_of = ['info', 'warn']}\n\
         'log.tags' = {type = 'array', items = 'string'}\n\
         'log.sizes' = {type = 'array', items = 'integer'}\nfree = {type = 'table'}\n",
    )]);
    for (words, key) in [
        (["server.port", "0"], "server.port"),
        (["server.prot", "1"], "server.prot"),
        (["server.new.x", "1"], "server.new"),
        (["sever.port", "1"], "sever"),
        (["server.ratio", "1.5"], "server.ratio"),
        (["server.ratio", "nan"], "server.ratio"),
        (["log.level", "loud"], "log.level"),
        (["log.tags", "['a', 2]"], "log.tags[1]"),
        (["log.sizes[0]", "x"], "log.sizes[0]"),
    ] {
        tool.file("app.toml", text);
        let line = ["set", "./app.toml", "--schema", "./schema.toml"];
        let ended = tool.conf_words(&[&line[..], &words].concat());
        ended.expect_errors(&[&format!("--set {}: {key}: ", words[0])]);
        tool.expect_file("app.toml", text);
    }
    for (key, value, shown) in [
        ("server.port", "080", "80"),
        ("server.ratio", "1", "1.0"),
        ("log.level", "warn", "warn"),
        ("log.tags", "['b']", r#"["b"]"#),
        ("log.tags[0]", "7", "7"),
        ("free.any.key", "7", "7"),
    ] {
        tool.file("app.toml", text);
        tool.conf(&format!(
            "set ./app.toml {key} {value} --schema ./schema.toml"
        ))
        .expect_output("");
        tool.conf(&format!("get ./app.toml {key}"))
            .expect_line(shown);
    }
}

/// A number with a minus sign may stand as it is; any other VALUE that begins with `-` has to
/// follow `--`.
#[test]
fn a_value_that_looks_like_an_option_follows_two_dashes() {
    let tool = Tool::new();
    let text = "s = 'x'\nf = 0.5\n";
    tool.file("app.toml", text);
    for words in [["s", "-x"], ["s", "--xyz"], ["f", "-inf"]] {
        tool.file("app.toml", text);
        tool.conf_words(&[&["set", "./app.toml"][..], &words].concat())
            .expect_failure();
        tool.expect_file("app.toml", text);
        tool.conf_words(&[&["set", "./app.toml", "--"][..], &words].concat())
            .expect_output("");
        tool.conf(&format!("get ./app.toml {}", words[0]))
            .expect_line(words[1]);
    }
    for (key, value) in [("f", "-7.5"), ("s", "-7")] {
        tool.conf(&format!("set ./app.toml {key} {value}"))
            .expect_output("");
        tool.conf(&format!("get ./app.toml {key}"))
            .expect_line(value);
    }
}

const SECRETS: &str = "[keys]\npassword = {type = 'string', secret = true}\n\
             pin = {type = 'integer', max = 9999, secret = true}\n\
             level = {type = 'string', one_of = ['low', 'high'], secret = true}\n\
             list = {type = 'array', items = 'integer', secret = true}\n\
             rate = {type = 'float', secret = true}\n\
             'db.password' = {type = 'string', secret = true}\n'db.rate' = {type = 'float'}\n\
             vault = {type = 'table', secret = true}\n";

/// `set` shows no secret either: not VALUE where it is one, lies above one or below one.
#[test]
fn set_shows_no_secret() {
    const SECRET: &str = "hunter2-swordfish";
    let tool = Tool::with(&[
        ("app.toml", "n = 1\n"),
        ("app.json", "{}"),
        ("schema.toml", SECRETS),
    ]);
    let table = format!("{{password = ['{SECRET}']}}");
    let torn = format!("{{ password = '{SECRET}' oops }}");
    let array = format!("[1, '{SECRET}']");
    for words in [
        &["app.toml", "password", SECRET, "--type", "integer"][..],
        &["app.toml", "pin", SECRET],
        &["app.toml", "pin", "31337"],
        &["app.toml", "level", SECRET],
        &["app.toml", "list", &array],
        &["app.toml", "list", SECRET],
        &["app.toml", "db", SECRET],
        &["app.toml", "db", SECRET, "--type", "string"],
        &["app.toml", "db", &table, "--type", "table"],
        &["app.toml", "db", &torn, "--type", "table"],
        &["app.toml", "vault", SECRET],
        &["app.toml", "vault.a.b", SECRET, "--type", "integer"],
        &["app.toml", "password.x", SECRET],
        &["app.json", "rate", "nan"],
        &[
            "app.json",
            "db",
            "{password = '31337', rate = nan}",
            "--type",
            "table",
        ],
        &["app.toml", "password", "--hunter2-swordfish"],
        &["app.toml", "password", "horse", SECRET],
    ] {
        let file = format!("./{}", words[0]);
        let line = [&["set", &file, "--schema", "./schema.toml"], &words[1..]].concat();
        let ended = tool.conf_words(&line);
        ended.expect_failure();
        for secret in [SECRET, "31337", words[2]] {
            ended.expect_nowhere(secret);
        }
    }
}

/// What cannot be set is an error, and leaves the file as it is.
#[test]
fn what_cannot_be_set_leaves_the_file_as_it_is() {
    let tool = Tool::with(&[(
        "schema.toml",
        "[keys]\nn = {type = 'integer', max = 9}\ns = {type = 'string'}",
    )]);
    let text = "n = 1\ns = 'x'\nl = [1]\nt = {a = 1}\n[[u]]\n";
    tool.file("app.toml", text);
    tool.file("bad.toml", "a = ");
    for (line, beginning) in [
        ("set ./app.toml n x", "--set n: n: "),
        ("set ./app.toml s 1.x --type float", "--set s: s: "),
        ("set ./app.toml n 10 --schema ./schema.toml", "--set n: n: "),
        (
            "set ./app.toml s 1 --type integer --schema ./schema.toml",
            "--set s: s: ",
        ),
        ("set ./app.toml m 1 --schema ./schema.toml", "--set m: m: "),
        ("set ./app.toml s.x 1", "app.toml:2:5: s.x: "),
        ("set ./app.toml s[0] 1", "app.toml:2:5: s[0]: "),
        ("set ./app.toml l[1] 1", "app.toml:3:5: l[1]: "),
        ("set ./app.toml l.x 1", "app.toml:3:5: l.x: "),
        ("set ./app.toml t x", "app.toml:4:5: t: "),
        ("set ./app.toml u x", "app.toml:"),
        ("set ./app.toml u[0] x", "app.toml:"),
        ("set ./app.toml u[1].a x", "app.toml:"),
        ("set ./bad.toml a 1", "bad.toml:1:5: "),
        ("set ./no.toml a 1", "conf: no.toml: "),
        ("set ./app.toml a..b 1", "conf: "),
    ] {
        tool.conf(line).expect_errors(&[beginning]);
        tool.expect_file("app.toml", text);
    }
    tool.conf("set ./app.toml n").expect_failure();
    tool.conf("set ./app.toml n 1 --type number")
        .expect_failure();
    tool.expect_file("app.toml", text);
    tool.scenario.expect_eq(
        "the files",
        tool.names(),
        ["app.toml", "bad.toml", "schema.toml"]
            .map(String::from)
            .to_vec(),
    );
}

/// Loading a file after `set` gives what was there before, with the key set.
#[test]
fn set_then_load_gives_what_was_there_with_the_key_set() {
    const NAMES: [&str; 4] = ["a", "b", "c.d", "é \"'\\"];
    check_moves(12, 16, &|scenario, size, moves| {
        for (name, format, toml) in [
            ("x.toml", Format::Toml, true),
            ("x.json", Format::Json, false),
        ] {
            let tree = Tree::grown(moves).fit(toml);
            let text = if toml {
                format!("r = {}", tree.toml())
            } else {
                format!("{{\"r\": {}}}", tree.json())
            };
            let names = [NAMES[size % 4], NAMES[moves.len() % 4]];
            let key = names.map(crate::tree::quoted).join(".");
            scenario.step(format!("set r.{key} in {text}"));
            let mut below = &tree;
            let mut fits = true;
            for one in &names {
                match below {
                    Tree::Table(members) => match members.get(*one) {
                        Some(value) => below = value,
                        None => break,
                    },
                    _ => {
                        fits = false;
                        break;
                    }
                }
            }
            let whole = names.iter().try_fold(&tree, |tree, one| match tree {
                Tree::Table(members) => members.get(*one),
                _ => None,
            });
            fits &= !matches!(whole, Some(Tree::Table(_)));
            let tool = Tool::new();
            tool.file(name, &text);
            let file = format!("./{name}");
            let ended =
                tool.conf_words(&["set", &file, &format!("r.{key}"), "new", "--type", "string"]);
            let exit = if fits { Exit::Success } else { Exit::Failure };
            scenario.expect_eq(
                format_args!("the exit ({})", ended.stderr),
                ended.exit,
                exit,
            );
            let layer = names
                .iter()
                .rev()
                .fold(Tree::text("new"), |inner, one| Tree::table([(one, inner)]));
            let expected = if fits { tree.under(layer) } else { tree };
            let builder = Config::builder().text(name, tool.read(name), format);
            let config = build(scenario, builder.without_schema());
            expect_value(scenario, &config, "r", expected);
        }
    });
}

/// A file is replaced: whoever has the old one open reads the old contents, whoever opens it finds
/// all of the old or all of the new ones, and nothing else is left.
///
/// A file that is written in place is cut off first, and a crash between leaves it empty.
#[test]
fn a_file_is_replaced_and_not_written_in_place() {
    let tool = Tool::with(&[("app.toml", "a = 1 # old\n")]);
    let path = tool.path("app.toml");
    let mut old = File::open(&path).unwrap();
    fs::hard_link(&path, tool.path("link")).unwrap();
    for contents in [&b"new \xff\0"[..], b"", b"a = 1\n"] {
        let replaced = replace_file(&path, contents);
        tool.scenario.expect(
            replaced.is_ok(),
            "the file is replaced",
            format_args!("{replaced:?}"),
        );
        tool.expect_file("app.toml", contents);
    }
    tool.conf("set ./app.toml a 2").expect_output("");
    let mut read = String::new();
    old.read_to_string(&mut read).unwrap();
    tool.scenario
        .expect_eq("what the old file holds", read.as_str(), "a = 1 # old\n");
    tool.expect_file("link", "a = 1 # old\n");
    tool.scenario.expect_eq(
        "the files",
        tool.names(),
        vec!["app.toml".to_owned(), "link".to_owned()],
    );
    const ROUNDS: usize = 20;
    let tool = Tool::new();
    let path = tool.path("app.toml");
    let contents = [vec![b'a'; 100_000], vec![b'b'; 100_000]];
    fs::write(&path, &contents[0]).unwrap();
    let writer = background({
        let (path, contents) = (path.clone(), contents.clone());
        move || (1..=ROUNDS).try_for_each(|round| replace_file(&path, &contents[round % 2]))
    });
    let reader = background(move || {
        (0..4 * ROUNDS).find_map(|_| {
            let read = fs::read(&path).unwrap_or_default();
            let whole = contents.contains(&read);
            thread::yield_now();
            (!whole).then_some(read.len())
        })
    });
    let half = reader.join(&tool.scenario, "reading the file", LIMIT);
    let written = writer.join(&tool.scenario, "replacing the file", LIMIT);
    tool.scenario.expect(
        written.is_ok(),
        "the file is replaced each time",
        format_args!("{written:?}"),
    );
    tool.scenario
        .expect_eq("the length of what was neither old nor new", half, None);
}

/// The permissions of the file stay, and a symbolic link stays a link.
#[test]
fn permissions_and_links_stay() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let tool = Tool::with(&[("real.toml", "a = 1\n")]);
        symlink("real.toml", tool.path("link.toml")).unwrap();
        symlink(tool.path("link.toml"), tool.path("far.toml")).unwrap();
        for (mode, link) in [
            (0o600, "real.toml"),
            (0o640, "link.toml"),
            (0o666, "far.toml"),
            (0o755, "link.toml"),
        ] {
            fs::set_permissions(tool.path("real.toml"), fs::Permissions::from_mode(mode)).unwrap();
            tool.scenario
                .step(format!("real.toml has the mode {mode:o}"));
            tool.conf(&format!("set ./{link} a {mode}"))
                .expect_output("");
            tool.expect_file("real.toml", format!("a = {mode}\n"));
            let metadata = fs::symlink_metadata(tool.path("real.toml")).unwrap();
            let received = format!("{:o}", metadata.permissions().mode() & 0o7777);
            tool.scenario
                .expect_eq("its mode", received, format!("{mode:o}"));
        }
        for (link, target) in [
            ("link.toml", "real.toml".into()),
            ("far.toml", tool.path("link.toml")),
        ] {
            let received = fs::read_link(tool.path(link)).ok();
            tool.scenario
                .expect_eq(format_args!("where {link} leads"), received, Some(target));
        }
        tool.scenario.expect_eq(
            "the files",
            tool.names(),
            ["far.toml", "link.toml", "real.toml"]
                .map(String::from)
                .to_vec(),
        );
    }
}

/// What is no file cannot be replaced, is not made, and leaves nothing behind.
#[test]
fn what_is_no_file_is_not_replaced() {
    let tool = Tool::new();
    fs::create_dir(tool.path("folder.toml")).unwrap();
    let paths: &[&str] = if cfg!(unix) {
        &["no.toml", "folder.toml", "no/such.toml", "link.toml"]
    } else {
        &["no.toml", "folder.toml", "no/such.toml"]
    };
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere.toml", tool.path("link.toml")).unwrap();
    let before = tool.names();
    for path in paths {
        let replaced = replace_file(&tool.path(path), b"new");
        tool.scenario.expect(
            replaced.is_err(),
            format_args!("{path} is not replaced"),
            "it is",
        );
        tool.conf(&format!("set ./{path} a 1")).expect_failure();
        tool.scenario
            .expect_eq("the files", tool.names(), before.clone());
    }
    tool.scenario.expect_eq(
        "the folder",
        fs::read_dir(tool.path("folder.toml")).unwrap().count(),
        0,
    );
}

/// The new contents are synced before the rename, and the folder after it, so that a power failure
/// leaves the old file or the new one, and never an empty one.
///
/// Without the first sync, a file system may remember the new name and forget the bytes.
#[test]
fn what_is_replaced_survives_a_power_failure() {
    let tool = Tool::new();
    tool.file("app.toml", long_file(1));
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    if let Ok((code, calls)) = trace(&mut tool.program("set app.toml n 100002")) {
        tool.scenario
            .step(format!("it asks the kernel for {calls:?}"));
        tool.scenario.expect_eq("the exit code", code, Some(0));
        tool.expect_file("app.toml", long_file(2));
        let folder = fs::canonicalize(tool.path("")).unwrap();
        let first = calls.iter().position(|call| *call == Call::Rename);
        let last = calls.iter().rposition(|call| *call == Call::Rename);
        let (Some(first), Some(last)) = (first, last) else {
            tool.scenario.fail("a file is renamed", "none is");
        };
        tool.scenario.expect(
            calls[..first].iter().any(|call| match call {
                Call::Sync(path) => path.parent() == Some(&folder),
                call => *call == Call::SyncAll,
            }),
            "the new file is synced before the rename",
            "it is not",
        );
        tool.scenario.expect(
            calls[last..].iter().any(|call| match call {
                Call::Sync(path) => *path == folder,
                call => *call == Call::SyncAll,
            }),
            "the folder is synced after the rename",
            "it is not",
        );
    }
    tool.expect_program(&mut tool.program("set app.toml n 100003"), 0, "");
    tool.expect_file("app.toml", long_file(3));
}

/// A file may have as long a name as the system allows.
#[test]
fn a_file_with_a_long_name_is_replaced() {
    let tool = Tool::new();
    let name = format!("{}.toml", "n".repeat(250));
    tool.file(&name, "a = 1 # c\n");
    tool.conf(&format!("set ./{name} a 2")).expect_output("");
    tool.expect_file(&name, "a = 2 # c\n");
    tool.scenario
        .expect_eq("the files", tool.names(), vec![name]);
}

/// A pipe is no regular file: it is not replaced by one.
#[test]
fn a_pipe_is_not_replaced() {
    #[cfg(unix)]
    {
        use std::{os::unix::fs::FileTypeExt, process::Command};
        let tool = Tool::new();
        let pipe = tool.path("pipe.toml");
        tool.scenario.step("mkfifo pipe.toml");
        let made = Command::new("mkfifo").arg(&pipe).status();
        tool.scenario.expect(
            made.as_ref().is_ok_and(|status| status.success()),
            "a pipe",
            format_args!("{made:?}"),
        );
        let replaced = replace_file(&pipe, b"a = 1\n");
        tool.scenario
            .expect(replaced.is_err(), "pipe.toml is not replaced", "it is");
        let kind = fs::symlink_metadata(&pipe).map(|metadata| metadata.file_type());
        tool.scenario.expect(
            kind.as_ref().is_ok_and(FileTypeExt::is_fifo),
            "pipe.toml is a pipe",
            format_args!("{kind:?}"),
        );
        tool.scenario
            .expect_eq("the files", tool.names(), vec!["pipe.toml".to_owned()]);
    }
}

/// Several at once lose no file: each succeeds, the file is whole, and at least one change is in it.
///
/// There is no lock, so that a change may undo another. Often two of them write into one second
/// file, because its name is fixed.
#[test]
fn several_sets_at_once_leave_a_whole_file() {
    const TOGETHER: usize = 6;
    let tool = Tool::new();
    for round in 0..4 {
        tool.file("app.toml", long_file(round));
        let mut children: Vec<_> = (0..TOGETHER)
            .map(|number| {
                let line = format!("set app.toml k{number} {round} --type integer");
                let mut program = tool.program(&line);
                program
                    .stderr(std::process::Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children.drain(..) {
            let ended = child.wait_with_output().unwrap();
            tool.scenario.expect(
                ended.status.success(),
                "each of them succeeds",
                format_args!("{}", String::from_utf8_lossy(&ended.stderr)),
            );
        }
        let text = String::from_utf8(tool.read("app.toml")).unwrap();
        let (changes, rest): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with('k'));
        tool.scenario.expect(
            !changes.is_empty() && rest.join("\n") + "\n" == long_file(round),
            "all lines of the file, and a new one at least",
            format_args!("{} bytes, {changes:?}", text.len()),
        );
        tool.scenario
            .expect_eq("the files", tool.names(), vec!["app.toml".to_owned()]);
    }
}

/// The second file is made beside the file, and nobody can read it who could not read the old one.
///
/// A rename cannot leave its file system, so a temporary folder is no place for it. And what comes
/// into it may be a secret, from the first byte on.
#[test]
fn the_second_file_is_private() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let tool = Tool::new();
        fs::create_dir(tool.path("tmp")).unwrap();
        fs::create_dir(tool.path("etc")).unwrap();
        tool.file("etc/app.toml", long_file(1));
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(tool.path("etc/app.toml"), private).unwrap();
        // The kernel kills the program in the middle of its write, and the second file stays.
        let before = "umask 000; TMPDIR=$PWD/tmp; export TMPDIR; ulimit -f 1";
        let ended = tool.output_of(&mut tool.program_after(before, "set etc/app.toml n 100002"));
        tool.scenario.expect(
            !ended.status.success(),
            "the program is killed in its write",
            ended.status,
        );
        tool.expect_file("etc/app.toml", long_file(1));
        let names = |folder: &str| fs::read_dir(tool.path(folder)).unwrap().map(Result::unwrap);
        tool.scenario
            .expect_eq("the files in TMPDIR", names("tmp").count(), 0);
        for file in names("etc") {
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            tool.scenario.expect(
                mode & 0o077 == 0,
                format_args!("nobody else may read {}", file.file_name().display()),
                format_args!("its mode is {mode:o}"),
            );
        }
        tool.expect_program(&mut tool.program("set etc/app.toml n 100003"), 0, "");
        tool.expect_file("etc/app.toml", long_file(3));
    }
}

/// A long file in which `n` is 100,000 and this number: files of one length, whatever the number.
fn long_file(number: usize) -> String {
    let comments = "# A comment that makes the file long.\n".repeat(500);
    format!("n = {}\n{comments}", 100_000 + number)
}

/// A `set` that is killed in the middle of its write leaves the old file, and the next one works.
#[test]
fn a_write_that_is_cut_off_leaves_the_old_file() {
    #[cfg(unix)]
    {
        let tool = Tool::new();
        tool.file("app.toml", long_file(1));
        // The kernel kills the program when a file grows beyond this, and it is longer than that.
        let ended = tool.output_of(&mut tool.program_after("ulimit -f 1", "set app.toml n 100002"));
        tool.scenario.expect(
            !ended.status.success(),
            "the program is killed in its write",
            ended.status,
        );
        tool.expect_file("app.toml", long_file(1));
        tool.conf("get ./app.toml n").expect_line("100001");
        tool.expect_program(&mut tool.program("set app.toml n 100003"), 0, "");
        tool.expect_file("app.toml", long_file(3));
    }
}

/// A `set` that cannot write, because the disk is full or the folder is read-only, says so, leaves
/// the old file, and removes what it has written.
#[test]
fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let tool = Tool::new();
        tool.file("app.toml", long_file(1));
        let limited = "trap '' XFSZ; ulimit -f 1";
        let ended = tool.output_of(&mut tool.program_after(limited, "set app.toml n 100002"));
        tool.scenario.expect(
            ended.status.code() == Some(2) && ended.stderr.starts_with(b"conf: app.toml: "),
            "exit code 2, and app.toml on the error stream",
            format_args!(
                "{}, {:?}",
                ended.status,
                String::from_utf8_lossy(&ended.stderr)
            ),
        );
        tool.expect_file("app.toml", long_file(1));
        tool.scenario
            .expect_eq("the files", tool.names(), vec!["app.toml".to_owned()]);
        tool.expect_program(&mut tool.program("set app.toml n 100002"), 0, "");
        tool.expect_file("app.toml", long_file(2));
        let tool = Tool::new();
        let folder = tool.path("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("app.toml"), "a = 1\n").unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
        // Root may write nevertheless; then the change has to be whole.
        let may_write = File::create(folder.join("probe")).is_ok();
        let _ = fs::remove_file(folder.join("probe"));
        let ended = tool.conf("set ./folder/app.toml a 2");
        let expected = if may_write {
            Exit::Success
        } else {
            Exit::Failure
        };
        tool.scenario.expect_eq("the exit", ended.exit, expected);
        tool.expect_file(
            "folder/app.toml",
            if may_write { "a = 2\n" } else { "a = 1\n" },
        );
        tool.scenario
            .expect_eq("the files", fs::read_dir(&folder).unwrap().count(), 1);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// A `set` that is killed at any moment leaves the old file or the new one.
#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    const ROUNDS: usize = 20;
    let tool = Tool::new();
    tool.file("app.toml", long_file(0));
    let start = Instant::now();
    tool.expect_program(&mut tool.program("set app.toml n 100001"), 0, "");
    let whole = start.elapsed();
    let mut random = seed();
    tool.scenario.step(format!("the seed is {random}"));
    let mut before = 1;
    for round in 2..ROUNDS + 2 {
        // Knuth's generator; its upper bits are the random ones.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let moment = whole.mul_f64(f64::from((random >> 33) as u32 % 100) / 100.0);
        let mut child = tool
            .program(&format!("set app.toml n {}", 100_000 + round))
            .spawn()
            .unwrap();
        // Not to wait for anything: this is the moment of the kill.
        thread::sleep(moment);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let text = tool.read("app.toml");
        let (old, new) = (long_file(before), long_file(round));
        if text == new.as_bytes() {
            before = round;
        } else {
            tool.scenario.expect(
                !status.success() && text == old.as_bytes(),
                "all of the old file, or all of the new one",
                format_args!("{} bytes, after {status}", text.len()),
            );
        }
    }
    tool.expect_program(&mut tool.program("set app.toml n 100000"), 0, "");
    tool.expect_file("app.toml", long_file(0));
}

/// An error is one line, whatever is in the name of a file or of a variable: control characters in
/// it are escaped.
#[test]
fn an_error_is_one_line_whatever_a_name_holds() {
    #[cfg(unix)]
    {
        let tool = Tool::with(&[
            ("odd\n\u{1b}[31m.toml", "\na = ?\n"),
            ("good\n.toml", "a = 1\n"),
            (
                "schema.toml",
                "[keys]\nb = {type = 'string', one_of = [\"x\\n\", 'y']}\n",
            ),
        ])
        .env("APP__A\nB__", "1");
        let one_line = |words: &[&str], parts: &[&str]| {
            let ended = tool.conf_words(words);
            ended.expect_failure();
            let whole = ended.stderr.lines().count() == 1
                && !ended.stderr.contains('\u{1b}')
                && parts.iter().all(|part| ended.stderr.contains(part));
            tool.scenario.expect(
                whole,
                format_args!("one line that holds {parts:?}"),
                format_args!("{:?}", ended.stderr),
            );
        };
        one_line(
            &["check", "./odd\n\u{1b}[31m.toml"],
            &["odd\\n", ".toml:2:5: "],
        );
        one_line(&["check", "./no\n.toml"], &["conf: no\\n.toml: "]);
        one_line(&["check", "./no\n.yaml"], &["conf: no\\n.yaml: "]);
        one_line(&["check", "--env", "APP"], &["APP__A\\nB__"]);
        one_line(
            &["check", "./good\n.toml", "--schema", "./schema.toml"],
            &["good\\n.toml:1:1: a: "],
        );
        one_line(
            &["check", "--set", "b=z", "--schema", "./schema.toml"],
            &["--set b: b: "],
        );
        tool.conf_words(&["explain", "./good\n.toml", "a"])
            .expect_output("a = 1\n  from good\\n.toml:1:5\n");
    }
}

/// Names of files need not be Unicode; all other arguments do.
#[test]
fn only_names_of_files_need_not_be_unicode() {
    #[cfg(unix)]
    {
        use std::{ffi::OsString, os::unix::ffi::OsStringExt};
        let tool = Tool::new();
        let odd = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let path = tool.path("").join(odd(b"\xff.toml"));
        fs::write(&path, "a = 1\n").unwrap();
        for (key, exit, output) in [
            (odd(b"a"), Exit::Success, &b"1\n"[..]),
            (odd(b"\xff"), Exit::Failure, b""),
        ] {
            tool.scenario
                .step(format!("conf get <FF>.toml {}", key.display()));
            let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
            let words = [OsString::from("get"), path.clone().into(), key];
            let received = tool.conf_raw(words, &mut io::empty(), &mut stdout, &mut stderr);
            tool.scenario.expect_eq("the exit", received, exit);
            tool.scenario.expect_bytes("the output", &stdout, output);
        }
    }
}

/// Diagnostics have colors on a terminal, unless something says that they should not.
#[test]
fn colors_are_for_terminals() {
    let case = |env: &[(&str, &str)], option: Option<&str>, terminal: bool, colored: bool| {
        let mut tool = Tool::new();
        for (name, value) in env {
            tool = tool.env(*name, *value);
        }
        let mut words = vec!["get", "./no.toml", "a"];
        if let Some(option) = option {
            words.extend(["--color", option]);
        }
        tool.scenario
            .step(format!("conf {words:?}, terminal: {terminal}"));
        let (mut plain, mut screen) = (Vec::new(), Terminal::default());
        let exit = if terminal {
            tool.conf_to(&words, &mut io::empty(), &mut Vec::new(), &mut screen)
        } else {
            tool.conf_to(&words, &mut io::empty(), &mut Vec::new(), &mut plain)
        };
        tool.scenario.expect_eq("the exit", exit, Exit::Failure);
        let written = [plain, screen.0].concat();
        tool.scenario
            .expect_eq("whether there are colors", written.contains(&0x1b), colored);
    };
    case(&[], None, true, true);
    case(&[], None, false, false);
    case(&[], Some("always"), false, true);
    case(&[], Some("never"), true, false);
    case(&[("NO_COLOR", "1")], None, true, false);
    case(&[("NO_COLOR", "")], None, true, true);
    case(&[("TERM", "dumb")], None, true, false);
    case(&[("TERM", "xterm")], None, true, true);
    case(
        &[("NO_COLOR", "1"), ("TERM", "dumb")],
        Some("always"),
        true,
        true,
    );
}

/// Help has colors where diagnostics have them; it goes to the output, so that is what is asked.
#[test]
fn help_has_colors_on_a_terminal() {
    for (words, env, colored) in [
        (&["--help"][..], None, true),
        (&["get", "--help"], None, true),
        (&["set", "--help", "--color", "never"], None, false),
        (&["--help"], Some(("NO_COLOR", "1")), false),
        (&["--help"], Some(("TERM", "dumb")), false),
        (
            &["--color", "always", "--help"],
            Some(("NO_COLOR", "1")),
            true,
        ),
    ] {
        let mut tool = Tool::new();
        if let Some((name, value)) = env {
            tool = tool.env(name, value);
        }
        tool.scenario.step(format!("conf {words:?} on a terminal"));
        let mut screen = Terminal::default();
        let exit = tool.conf_to(words, &mut io::empty(), &mut screen, &mut Vec::new());
        tool.scenario.expect_eq("the exit", exit, Exit::Success);
        tool.scenario.expect_eq(
            "whether there are colors",
            screen.0.contains(&0x1b),
            colored,
        );
        let always = words.contains(&"always");
        let (mut output, mut screen) = (Vec::new(), Terminal::default());
        let exit = tool.conf_to(words, &mut io::empty(), &mut output, &mut screen);
        tool.scenario.expect_eq("the exit", exit, Exit::Success);
        tool.scenario.expect_eq(
            "whether there are colors if the output is no terminal, but the error stream is",
            output.contains(&0x1b),
            always,
        );
    }
}

/// `conf completions` writes a script for each shell, which knows the commands.
#[test]
fn completions_are_written_for_each_shell() {
    let tool = Tool::new();
    let mut scripts = Vec::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = tool.conf(&format!("completions {shell}"));
        tool.scenario.expect(
            ended.exit == Exit::Success && ended.stderr.is_empty(),
            "success, and nothing on the error stream",
            format_args!("{:?}, {:?}", ended.exit, ended.stderr),
        );
        for word in ["conf", "get", "check", "explain", "dump", "set"] {
            tool.scenario.expect(
                ended.stdout.contains(word),
                format_args!("the script for {shell} knows {word}"),
                "it does not",
            );
        }
        scripts.push(ended.stdout);
    }
    scripts.sort();
    scripts.dedup();
    tool.scenario
        .expect_eq("scripts that differ", scripts.len(), 5);
    tool.conf("completions tcsh").expect_failure();
    tool.conf("completions").expect_failure();
}
