//! Phase 5: where values come from, dumps that load again, and secrets that are never shown.

use crate::{
    built::{build, expect_refused, expect_value, of_json, of_toml, told},
    tool::{Ended, Tool},
    tree::{Tree, quoted},
};
use config_cli::{Config, Error, Explanation, Format, Kind, REDACTED, Rule, Schema, Secret};
use suite_kit::{Scenario, property::check_moves};

#[track_caller]
fn expect_origins(scenario: &Scenario, config: &Config, origins: &[(&str, &str)]) {
    for (key, origin) in origins {
        match config.origin(key) {
            Ok(received) => {
                scenario.expect_eq(
                    format_args!("the origin of {key}"),
                    received.to_string(),
                    *origin,
                );
            }
            Err(error) => scenario.fail(format_args!("{key} has an origin"), error),
        }
    }
}

/// The origin of a value in a TOML file is its first character.
#[test]
fn a_value_of_a_toml_file_comes_from_its_first_character() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [
            "a = 1\n  'é漢'   =   'x'\n[t.u]\nv = [10, {w = 2},\n  30]\nx.y = true\nz = '''\nlong'''\n",
        ],
    );
    expect_origins(
        &scenario,
        &config,
        &[
            ("a", "0.toml:1:5"),
            ("'é漢'", "0.toml:2:14"),
            ("t.u.v", "0.toml:4:5"),
            ("t.u.v[0]", "0.toml:4:6"),
            ("t.u.v[1]", "0.toml:4:10"),
            ("t.u.v[1].w", "0.toml:4:15"),
            ("t.u.v[2]", "0.toml:5:3"),
            ("t.u.x.y", "0.toml:6:7"),
            ("t.u.z", "0.toml:7:5"),
        ],
    );
}

/// The origin of a value in a JSON file is its first character, and columns count characters.
#[test]
fn a_value_of_a_json_file_comes_from_its_first_character() {
    let scenario = Scenario::new();
    let config = of_json(
        &scenario,
        "{\"é🦀\": 1, \"t\":\n\t{\"a\": [1, null],\r\n \"b\": \"x\"}}",
    );
    expect_origins(
        &scenario,
        &config,
        &[
            ("'é🦀'", "0.json:1:8"),
            ("t", "0.json:2:2"),
            ("t.a", "0.json:2:8"),
            ("t.a[1]", "0.json:2:12"),
            ("t.b", "0.json:3:7"),
        ],
    );
}

/// The origin of a merged value is the layer that won it, and not the layer that was read last.
///
/// Often an origin is kept for each table, or is that of the last file.
#[test]
fn a_merged_value_comes_from_the_layer_that_won() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .set("t.g", "1")
        .env("APP", [("APP__T__F", "1"), ("APP__L", "['x', 'y']")])
        .text("a.toml", "t = {c = 1, d = 1}", Format::Toml)
        .text("b.toml", "t = {d = 2, e = 2, f = 2, g = 2}", Format::Toml)
        .text("c.toml", "u = 1", Format::Toml)
        .defaults("t = {b = 1, c = 9}")
        .schema(
            Schema::new()
                .key("t", Rule::new(Kind::Table))
                .key("u", Rule::new(Kind::Any))
                .key("l", Rule::new(Kind::Array))
                .key("s", Rule::new(Kind::Integer).default("1")),
        );
    let config = build(&scenario, builder);
    expect_origins(
        &scenario,
        &config,
        &[
            ("s", "schema default"),
            ("t.b", "<defaults>:1:10"),
            ("t.c", "a.toml:1:10"),
            ("t.d", "b.toml:1:10"),
            ("t.e", "b.toml:1:17"),
            ("t.f", "env APP__T__F"),
            ("t.g", "--set t.g"),
            ("t", "--set t.g"),
            ("u", "c.toml:1:5"),
            ("l", "env APP__L"),
            ("l[1]", "env APP__L"),
        ],
    );
}

/// A table has the origin of the highest layer that has it.
#[test]
fn a_table_comes_from_the_highest_layer_that_has_it() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [
            "t = {a = 1}\nu = {}\n",
            "t = {b = 1}\n",
            "c = 1\n\n[v]\nx = 1\n",
        ],
    );
    expect_origins(
        &scenario,
        &config,
        &[("t", "1.toml:1:5"), ("u", "0.toml:2:5")],
    );
    let origin = config.origin("v").map(|origin| origin.to_string());
    scenario.expect(
        origin
            .as_ref()
            .is_ok_and(|origin| origin.starts_with("2.toml:3:")),
        "the origin of v is in line 3 of 2.toml",
        format_args!("{origin:?}"),
    );
}

/// What is not there has no origin and no explanation.
#[test]
fn what_is_not_there_has_no_origin() {
    let scenario = Scenario::new();
    let config = of_toml(&scenario, ["a = 1\nb = [1]"]);
    expect_origins(&scenario, &config, &[("a", "0.toml:1:5")]);
    for (key, reason) in [
        ("c", "missing c"),
        ("a.x", "missing a.x"),
        ("b[1]", "missing b[1]"),
        ("", "invalid key"),
    ] {
        let origin = config.origin(key).map_err(|error| told(&error));
        let explanation = config.explain(key).map_err(|error| told(&error));
        scenario.expect_eq(
            format_args!("the origin of {key}"),
            origin.err().as_deref(),
            Some(reason),
        );
        scenario.expect_eq(
            format_args!("the explanation of {key}"),
            explanation.err().as_deref(),
            Some(reason),
        );
    }
}

/// What an explanation says, in lines.
fn shown(explanations: &[Explanation]) -> Vec<String> {
    explanations
        .iter()
        .flat_map(|one| {
            let head = format!("{} = {} from {}", one.key, one.value, one.origin);
            let shadowed = one
                .shadowed
                .iter()
                .map(|below| format!("shadows {} from {}", below.value, below.origin));
            std::iter::once(head).chain(shadowed)
        })
        .collect()
}

#[track_caller]
fn expect_explained(scenario: &Scenario, config: &Config, key: &str, lines: &[&str]) {
    match config.explain(key) {
        Ok(explanations) => {
            scenario.expect_eq(
                format_args!("explain {key}"),
                shown(&explanations),
                lines.to_vec(),
            );
        }
        Err(error) => scenario.fail(format_args!("{key} is explained"), error),
    }
}

/// An explanation lists the winner and all that it shadows, from the highest layer to the lowest.
#[test]
fn an_explanation_lists_the_winner_and_what_it_shadows() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .defaults("port = 1")
        .text("a.toml", "port = 2", Format::Toml)
        .text("b.json", r#"{"port": "3", "host": "h"}"#, Format::Json)
        .text("c.toml", "host = 'i'", Format::Toml)
        .env("APP", [("APP__PORT", "4")])
        .set("port", "5")
        .set("port", "6")
        .schema(
            Schema::new()
                .key("port", Rule::new(Kind::Integer).default("0"))
                .key("host", Rule::new(Kind::String)),
        );
    let config = build(&scenario, builder);
    expect_explained(
        &scenario,
        &config,
        "port",
        &[
            "port = 6 from --set port",
            "shadows 5 from --set port",
            "shadows 4 from env APP__PORT",
            "shadows \"3\" from b.json:1:10",
            "shadows 2 from a.toml:1:8",
            "shadows 1 from <defaults>:1:8",
            "shadows 0 from schema default",
        ],
    );
    expect_explained(
        &scenario,
        &config,
        "host",
        &[
            "host = \"i\" from c.toml:1:8",
            "shadows \"h\" from b.json:1:23",
        ],
    );
}

/// The explanation of a table is that of all values in it, in the order of their keys.
#[test]
fn a_table_is_explained_value_by_value() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [
            "t = {z = 1, a = [1, 'x'], e = {}, m = {'x y' = 1.0}}\nu = 1",
            "t = {z = 2}",
        ],
    );
    expect_explained(
        &scenario,
        &config,
        "t",
        &[
            "t.a = [1,\"x\"] from 0.toml:1:17",
            "t.e = {} from 0.toml:1:31",
            "t.m.\"x y\" = 1.0 from 0.toml:1:48",
            "t.z = 2 from 1.toml:1:10",
            "shadows 1 from 0.toml:1:10",
        ],
    );
    expect_explained(&scenario, &config, "t.e", &["t.e = {} from 0.toml:1:31"]);
    expect_explained(
        &scenario,
        &config,
        "'t'.a",
        &["t.a = [1,\"x\"] from 0.toml:1:17"],
    );
}

/// A value shadows whatever a lower layer gives under its key, also if that is of another kind.
#[test]
fn a_value_shadows_values_of_other_kinds() {
    let scenario = Scenario::new();
    let config = of_toml(&scenario, ["a = {x = 1}\nb = [1]", "a = 'y'\nb = 2"]);
    expect_explained(
        &scenario,
        &config,
        "a",
        &[
            "a = \"y\" from 1.toml:1:5",
            "shadows {\"x\":1} from 0.toml:1:5",
        ],
    );
    expect_explained(
        &scenario,
        &config,
        "b",
        &["b = 2 from 1.toml:2:5", "shadows [1] from 0.toml:2:5"],
    );
    let config = of_toml(
        &scenario,
        ["a = {x = 1}", "a = 'y'", "a = {x = 2}", "a.z = 3"],
    );
    expect_explained(
        &scenario,
        &config,
        "a",
        &[
            "a.x = 2 from 2.toml:1:10",
            "shadows 1 from 0.toml:1:10",
            "a.z = 3 from 3.toml:1:7",
        ],
    );
}

/// `conf explain` writes the lines that its contract shows, and exits with 1 for an absent key.
#[test]
fn the_tool_explains_a_value() {
    let tool = Tool::with(&[
        ("base.toml", "[server]\nhost = 'h'\nport = 8080\n"),
        ("local.toml", "[server]\n\nport = 8081\n"),
        (
            "schema.toml",
            "[keys]\n'server.port' = {type = 'integer'}\n'server.host' = {type = 'string'}",
        ),
    ])
    .env("APP__SERVER__PORT", "9090");
    let line = "explain ./base.toml ./local.toml --env APP --schema ./schema.toml";
    let port = "server.port = 9090\n  from env APP__SERVER__PORT\n  shadows local.toml:3:8 = 8081\n  \
                shadows base.toml:3:8 = 8080\n";
    tool.conf(&format!("{line} server.port"))
        .expect_output(port);
    let host = "server.host = \"h\"\n  from base.toml:2:8\n";
    tool.conf(&format!("{line} server"))
        .expect_output(&format!("{host}{port}"));
    tool.conf(&format!("{line} server.prot"))
        .expect_missing("server.prot");
}

/// Loading what was dumped gives the same configuration, in either format.
///
/// Often a float loses its fraction and comes back as an integer, or a name loses its quotes.
#[test]
fn dump_then_load_is_the_identity() {
    check_moves(60, 24, &|scenario, _, moves| {
        for (format, name, toml) in [
            (Format::Toml, "x.toml", true),
            (Format::Json, "x.json", false),
        ] {
            let tree = Tree::grown(moves).fit(toml);
            let text = if toml {
                format!("r = {}", tree.toml())
            } else {
                format!("{{\"r\": {}}}", tree.json())
            };
            scenario.step(format!("the text {text}"));
            let load = |text: &str| {
                let builder = Config::builder().text(name, text, format);
                build(scenario, builder.without_schema())
            };
            let dumped = match load(&text).dump(format) {
                Ok(dumped) => dumped,
                Err(error) => scenario.fail(format_args!("it is dumped in {format}"), error),
            };
            scenario.step(format!("its dump {dumped}"));
            let again = load(&dumped);
            expect_value(scenario, &again, "r", tree);
            let twice = again.dump(format).ok();
            scenario.expect_eq("the dump of the dump", twice, Some(dumped));
        }
    });
}

/// Integers to their extremes, floats and datetimes survive a dump, each of its kind.
#[test]
fn a_dump_keeps_values_and_kinds() {
    let tool = Tool::with(&[
        (
            "app.toml",
            "least = -9223372036854775808\ngreatest = 9223372036854775807\nwhole = 1.0\nnot = nan\n\
             at = 1979-05-27T00:32:00.999999-07:00\nday = 1979-05-27\ntime = 07:32:00\ntext = '1979-05-27'\n\
             [[l]]\na = 1\n[[l]]\nb = [[]]\n",
        ),
        (
            "app.json",
            r#"{"big": 18446744073709551615, "n": null, "at": "x", "f": 1.0}"#,
        ),
    ]);
    let dumped = tool.conf("dump ./app.toml").stdout;
    tool.file("again.toml", &dumped);
    for key in [
        "least", "greatest", "whole", "not", "at", "day", "time", "text", "l",
    ] {
        let before = tool.conf(&format!("get ./app.toml {key}")).stdout;
        tool.conf(&format!("get ./again.toml {key}"))
            .expect_output(&before);
    }
    let dumped = tool.conf("dump ./app.json --to json").stdout;
    tool.file("again.json", &dumped);
    for (key, value) in [("big", "18446744073709551615"), ("n", "null"), ("f", "1.0")] {
        tool.conf(&format!("get ./again.json {key}"))
            .expect_line(value);
    }
    let text = "a = 1979-05-27\nb = '1979-05-27'\n[keys]";
    let config = of_toml(&tool.scenario, [text]);
    let dumped = config.dump(Format::Toml).unwrap();
    let schema = Schema::new()
        .key("a", Rule::new(Kind::Boolean))
        .key("b", Rule::new(Kind::String))
        .key("keys", Rule::new(Kind::Table));
    let builder = Config::builder()
        .text("x", dumped, Format::Toml)
        .schema(schema);
    let errors = crate::built::refused(&tool.scenario, builder);
    let all = crate::built::told_all(&errors);
    tool.scenario.expect(
        all.len() == 1 && all[0].starts_with("wrong kind a "),
        "the string is a string again, and a is still no boolean",
        format_args!("{all:?}"),
    );
    let builder = Config::builder()
        .text("x", config.dump(Format::Toml).unwrap(), Format::Toml)
        .schema(
            Schema::new()
                .key("a", Rule::new(Kind::String))
                .key("b", Rule::new(Kind::Any))
                .key("keys", Rule::new(Kind::Table)),
        );
    let all = crate::built::told_all(&crate::built::refused(&tool.scenario, builder));
    tool.scenario.expect(
        all.len() == 1 && all[0].starts_with("wrong kind a "),
        "the datetime is a datetime again, and no string",
        format_args!("{all:?}"),
    );
}

/// What a format cannot hold is an error that names the key, and nothing is dumped.
#[test]
fn what_a_format_cannot_hold_is_not_dumped() {
    let tool = Tool::with(&[
        ("null.json", r#"{"t": {"n": null}}"#),
        ("big.json", r#"{"l": [1, 9223372036854775808]}"#),
        ("nan.toml", "[t]\nf = nan"),
        ("inf.toml", "f = -inf"),
    ]);
    for (line, key) in [
        ("dump ./null.json", "t.n"),
        ("dump ./big.json --to toml", "l[1]"),
        ("dump ./nan.toml --to json", "t.f"),
        ("dump ./inf.toml --to json", "f"),
    ] {
        tool.conf(line).expect_errors(&[&format!("conf: {key}: ")]);
    }
    let dumped = of_json(&tool.scenario, r#"{"a": null}"#).dump(Format::Toml);
    tool.scenario.expect(
        matches!(&dumped, Err(Error::NotRepresentable { key, format: Format::Toml, .. }) if key == "a"),
        "the error NotRepresentable, with the key and the format",
        format_args!("{dumped:?}"),
    );
}

/// A dump has its keys in order, and holds all layers, merged.
#[test]
fn a_dump_is_in_order() {
    let tool = Tool::with(&[
        ("a.toml", "c = 1\na = 1\nt.z = 1\nt.b = 1"),
        ("b.toml", "b = 2\na = 2\nt.'é' = 2"),
    ]);
    let dumped = tool
        .conf("dump ./a.toml ./b.toml --to json --set d=3")
        .stdout;
    let places: Vec<Option<usize>> = [
        "\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"t\"", "\"b\"", "\"z\"", "\"é\"",
    ]
    .iter()
    .scan(0, |from, name| {
        let at = dumped.get(*from..)?.find(name).map(|at| at + *from);
        *from = at.map_or(*from, |at| at + name.len());
        Some(at)
    })
    .collect();
    tool.scenario.expect(
        places.len() == 8 && places.iter().all(Option::is_some),
        "the names a b c d t b z é in this order",
        format_args!("{dumped:?}"),
    );
    tool.file("all.json", &dumped);
    tool.conf("get ./all.json t")
        .expect_line(r#"{"b":1,"z":1,"é":2}"#);
    tool.conf("get ./all.json a").expect_line("2");
    tool.conf("get ./all.json d").expect_line("3");
}

const SECRET: &str = "hunter2-swordfish";
const SECRETS: &str = "[keys]\npassword = {type = 'string', secret = true}\n\
                       pin = {type = 'integer', min = 1000, max = 9999, secret = true}\n\
                       vault = {type = 'table', secret = true}\nlist = {type = 'array', items = 'integer', secret = true}\n\
                       name = {type = 'string'}\n\
                       level = {type = 'string', one_of = ['low', 'high'], secret = true}\n";

/// `get`, `explain` and `dump` show `[redacted]` for a secret, and `--reveal` shows it.
#[test]
fn the_tool_shows_no_secret() {
    let tool = Tool::with(&[
        (
            "a.toml",
            &format!(
                "password = 'old-{SECRET}'\nname = 'n'\n[vault]\nkey = '{SECRET}'\nsub.x = ['{SECRET}']\n"
            ),
        ),
        ("b.toml", &format!("password = '{SECRET}'\n")),
        ("schema.toml", SECRETS),
    ]);
    let run = |line: &str| tool.conf(&format!("{line} --schema ./schema.toml"));
    run("get ./a.toml ./b.toml password").expect_line(REDACTED);
    run("get ./a.toml ./b.toml password --reveal").expect_line(SECRET);
    run("get ./a.toml vault.key").expect_line(REDACTED);
    run("get ./a.toml vault.sub.x[0]").expect_line(REDACTED);
    run("get ./a.toml vault.key --reveal").expect_line(SECRET);
    run("get ./a.toml name").expect_line("n");
    run("explain ./a.toml ./b.toml password").expect_output(
        "password = [redacted]\n  from b.toml:1:12\n  shadows a.toml:1:12 = [redacted]\n",
    );
    run("explain ./a.toml vault.key").expect_output("vault.key = [redacted]\n  from a.toml:4:7\n");
    for to in ["toml", "json"] {
        let dumped = run(&format!("dump ./a.toml ./b.toml --to {to}"));
        dumped.expect_nowhere(SECRET);
        let name = format!("dump.{to}");
        tool.file(&name, &dumped.stdout);
        tool.conf(&format!("get ./{name} password"))
            .expect_line(REDACTED);
        tool.conf(&format!("get ./{name} name")).expect_line("n");
        let revealed = run(&format!("dump ./a.toml ./b.toml --reveal --to {to}"));
        tool.file(&name, &revealed.stdout);
        tool.conf(&format!("get ./{name} password"))
            .expect_line(SECRET);
        tool.conf(&format!("get ./{name} vault.sub.x[0]"))
            .expect_line(SECRET);
    }
}

/// A table with a secret in it is printed with `"[redacted]"` in its place.
#[test]
fn a_table_is_printed_without_its_secrets() {
    let tool = Tool::with(&[
        (
            "app.toml",
            "db = {password = 'x', pins = [1, 2], user = 'u'}",
        ),
        (
            "schema.toml",
            "[keys]\n'db.password' = {type = 'string', secret = true}\n'db.user' = {type = 'string'}\n\
             'db.pins' = {type = 'array', secret = true}",
        ),
    ]);
    tool.conf("get ./app.toml db --schema ./schema.toml")
        .expect_line(r#"{"password":"[redacted]","pins":"[redacted]","user":"u"}"#);
    tool.conf("get ./app.toml db --schema ./schema.toml --reveal")
        .expect_line(r#"{"password":"x","pins":[1,2],"user":"u"}"#);
}

/// No error shows a secret: not a value of the wrong kind, out of range, or none of the choices.
///
/// hint: Whoever makes an error asks the rule of the key what may be shown.
#[test]
fn no_error_shows_a_secret() {
    let expect = |ended: &Ended<'_>, errors: &[&str]| {
        ended.expect_errors(errors);
        for secret in [SECRET, "31337", "271828"] {
            ended.expect_nowhere(secret);
        }
    };
    let tool = Tool::with(&[
        (
            "app.toml",
            &format!(
                "pin = 31337\npassword = 271828\nlevel = '{SECRET}'\nlist = [1, '{SECRET}']\n"
            ),
        ),
        ("broken.toml", &format!("password = '{SECRET}' oops\n")),
        (
            "broken.json",
            &format!("{{\"password\": \"{SECRET}\" oops}}"),
        ),
        (
            "twice.toml",
            &format!("password = '{SECRET}'\npassword = '{SECRET}'\n"),
        ),
        ("schema.toml", SECRETS),
    ])
    .env("APP__PIN", SECRET)
    .env("APP__VAULT", SECRET);
    expect(
        &tool.conf("check ./app.toml --schema ./schema.toml"),
        &[
            "app.toml:3:9: level: ",
            "app.toml:4:12: list[1]: ",
            "app.toml:2:12: password: ",
            "app.toml:1:7: pin: ",
        ],
    );
    expect(
        &tool.conf(&format!(
            "check --env APP --set level={SECRET} --schema ./schema.toml"
        )),
        &[
            "--set level: level: ",
            "env APP__PIN: pin: ",
            "env APP__VAULT: vault: ",
        ],
    );
    expect(&tool.conf("check ./broken.toml"), &["broken.toml:1:"]);
    expect(&tool.conf("check ./broken.json"), &["broken.json:1:34: "]);
    expect(
        &tool.conf("check ./twice.toml"),
        &["twice.toml:2:1: password: "],
    );
}

/// What stands where a table with a secret belongs is hidden like the secret: it may hold it.
///
/// Often a text that does not read as a table is quoted, with the password in it.
#[test]
fn what_stands_above_a_secret_is_not_shown() {
    let tool = Tool::with(&[
        (
            "app.json",
            &format!(r#"{{"db": "app:{SECRET}@localhost"}}"#),
        ),
        ("empty.json", r#"{"db": {"user": {}}}"#),
        (
            "schema.toml",
            "[keys]\n'db.user.password' = {type = 'string', secret = true}\n'db.port' = {type = 'integer'}",
        ),
    ])
    .env("JSON__DB", format!(r#"{{"password": "{SECRET}"}}"#))
    .env("TORN__DB__USER", format!("{{ password = \"{SECRET}\" oops }}"));
    for (line, error) in [
        ("check ./app.json", "app.json:1:8: db: "),
        ("check --env JSON", "env JSON__DB: db: "),
        ("check --env TORN", "env TORN__DB__USER: db.user: "),
    ] {
        let ended = tool.conf(&format!("{line} --schema ./schema.toml"));
        ended.expect_errors(&[error]);
        ended.expect_nowhere(SECRET);
    }
    for flag in [
        format!("db={SECRET}"),
        format!("db.user={SECRET}"),
        format!("db.user=[\"{SECRET}\"]"),
        format!("db.user={{password = [\"{SECRET}\"]}}"),
        format!("db.user.password.x={SECRET}"),
    ] {
        let ended = tool.conf_words(&["check", "--schema", "./schema.toml", "--set", &flag]);
        ended.expect_errors(&["--set db"]);
        ended.expect_nowhere(SECRET);
    }
    tool.conf("explain ./app.json ./empty.json db --schema ./schema.toml")
        .expect_output("db.user = {}\n  from empty.json:1:17\n");
    tool.file("empty.json", r#"{"db": {}}"#);
    tool.conf("explain ./app.json ./empty.json db --schema ./schema.toml")
        .expect_output("db = {}\n  from empty.json:1:8\n  shadows app.json:1:8 = [redacted]\n");
}

/// What lies below a secret table is hidden in every layer, also where it is shadowed.
#[test]
fn what_lies_below_a_secret_is_not_shown() {
    let tool = Tool::with(&[
        (
            "a.toml",
            &format!("[vault]\nkey = 'old-{SECRET}'\nsub.x = ['{SECRET}']\nsub.y = 31337\n"),
        ),
        (
            "b.toml",
            &format!("vault.key = '{SECRET}'\nvault.sub = {{}}\n"),
        ),
        ("c.toml", &format!("vault.key = {{x = '{SECRET}'}}\n")),
        ("schema.toml", SECRETS),
    ]);
    let explain = |line: &str| tool.conf(&format!("explain {line} --schema ./schema.toml"));
    explain("./a.toml ./b.toml vault.key").expect_output(
        "vault.key = [redacted]\n  from b.toml:1:13\n  shadows a.toml:2:7 = [redacted]\n",
    );
    explain("./c.toml ./b.toml vault.key").expect_output(
        "vault.key = [redacted]\n  from b.toml:1:13\n  shadows c.toml:1:13 = [redacted]\n",
    );
    explain("./b.toml ./c.toml vault.key")
        .expect_output("vault.key.x = [redacted]\n  from c.toml:1:18\n");
    let all = explain("./a.toml ./b.toml ./c.toml ./a.toml vault");
    all.expect_nowhere(SECRET);
    all.expect_nowhere("31337");
    tool.scenario.expect_eq(
        "the values that are explained",
        all.stdout.matches(" = [redacted]\n  from a.toml:").count(),
        3,
    );
}

#[derive(Debug, serde::Deserialize)]
struct Database {
    #[serde(rename = "password")]
    _password: u8,
}

/// A table with a secret in it is hidden in the errors of `get::<T>`, whatever `T` says about it.
#[test]
fn a_type_error_about_a_table_shows_no_secret_in_it() {
    let scenario = Scenario::new();
    let schema = Schema::new()
        .key("db.password", Rule::new(Kind::Any).secret())
        .key("db.user", Rule::new(Kind::Any));
    let of = |text: &str| {
        scenario.step(format!("the text {text:?}"));
        let builder = Config::builder().text("x", text, Format::Toml);
        build(&scenario, builder.schema(schema.clone()))
    };
    for text in [
        format!("db.password = '{SECRET}'"),
        format!("db = {{password = {{'{SECRET}' = 1}}, user = 'u'}}"),
        format!("db.password = ['{SECRET}']"),
    ] {
        let config = of(&text);
        for error in [
            config.get::<Database>("db").err(),
            config.get::<Vec<u8>>("db").err(),
            config.get::<Choice>("db").err(),
        ] {
            let shown = error.as_ref().map(|one| format!("{one} {one:?}"));
            scenario.expect(
                error
                    .as_ref()
                    .is_some_and(|one| told(one).starts_with("type db at x:1:"))
                    && !shown.as_ref().is_some_and(|shown| shown.contains(SECRET)),
                "an error about db without the value",
                format_args!("{shown:?}"),
            );
        }
    }
}

/// A default may be a secret: no error of the schema quotes it, and neither does any `Debug`.
#[test]
fn a_secret_default_is_not_shown() {
    let scenario = Scenario::new();
    for (what, rule) in [
        ("an integer", Rule::new(Kind::Integer).default(SECRET)),
        (
            "a choice",
            Rule::new(Kind::String).one_of(["a"]).default(SECRET),
        ),
        (
            "an array",
            Rule::new(Kind::Array).default(format!("['{SECRET}'")),
        ),
        (
            "elements",
            Rule::new(Kind::Array)
                .items(Kind::Integer)
                .default(format!("['{SECRET}']")),
        ),
        (
            "a required key",
            Rule::new(Kind::String).required().default(SECRET),
        ),
    ] {
        scenario.step(format!("a secret default for {what}"));
        let schema = Schema::new().key("k", rule.secret());
        let shown = format!("{schema:?}");
        scenario.expect(
            !shown.contains(SECRET),
            "Debug of the schema shows no default",
            shown,
        );
        let errors = crate::built::refused(&scenario, Config::builder().schema(schema));
        let shown = format!("{errors} {errors:?}");
        scenario.expect(
            !shown.contains(SECRET),
            "an error without the default",
            shown,
        );
    }
}

/// A secret default from a schema file is a secret like any other value.
#[test]
fn a_secret_default_in_a_file_is_not_shown() {
    let scenario = Scenario::new();
    let text = format!("[keys]\nk = {{type = 'integer', secret = true, default = '{SECRET}'}}");
    let errors = Schema::parse("s.toml", text, Format::Toml).err();
    let shown = format!("{errors:?}");
    scenario.expect(
        errors.is_some() && !shown.contains(SECRET),
        "an error without the default",
        shown,
    );
    let schema = Schema::new().key("k", Rule::new(Kind::String).secret().default(SECRET));
    let config = build(&scenario, Config::builder().schema(schema));
    expect_explained(
        &scenario,
        &config,
        "k",
        &["k = [redacted] from schema default"],
    );
    expect_value(&scenario, &config, "k", SECRET);
}

/// A secret of any kind is hidden in errors: a float, a datetime, a boolean, an array.
#[test]
fn a_secret_of_any_kind_is_hidden_in_errors() {
    let scenario = Scenario::new();
    for (kind, value, shown) in [
        (Kind::String, "271828.5", "271828"),
        (Kind::String, "1979-05-27", "1979"),
        (Kind::Integer, "true", "true"),
        (Kind::Integer, "[31337]", "31337"),
        (Kind::Boolean, "{n = 31337}", "31337"),
        (Kind::Float, "9007199254740993", "9007"),
    ] {
        let schema = Schema::new().key("k", Rule::new(kind).secret());
        let text = format!("k = {value}");
        scenario.step(format!("the text {text:?}, where {kind:?} is asked for"));
        let builder = Config::builder().text("x", text, Format::Toml);
        let errors = crate::built::refused(&scenario, builder.schema(schema));
        let all = format!("{errors} {errors:?}");
        scenario.expect(
            !all.contains(shown) && all.contains(REDACTED),
            "[redacted] in place of the value",
            all,
        );
    }
    let float = Rule::new(Kind::Float).float_range(0.0..1.0).secret();
    let builder = Config::builder().set("k", "271828.5");
    let errors = crate::built::refused(&scenario, builder.schema(Schema::new().key("k", float)));
    scenario.expect(
        !format!("{errors} {errors:?}").contains("271828"),
        "[redacted] in place of a float that is not allowed",
        &errors,
    );
}

/// A variable that is not Unicode may be a secret: its error shows nothing of its value.
#[test]
fn the_value_of_a_wrong_variable_is_not_shown() {
    let scenario = Scenario::new();
    #[cfg(unix)]
    {
        use std::{ffi::OsString, os::unix::ffi::OsStringExt};
        let value = OsString::from_vec([SECRET.as_bytes(), b"\xff"].concat());
        let schema = Schema::new().key("k", Rule::new(Kind::String).secret());
        let builder = Config::builder().env("APP", [(OsString::from("APP__K"), value)]);
        let errors = crate::built::refused(&scenario, builder.schema(schema));
        scenario.expect(
            !format!("{errors} {errors:?}").contains(SECRET),
            "an error without the value that is not Unicode",
            errors,
        );
    }
}

/// The library hands a secret to the program, but shows it in no `Debug`, explanation or error.
#[test]
fn the_library_shows_no_secret() {
    let scenario = Scenario::new();
    let schema = Schema::new()
        .key("password", Rule::new(Kind::String).secret())
        .key("vault", Rule::new(Kind::Table).secret())
        .key("f", Rule::new(Kind::Float).secret());
    let text = format!("password = '{SECRET}'\nvault.a.b = '{SECRET}'\nf = nan");
    let builder = Config::builder()
        .defaults(format!("password = 'old {SECRET}'"))
        .text("x", text, Format::Toml)
        .schema(schema);
    let config = build(&scenario, builder);
    expect_value(&scenario, &config, "password", SECRET);
    expect_value(&scenario, &config, "vault.a.b", SECRET);
    for (what, shown) in [
        ("Debug", format!("{config:?}")),
        ("Debug with lines", format!("{config:#?}")),
        ("explain", format!("{:?}", config.explain("password"))),
        (
            "explain of a table",
            format!("{:?}", config.explain("vault")),
        ),
        (
            "a type error",
            format!("{:?}", config.get::<u8>("password")),
        ),
        (
            "a type error inside",
            format!("{:?}", config.get::<Vec<u8>>("vault.a")),
        ),
        (
            "an enum's error",
            format!("{:?}", config.get::<Choice>("password")),
        ),
        (
            "a hidden type error",
            format!("{:?}", config.get::<Secret<u8>>("password")),
        ),
        (
            "a failed dump",
            format!("{:?}", config.dump_revealed(Format::Json)),
        ),
        ("a dump", format!("{:?}", config.dump(Format::Toml))),
    ] {
        scenario.expect(
            !shown.contains(SECRET),
            format_args!("{what} shows no secret"),
            shown,
        );
    }
    let failed = config.dump_revealed(Format::Json);
    scenario.expect(
        matches!(&failed, Err(Error::NotRepresentable { key, value, .. }) if key == "f" && value == REDACTED),
        "a secret that JSON cannot hold is an error with its key, and [redacted] for its value",
        format_args!("{failed:?}"),
    );
    let revealed = config.dump_revealed(Format::Toml).unwrap();
    scenario.expect(
        revealed.contains(&quoted(SECRET)) || revealed.contains(&format!("'{SECRET}'")),
        "dump_revealed holds the secret",
        revealed,
    );
    let schema = Schema::new().key("k", Rule::new(Kind::String).secret().one_of(["a"]));
    let builder = Config::builder().set("k", SECRET).schema(schema);
    expect_refused(&scenario, builder, &["not allowed k at --set k"]);
}

#[derive(Debug, serde::Deserialize)]
enum Choice {
    #[serde(rename = "a")]
    _A,
}

/// A `Secret` is read as its value is, shows itself never, and hands its value out when asked.
#[test]
fn a_secret_does_not_show_itself() {
    let scenario = Scenario::new();
    let config = of_toml(
        &scenario,
        [&format!("s = '{SECRET}'\nn = 31337\nl = ['{SECRET}']")],
    );
    let text: Secret<String> = config.get("s").unwrap();
    let number: Secret<u16> = config.get("n").unwrap();
    let list: Vec<Secret<String>> = config.get("l").unwrap();
    scenario.expect_eq("expose", text.expose().as_str(), SECRET);
    scenario.expect_eq("expose", *number.expose(), 31337);
    for shown in [
        format!("{text:?}"),
        format!("{text:#?}"),
        format!("{number:?}"),
        format!("{number:#06x?}"),
        format!("{text:3.2?}"),
        format!("{:?}", Secret::new(1)),
    ] {
        scenario.expect_eq("Debug", shown.as_str(), REDACTED);
    }
    scenario.expect_eq(
        "Debug of a list",
        format!("{list:?}"),
        format!("[{REDACTED}]"),
    );
    scenario.expect_eq("into_inner", text.clone().into_inner().as_str(), SECRET);
    let failed = [
        config.get::<Secret<u8>>("n").map(|_| ()),
        config.get::<Secret<u8>>("s").map(|_| ()),
        config.get::<Secret<bool>>("n").map(|_| ()),
        config.get::<Secret<Choice>>("s").map(|_| ()),
        config.get::<Vec<Secret<u8>>>("l").map(|_| ()),
    ];
    for one in failed {
        let shown = format!(
            "{one:?} {}",
            one.as_ref()
                .err()
                .map(ToString::to_string)
                .unwrap_or_default()
        );
        scenario.expect(
            one.is_err() && !shown.contains(SECRET) && !shown.contains("31337"),
            "an error without the value",
            shown,
        );
    }
}
