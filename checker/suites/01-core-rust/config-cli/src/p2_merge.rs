//! Phase 2: several files, merged, and values as types of Rust.

use crate::{
    built::{build, expect_no_value, expect_refused, expect_value, of_json, of_toml},
    tool::Tool,
    tree::Tree,
};
use config_cli::{Config, Format};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, marker::PhantomData};
use suite_kit::{Scenario, property::check_moves};

/// An integer is read as every type of number that can hold it, and as no other.
#[test]
fn an_integer_becomes_any_number_that_can_hold_it() {
    let scenario = Scenario::new();
    let config = of_json(
        &scenario,
        "{\"a\": 255, \"b\": 256, \"c\": -1, \"d\": 18446744073709551615,\n\"e\": -9223372036854775808}",
    );
    expect_value(&scenario, &config, "a", 255_u8);
    expect_value(&scenario, &config, "a", 255_i64);
    expect_value(&scenario, &config, "a", 255.0_f64);
    expect_value(&scenario, &config, "a", 255.0_f32);
    expect_value(&scenario, &config, "d", 18_446_744_073_709_551_616.0_f32);
    expect_value(&scenario, &config, "d", u64::MAX);
    expect_value(&scenario, &config, "e", i64::MIN);
    expect_no_value::<u8>(&scenario, &config, "b", "type b at 0.json:1:17");
    expect_no_value::<u64>(&scenario, &config, "c", "type c at 0.json:1:27");
    expect_no_value::<i64>(&scenario, &config, "d", "type d at 0.json:1:36");
    expect_no_value::<u64>(&scenario, &config, "e", "type e at 0.json:2:6");
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Info,
    Warn,
}

/// A string is read as a `String`, a borrowed `&str`, a `char`, or a variant of that name.
#[test]
fn a_string_becomes_text_or_a_variant() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        ["s = \"a\\u00e9\\n\"\nc = 'é'\nlevel = 'warn'\nn = '1'"],
    );
    expect_value(&scenario, &config, "s", "aé\n");
    expect_value(&scenario, &config, "s", "aé\n".to_owned());
    expect_value(&scenario, &config, "c", 'é');
    expect_value(&scenario, &config, "level", Level::Warn);
    expect_no_value::<Level>(&scenario, &config, "s", "type s at 0.toml:1:5");
    expect_no_value::<u8>(&scenario, &config, "n", "type n at 0.toml:4:5");
    expect_no_value::<char>(&scenario, &config, "s", "type s at 0.toml:1:5");
}

/// Floats, booleans, datetimes and arrays become what the table of `get` lists.
#[test]
fn other_values_become_their_types() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        ["f = 0.5\nt = true\nat = 1979-05-27 07:32:00Z\nl = [1, 2]\nm = [1, 'x', [true]]\ne = []"],
    );
    expect_value(&scenario, &config, "f", 0.5_f64);
    expect_value(&scenario, &config, "f", 0.5_f32);
    expect_value(&scenario, &config, "t", true);
    expect_value(&scenario, &config, "at", "1979-05-27T07:32:00Z".to_owned());
    expect_value(&scenario, &config, "l", vec![1_u8, 2]);
    expect_value(&scenario, &config, "m", (1, "x".to_owned(), vec![true]));
    expect_value(&scenario, &config, "e", Vec::<u8>::new());
    expect_no_value::<i64>(&scenario, &config, "f", "type f at 0.toml:1:5");
    expect_no_value::<bool>(&scenario, &config, "l", "type l at 0.toml:4:5");
    expect_no_value::<Vec<u8>>(&scenario, &config, "t", "type t at 0.toml:2:5");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Server {
    host: String,
    port: u16,
    name: Option<String>,
    limits: BTreeMap<String, i32>,
    store: Store,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Store {
    Memory,
    File { path: String },
    Pair(u8, u8),
    Url(String),
}

/// A table is read as a struct, as a map, or as a variant with data.
#[test]
fn a_table_becomes_a_struct_a_map_or_a_variant() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [
            "[s]\nhost = 'h'\nport = 80\nextra = 1\nlimits.a = 1\nlimits.'b c' = 2\n\
             store.file.path = '/x'\n[t]\nurl = 'u'\n[v]\npair = [1, 2]",
        ],
    );
    let server = Server {
        host: "h".to_owned(),
        port: 80,
        name: None,
        limits: [("a".to_owned(), 1), ("b c".to_owned(), 2)].into(),
        store: Store::File {
            path: "/x".to_owned(),
        },
    };
    expect_value(&scenario, &config, "s", server);
    expect_value(&scenario, &config, "t", Store::Url("u".to_owned()));
    expect_value(&scenario, &config, "v", Store::Pair(1, 2));
    let config = of_toml(&scenario, ["w = {file = {}, url = ''}\ns = 'memory'"]);
    expect_no_value::<Store>(&scenario, &config, "w", "type w at 0.toml:1:5");
    expect_value(&scenario, &config, "s", Store::Memory);
}

/// Null is `None`, everything else is `Some`, and a key that is not there is an error all the same.
///
/// Often an absent key and a null are taken for each other.
#[test]
fn null_is_none_and_an_absent_key_is_missing() {
    let scenario = Scenario::new();
    let config = of_json(&scenario, r#"{"n": null, "a": 1, "t": {"n": null}}"#);
    expect_value(&scenario, &config, "n", None::<u8>);
    expect_value(&scenario, &config, "n", ());
    expect_value(&scenario, &config, "t.n", None::<String>);
    expect_value(&scenario, &config, "a", Some(1));
    expect_no_value::<Option<u8>>(&scenario, &config, "b", "missing b");
    expect_no_value::<Option<u8>>(&scenario, &config, "t.m", "missing t.m");
    expect_no_value::<u8>(&scenario, &config, "n", "type n at 0.json:1:7");
}

/// An error has the key in its canonical form, however it was asked for.
#[test]
fn an_error_has_the_canonical_key() {
    let scenario = Scenario::new();
    let config = of_toml(&scenario, ["a.b = ['x', 'y']\n'c d' = 'x'"]);
    for (key, reason) in [
        ("'a'.\"b\"[001]", "type a.b[1] at 0.toml:1:13"),
        ("\"\\u0061\".b", "type a.b at 0.toml:1:7"),
        ("'c d'", "type \"c d\" at 0.toml:2:9"),
        ("'a'.'b'[02]", "missing a.b[2]"),
    ] {
        expect_no_value::<u8>(&scenario, &config, key, reason);
    }
}

/// What is not there is `Missing`, and what is no key is `InvalidKey`.
#[test]
fn what_is_not_there_is_missing() {
    let scenario = Scenario::new();
    let config = of_toml(&scenario, ["a = [1, {b = 2}]\ns = 'x'"]);
    expect_value(&scenario, &config, "a[1].b", 2);
    for key in ["a[2]", "s[0]", "s.x", "a.b", "c", "c.d"] {
        expect_no_value::<u8>(&scenario, &config, key, &format!("missing {key}"));
    }
    expect_no_value::<u8>(&scenario, &config, "'c'.'d e'", "missing c.\"d e\"");
    expect_no_value::<u8>(&scenario, &config, "a..b", "invalid key");
    expect_no_value::<u8>(&scenario, &config, "", "invalid key");
}

/// Of several files, the later one wins.
#[test]
fn a_later_file_wins() {
    let scenario = Scenario::new();
    let config = of_toml(&scenario, ["a = 1\nb = 1\nc = 1", "b = 2\nc = 2", "c = 3"]);
    expect_value(&scenario, &config, "a", 1);
    expect_value(&scenario, &config, "b", 2);
    expect_value(&scenario, &config, "c", 3);
}

/// Tables are merged key by key, at every depth and however they are written.
///
/// Often the merge is shallow: the later table replaces the earlier one, and its keys are lost.
#[test]
fn tables_merge_deeply() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [
            "[a]\nx = 1\n[a.b]\nx = 1\ny = 1\n[a.b.c]\nx = 1\ny = 1",
            "a = {b = {y = 2, c = {y = 2, z = 2}}}",
            "a.b.c.z = 3",
        ],
    );
    expect_value(
        &scenario,
        &config,
        "a",
        Tree::table([
            ("x", Tree::Integer(1)),
            (
                "b",
                Tree::table([
                    ("x", Tree::Integer(1)),
                    ("y", Tree::Integer(2)),
                    (
                        "c",
                        Tree::table([
                            ("x", Tree::Integer(1)),
                            ("y", Tree::Integer(2)),
                            ("z", Tree::Integer(3)),
                        ]),
                    ),
                ]),
            ),
        ]),
    );
}

/// An array replaces an array wholly, and so do arrays of tables.
#[test]
fn arrays_replace_arrays() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [
            "a = [1, 2, 3]\nb = [1]\n[[c]]\nx = 1\ny = 1\n[[c]]\nx = 2",
            "a = [4]\nb = []\n[[c]]\nx = 3",
        ],
    );
    expect_value(&scenario, &config, "a", vec![4]);
    expect_value(&scenario, &config, "b", Vec::<u8>::new());
    expect_value(
        &scenario,
        &config,
        "c",
        Tree::Array(vec![Tree::table([("x", Tree::Integer(3))])]),
    );
}

/// A value of another kind replaces what is there wholly: a table a string, a string a table, and
/// null anything.
#[test]
fn other_kinds_replace_wholly() {
    let scenario = Scenario::new();
    let text = |number: u8, text: &str| (format!("{number}.json"), text.to_owned(), Format::Json);
    let texts = [
        text(
            0,
            r#"{"a": "x", "b": {"x": 1}, "c": {"x": 1}, "d": 1, "e": {"x": 1}, "f": [{"x": 1}]}"#,
        ),
        text(
            1,
            r#"{"a": {"y": 2}, "b": "y", "c": null, "d": null, "e": 5, "f": {"0": 2}}"#,
        ),
        text(2, r#"{"c": {"z": 3}, "e": {"z": 3}}"#),
    ];
    let mut builder = Config::builder();
    for (name, text, format) in texts {
        scenario.step(format!("the text {name} holds {text:?}"));
        builder = builder.text(name, text, format);
    }
    let config = build(&scenario, builder.without_schema());
    let table = |name, number| Tree::table([(name, Tree::Integer(number))]);
    expect_value(&scenario, &config, "a", table("y", 2));
    expect_value(&scenario, &config, "b", "y");
    expect_value(&scenario, &config, "c", table("z", 3));
    expect_value(&scenario, &config, "d", ());
    expect_value(&scenario, &config, "e", table("z", 3));
    expect_value(&scenario, &config, "f", table("0", 2));
}

/// Defaults lie below all files, in whatever order they are given, and later ones win.
#[test]
fn defaults_lie_below_all_files() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .text("a.toml", "a = 1\nt.x = 1", Format::Toml)
        .defaults("a = 8\nb = 8\nt = {x = 8, y = 8}")
        .text("b.toml", "c = 1", Format::Toml)
        .defaults("b = 9\nc = 9");
    let config = build(&scenario, builder.without_schema());
    for (key, value) in [("a", 1), ("b", 9), ("c", 1), ("t.x", 1), ("t.y", 8)] {
        expect_value(&scenario, &config, key, value);
    }
}

/// Files are read when the configuration is built, by their extension or by a format that is given.
#[test]
fn files_are_read_and_merged() {
    let tool = Tool::with(&[
        ("a.toml", "a = 0"),
        ("b.JSON", r#"{"b": 2}"#),
        ("c.conf", "c = 3"),
    ]);
    let builder = Config::builder()
        .file(tool.path("a.toml"))
        .file(tool.path("b.JSON"))
        .file_as(tool.path("c.conf"), Format::Toml);
    tool.file("a.toml", "a = 1\nb = 1\nc = 1");
    let config = build(&tool.scenario, builder.without_schema());
    for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
        expect_value(&tool.scenario, &config, key, value);
    }
}

/// Every layer that cannot be read or parsed gives its error, the lowest layer first.
///
/// Often the first one hides the others, or a file that is not there counts as empty.
#[test]
fn every_layer_that_is_wrong_is_reported() {
    let tool = Tool::with(&[
        ("fine.toml", "a = 1"),
        ("app.yaml", "a: 1"),
        ("gone.toml", ""),
    ]);
    let builder = Config::builder()
        .file("no/such.toml")
        .file(tool.path("fine.toml"))
        .file(tool.path("gone.toml"))
        .text("bad.json", "{\"a\": ]", Format::Json)
        .file("app.yaml")
        .defaults("x = 1\nx = 2");
    fs::remove_file(tool.path("gone.toml")).unwrap();
    let gone = format!("io {}", tool.path("gone.toml").display());
    expect_refused(
        &tool.scenario,
        builder.without_schema(),
        &[
            "duplicate x at <defaults>:2:1",
            "io no/such.toml",
            &gone,
            "parse at bad.json:1:7",
            "unknown format app.yaml",
        ],
    );
}

/// A name that is given twice in a table is refused, with the place of the second one.
#[test]
fn a_name_given_twice_is_refused() {
    let scenario = Scenario::new();
    for (text, format, reason) in [
        ("a = 1\nb = 2\na = 3", Format::Toml, "duplicate a at x:3:1"),
        ("[t]\nk = 1\n'k' = 1", Format::Toml, "duplicate k at x:3:1"),
        ("t = {k = 1, k = 1}", Format::Toml, "duplicate k at x:1:13"),
        (
            r#"{"a": 1, "b": 2, "a": 1}"#,
            Format::Json,
            "duplicate a at x:1:18",
        ),
        (
            r#"{"a": 1, "\u0061": 1}"#,
            Format::Json,
            "duplicate a at x:1:10",
        ),
        (
            r#"{"l": [{"k": {"d": 1,"d": 1}}]}"#,
            Format::Json,
            "duplicate d at x:1:22",
        ),
        (
            r#"{"t": {"a": 1}, "t": {"b": 1}}"#,
            Format::Json,
            "duplicate t at x:1:17",
        ),
    ] {
        scenario.step(format!("the text {text:?}"));
        let builder = Config::builder().text("x", text, format);
        expect_refused(&scenario, builder.without_schema(), &[reason]);
    }
    let errors = crate::built::refused(
        &scenario,
        Config::builder()
            .text("x", "[t]\na = 1\n[u]\n[t]\nb = 1", Format::Toml)
            .without_schema(),
    );
    let told = crate::built::told_all(&errors);
    scenario.expect(
        told.len() == 1 && told[0].starts_with("duplicate t at x:4:"),
        "one error: duplicate t, with a place in line 4",
        format_args!("{told:?}"),
    );
}

/// A text whose root is no object, or with a number out of range, is refused.
#[test]
fn what_no_value_can_hold_is_refused() {
    let scenario = Scenario::new();
    for (text, format) in [
        ("[]", Format::Json),
        ("1", Format::Json),
        ("", Format::Json),
        (r#"{"a": 18446744073709551616}"#, Format::Json),
        (r#"{"a": -9223372036854775809}"#, Format::Json),
        (r#"{"a": 1e999}"#, Format::Json),
        (r#"{"a": 01}"#, Format::Json),
        (r#"{"a": NaN}"#, Format::Json),
        (r#"{"a": 1,}"#, Format::Json),
        ("a = -9223372036854775809", Format::Toml),
        ("a = 99999999999999999999", Format::Toml),
        ("a = 2026-13-01", Format::Toml),
        ("a = 01", Format::Toml),
        ("a = 'x", Format::Toml),
    ] {
        scenario.step(format!("the text {text:?}"));
        let builder = Config::builder().text("x", text, format);
        let errors = crate::built::refused(&scenario, builder.without_schema());
        let told = crate::built::told_all(&errors);
        scenario.expect(
            !told.is_empty() && told.iter().all(|one| one.starts_with("parse at x:1:")),
            "an error: parse at x:1:…",
            format_args!("{told:?}"),
        );
    }
}

/// Merging random layers gives what the rules give, one layer after the other.
#[test]
fn random_layers_merge_by_the_rules() {
    check_moves(60, 24, &|scenario, layers, moves| {
        let mut builder = Config::builder();
        let mut expected = Tree::grown(&[]);
        for (at, part) in moves
            .chunks(moves.len().div_ceil(layers).max(1))
            .enumerate()
        {
            let layer = Tree::grown(part).fit(false);
            let text = format!("{{\"r\": {}}}", layer.json());
            scenario.step(format!("the text {at}.json holds {text}"));
            builder = builder.text(format!("{at}.json"), text, Format::Json);
            expected = expected.under(layer);
        }
        let builder = builder.defaults("r = {}");
        let config = build(scenario, builder.without_schema());
        expect_value(scenario, &config, "r", expected);
    });
}

/// A text that was merged from the lowest layers takes their place; an empty layer, and one that
/// is given twice in a row, change nothing.
#[test]
fn merging_keeps_its_laws() {
    check_moves(60, 18, &|scenario, _, moves| {
        let (low, high) = moves.split_at(moves.len() / 3);
        let (middle, high) = high.split_at(high.len() / 2);
        let layers = [low, middle, high].map(|part| Tree::grown(part).fit(false));
        let text = |tree: &Tree| format!("{{\"r\": {}}}", tree.json());
        let of = |texts: &[String]| {
            let mut builder = Config::builder();
            for text in texts {
                scenario.step(format!("a layer {text}"));
                builder = builder.text("x.json", text.as_str(), Format::Json);
            }
            build(scenario, builder.without_schema())
                .get::<Tree>("r")
                .unwrap()
        };
        let [a, b, c] = layers.each_ref().map(text);
        let all = of(&[a.clone(), b.clone(), c.clone()]);
        let lowest = of(&[a.clone(), b.clone()]);
        scenario.expect_eq(
            "the lowest two merged before",
            of(&[text(&lowest), c.clone()]),
            all.clone(),
        );
        let empty = "{}".to_owned();
        let padded = [
            empty.clone(),
            a.clone(),
            empty.clone(),
            b.clone(),
            c.clone(),
            empty,
        ];
        scenario.expect_eq("with empty layers", of(&padded), all.clone());
        let doubled = [a.clone(), a, b.clone(), b, c.clone(), c];
        scenario.expect_eq("with each layer twice", of(&doubled), all);
    });
}

/// `conf get` takes several files, of which later ones win; the last argument is the key.
#[test]
fn the_tool_merges_several_files() {
    let tool = Tool::with(&[
        ("base.toml", "[server]\nhost = 'h'\nport = 1\n"),
        ("local.json", r#"{"server": {"port": 2}}"#),
        ("last.toml", "server.port = 3"),
    ]);
    tool.conf("get ./base.toml ./local.json server.port")
        .expect_line("2");
    tool.conf("get ./local.json ./base.toml server.port")
        .expect_line("1");
    tool.conf("get ./base.toml ./local.json ./last.toml server")
        .expect_line(r#"{"host":"h","port":3}"#);
    tool.conf("get ./base.toml ./no.toml ./local.json ./nor.toml server.port")
        .expect_errors(&["conf: no.toml: ", "conf: nor.toml: "]);
}

struct Probe<T>(PhantomData<T>);

#[allow(
    dead_code,
    reason = "found only where the bounds of `Probe` do not hold"
)]
trait Otherwise {
    const SHARED: bool = false;
}

impl<T> Otherwise for Probe<T> {}

impl<T: Send + Sync> Probe<T> {
    const SHARED: bool = true;
}

/// Threads can share a configuration: it is `Send` and `Sync`.
#[test]
fn threads_can_share_a_configuration() {
    let scenario = Scenario::new();
    let config = of_toml(&scenario, ["a = 1"]);
    expect_value(&scenario, &config, "a", 1);
    scenario.expect(
        Probe::<Config>::SHARED,
        "Config is Send and Sync",
        "it is not",
    );
}
