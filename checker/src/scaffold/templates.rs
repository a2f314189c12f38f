//! The files of a new exercise, with `@id@`, `@crate@`, `@module@` and `@title@` to be filled in.

/// Files of a folder: their paths in it, and their templates.
pub(super) type Files = &'static [(&'static str, &'static str)];

pub(super) const STUB: Files = &[
    (
        "Cargo.toml",
        include_str!("templates/exercise/Cargo.toml.in"),
    ),
    (
        "src/lib.rs",
        include_str!("templates/exercise/src/lib.rs.in"),
    ),
];

pub(super) const SOLUTION: Files = &[
    (
        "Cargo.toml",
        include_str!("templates/solution/Cargo.toml.in"),
    ),
    (
        "src/lib.rs",
        include_str!("templates/solution/src/lib.rs.in"),
    ),
    (
        "benches/first_line.rs",
        include_str!("templates/solution/benches/first_line.rs.in"),
    ),
];

pub(super) const SUITE: Files = &[
    ("Cargo.toml", include_str!("templates/suite/Cargo.toml.in")),
    ("suite.toml", include_str!("templates/suite/suite.toml.in")),
    ("src/lib.rs", include_str!("templates/suite/src/lib.rs.in")),
    (
        "src/p1_first.rs",
        include_str!("templates/suite/src/p1_first.rs.in"),
    ),
    (
        "tests/compile_fail.rs",
        include_str!("templates/suite/tests/compile_fail.rs.in"),
    ),
    (
        "compile_fail/the_line_outlives_the_text.rs",
        include_str!("templates/suite/compile_fail/the_line_outlives_the_text.rs.in"),
    ),
    (
        "compile_fail/the_line_outlives_the_text.stderr",
        include_str!("templates/suite/compile_fail/the_line_outlives_the_text.stderr.in"),
    ),
    (
        "mutants/returns_a_blank_line.patch",
        include_str!("templates/suite/mutants/returns_a_blank_line.patch.in"),
    ),
    (
        "mutants/README.md",
        include_str!("templates/suite/mutants/README.md.in"),
    ),
];

pub(super) const CHAPTER: &str = include_str!("templates/book/chapter.md.in");
