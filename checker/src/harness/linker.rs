//! What a linker says of the symbols and libraries of a learner's code.

use std::collections::BTreeSet;

/// Where the names stand that a linker complains of, as lld, GNU ld, Apple's and Microsoft's
/// linkers put it: behind a phrase, or before it.
const COMPLAINTS: [(&str, Side); 12] = [
    ("duplicate symbol", Side::Behind),
    ("multiple definition of", Side::Behind),
    ("undefined symbol:", Side::Behind),
    ("undefined hidden symbol:", Side::Behind),
    ("undefined reference to", Side::Behind),
    ("unresolved external symbol", Side::Behind),
    ("unable to find library", Side::Behind),
    ("cannot find -l", Side::Behind),
    ("library not found for", Side::Behind),
    ("cannot open input file", Side::Behind),
    ("already defined in", Side::Before),
    (", referenced from", Side::Before),
];

/// What linkers say when their output is larger than a file may be.
const TOO_LARGE: [&str; 3] = ["File size limit exceeded", "File too large", "signal 25"];

/// From this length on, a name is looked for also within words: the compiler leaves out what would
/// color a terminal.
const LONG: usize = 6;

/// The most complaints that are shown.
const MOST_SHOWN: usize = 5;

#[derive(Clone, Copy)]
enum Side {
    Before,
    Behind,
}

/// What is wrong with the code in `sources`, if what the linker complains of stands in it.
pub(super) fn problem(said: &str, sources: &str) -> Option<String> {
    // The command line repeats the names of libraries, whatever is wrong.
    let lines = said.lines().filter(|line| !line.contains("= note:  "));
    let mut shown = Vec::new();
    if lines
        .clone()
        .any(|line| TOO_LARGE.iter().any(|part| line.contains(part)))
    {
        shown.push("it is larger than a file may be; look for a static that is very large");
    }
    let words: BTreeSet<&str> = words(sources).collect();
    for line in lines {
        let is_own = name(line).is_some_and(|name| {
            // Apple's linker shows the underscore that C puts before every name.
            let bare = name.strip_prefix('_').unwrap_or(name);
            let is_within = bare.len() >= LONG && sources.contains(bare);
            words.contains(name) || words.contains(bare) || is_within
        });
        let line = line.trim().trim_start_matches("= note:").trim();
        if is_own && !shown.contains(&line) && shown.len() < MOST_SHOWN {
            shown.push(line);
        }
    }
    if shown.is_empty() {
        return None;
    }
    let mut text = "error: the program cannot be linked\n".to_owned();
    for line in shown {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(
        "  What `no_mangle`, `export_name`, `link` and `extern` blocks name is shared by the whole \
         program, the hidden tests and the system's libraries.\n",
    );
    Some(text)
}

/// The symbol or library that a line complains of.
fn name(line: &str) -> Option<&str> {
    COMPLAINTS.iter().find_map(|(phrase, side)| {
        let (before, behind) = line.split_once(phrase)?;
        match side {
            Side::Behind => words(
                behind
                    .trim_start_matches([':', ' '])
                    .trim_start_matches("-l"),
            )
            .next(),
            Side::Before => words(before).last(),
        }
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: &str = "#[unsafe(no_mangle)] pub extern \"C\" fn malloc() {}\n\
                           #[link(name = \"nope\")] unsafe extern \"C\" { fn far(); }\n";

    #[test]
    fn what_each_linker_says_of_a_name_in_the_code_is_the_codes_fault() {
        for said in [
            "  = note: rust-lld: error: duplicate symbol: malloc",
            "  = note: rust-lld: error: undefined symbol: far",
            "  = note: rust-lld: error: unable to find library -lnope",
            "/usr/bin/ld: /tmp/a.o: in function `f': multiple definition of `malloc'; /tmp/b.o:b",
            "b.rs:1: undefined reference to `far'",
            "/usr/bin/ld: cannot find -lnope: No such file or directory",
            "duplicate symbol '_malloc' in:",
            "  \"_far\", referenced from:",
            "ld: library not found for -lnope",
            "b.o : error LNK2019: unresolved external symbol far referenced in function f",
            "libb.rlib(b.o) : error LNK2005: malloc already defined in libucrt.lib(malloc.obj)",
            "LINK : fatal error LNK1181: cannot open input file 'nope.lib'",
        ] {
            let said = format!("error: linking with `cc` failed: exit status: 1\n{said}\n");
            let problem = problem(&said, SOURCES).unwrap_or_else(|| panic!("{said}"));
            assert!(problem.lines().count() >= 3, "{problem}");
        }
    }

    #[test]
    fn a_linker_that_misses_what_no_code_names_is_the_machines_fault() {
        for said in [
            "  = note: rust-lld: error: unable to find library -lgcc_s",
            "/usr/bin/ld: cannot find crt1.o: No such file or directory",
            "  = note:  \"cc\" \"-lnope\" \"-o\" \"a\"",
            "collect2: fatal error: ld terminated with signal 7 [Bus error]",
        ] {
            assert_eq!(problem(said, SOURCES), None, "{said}");
        }
    }

    #[test]
    fn a_program_that_is_too_large_is_told_as_such() {
        let said = "collect2: fatal error: ld terminated with signal 25 [File size limit exceeded]";
        assert!(problem(said, SOURCES).unwrap().contains("static"));
    }
}
