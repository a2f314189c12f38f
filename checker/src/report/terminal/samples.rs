//! Reports that the tests of the views share.

use crate::verdict::{
    CompileCase, CompileProblem, Crash, Failure, FaultOrigin, Manner, Output, PhaseReport,
    PhaseStatus, Report, Resource, SCHEMA_VERSION, TestReport, TimedOut, Verdict,
};

/// A test with a verdict and nothing else that is special.
pub(crate) fn test(name: &str, behaviour: &str, verdict: Verdict) -> TestReport {
    TestReport {
        name: name.to_owned(),
        behaviour: behaviour.to_owned(),
        details: String::new(),
        hint: None,
        read_on: "01-core-rust/lru-cache.html#phase-1-core".to_owned(),
        verdict,
        steps: Vec::new(),
        millis: 3,
        output: Output::default(),
    }
}

/// A comparison that failed after some steps.
pub(crate) fn failed() -> TestReport {
    let verdict = Verdict::Failed(Failure {
        message: "peek b".to_owned(),
        expected: Some("None".to_owned()),
        received: Some("Some(2)".to_owned()),
        seed: None,
        location: None,
    });
    TestReport {
        details: "Often the key is unlinked from the list but left in the map, so that `len` and \
                  look-ups disagree."
            .to_owned(),
        hint: Some("An eviction takes the same entry out of both structures.".to_owned()),
        steps: ["put a=1", "put b=2", "get a", "put c=3"]
            .map(str::to_owned)
            .to_vec(),
        read_on: "01-core-rust/lru-cache.html#eviction".to_owned(),
        ..test(
            "p1_core::a_full_cache_evicts_the_least_recently_used",
            "A `put` on a full cache evicts exactly the least recently used entry.",
            verdict,
        )
    }
}

/// A panic in the learner's code, with captured output.
pub(crate) fn panicked() -> TestReport {
    let verdict = Verdict::Failed(Failure {
        message: "index out of bounds: the len is 2 but the index is 2".to_owned(),
        location: Some("src/cache.rs:118:20".to_owned()),
        seed: Some(41),
        ..Failure::default()
    });
    let lines: Vec<String> = (1..=14).map(|n| format!("unlink node {n}")).collect();
    TestReport {
        output: Output {
            stdout: lines.join("\n"),
            stderr: "\x1b[31mthread 'main' panicked\x1b[0m\tat src/cache.rs:118:20".to_owned(),
        },
        ..test(
            "p1_core::a_cache_agrees_with_a_simple_model",
            "A cache agrees with a simple model on random operations.",
            verdict,
        )
    }
}

/// A test that reached a `todo!`.
pub(crate) fn not_implemented() -> TestReport {
    test(
        "p2_lookups::a_peek_leaves_the_order_alone",
        "A `peek` leaves the order alone.",
        Verdict::NotImplemented {
            message: "phase 2: look up without moving the entry".to_owned(),
            location: Some("src/cache.rs:74:9".to_owned()),
        },
    )
}

/// A program that compiled although it must not.
pub(crate) fn wrongly_compiled() -> TestReport {
    TestReport {
        details: "The lifetime of the value is not tied to the borrow of the cache.".to_owned(),
        ..test(
            "p5_soundness::a_value_cannot_outlive_its_cache",
            "A value that was looked up cannot outlive the cache.",
            Verdict::WronglyCompiled(CompileCase {
                program: "use lru_cache::LruCache;\n\nfn main() {\n    let mut cache = new();\n    \
                          let value = cache.get(&1);\n    drop(cache);\n    println!(\"{value:?}\");\n}\n"
                    .to_owned(),
                expected: vec!["E0505 at line 6".to_owned()],
                received: Vec::new(),
            }),
        )
    }
}

fn timed_out(manner: Manner) -> Verdict {
    let (ran_seconds, waited_seconds) = match manner {
        Manner::Computing => (9.96, 21.37),
        Manner::Waiting => (0.02, 0.01),
    };
    Verdict::TimedOut(TimedOut {
        seconds: 10.0,
        ran_seconds,
        waited_seconds,
        wall_seconds: 10.05 + waited_seconds,
        manner,
    })
}

/// Every other verdict, one test each.
pub(crate) fn others() -> Vec<TestReport> {
    let verdicts = [
        ("timed_out", timed_out(Manner::Computing)),
        ("deadlocked", timed_out(Manner::Waiting)),
        ("overflowed", Verdict::Crashed(Crash::StackOverflow)),
        ("aborted", Verdict::Crashed(Crash::Abort)),
        ("segfault", Verdict::Crashed(Crash::Signal { number: 11 })),
        ("exited", Verdict::Crashed(Crash::Exited { code: Some(0) })),
        (
            "memory",
            Verdict::OverLimit {
                resource: Resource::Memory,
                limit: "2 GiB".to_owned(),
            },
        ),
        (
            "output",
            Verdict::OverLimit {
                resource: Resource::Output,
                limit: "8 MiB".to_owned(),
            },
        ),
        (
            "skipped",
            Verdict::Skipped {
                needs: "Miri: `rustup +nightly component add miri`".to_owned(),
            },
        ),
        (
            "starved",
            Verdict::CheckerFault {
                message: "this machine is too busy: in 100 s, the test had 4.2 of the 10 s that \
                          it may take, and waited for a processor otherwise"
                    .to_owned(),
                origin: FaultOrigin::Machine,
            },
        ),
        (
            "fault",
            Verdict::CheckerFault {
                message: "cannot start the test: Resource temporarily unavailable (os error 11)"
                    .to_owned(),
                origin: FaultOrigin::Checker,
            },
        ),
    ];
    verdicts
        .map(|(name, verdict)| {
            let name = format!("p3_removal::{name}");
            let mut test = test(
                &name,
                "A cleared cache is empty and can be used again.",
                verdict,
            );
            if let Verdict::TimedOut(_) = test.verdict {
                test.steps = ["put a=1 (×3)", "clear"].map(str::to_owned).to_vec();
            }
            test
        })
        .into_iter()
        .collect()
}

/// A phase with these tests.
pub(crate) fn phase(number: u32, title: &str, tests: Vec<TestReport>) -> PhaseReport {
    PhaseReport {
        number,
        name: title.to_lowercase(),
        title: title.to_owned(),
        status: PhaseStatus::of(&tests),
        problem: None,
        tests,
        suite_hash: "5d41402a".to_owned(),
    }
}

/// A phase that could not be built.
pub(crate) fn unbuilt(number: u32, title: &str, problem: CompileProblem) -> PhaseReport {
    PhaseReport {
        status: PhaseStatus::DoesNotCompile,
        problem: Some(problem),
        ..phase(number, title, Vec::new())
    }
}

/// A test that passed.
pub(crate) fn passed(name: &str) -> TestReport {
    test(name, "It works.", Verdict::Passed)
}

/// A test that this machine cannot run.
pub(crate) fn skipped() -> TestReport {
    let verdict = Verdict::Skipped {
        needs: "Miri".to_owned(),
    };
    test(
        "p1_core::no_reference_dangles",
        "No reference dangles.",
        verdict,
    )
}

/// The learner's crate has errors.
pub(crate) fn learner_problem() -> CompileProblem {
    CompileProblem::Learner {
        rendered: "\x1b[1m\x1b[91merror[E0382]\x1b[0m\x1b[1m: use of moved value: `key`\x1b[0m\n  \
                   \x1b[1m\x1b[94m--> \x1b[0msrc/cache.rs:41:30\n   |\n41 |         \
                   self.map.insert(key, index);\n   |                         ^^^ value used here \
                   after move\n\n"
            .to_owned(),
        errors: 1,
    }
}

/// The learner's crate lacks what a phase uses.
pub(crate) fn interface_problem() -> CompileProblem {
    CompileProblem::Interface {
        messages: vec!["no method named `peek` found for struct `LruCache<K, V>`".to_owned()],
        expected: vec![
            "impl<K: Hash + Eq, V, S: BuildHasher> LruCache<K, V, S> {\n    pub fn peek<Q>(&self, \
             key: &Q) -> Option<&V>;\n}"
                .to_owned(),
        ],
    }
}

/// A report of these phases.
pub(crate) fn report(phases: Vec<PhaseReport>) -> Report {
    Report {
        schema: SCHEMA_VERSION,
        exercise: "lru-cache".to_owned(),
        title: "An LRU cache".to_owned(),
        source_hash: "900150983cd24fb0".to_owned(),
        notices: Vec::new(),
        build_millis: 177,
        total_millis: 1431,
        phases,
    }
}

/// Everything passed.
pub(crate) fn all_passed() -> Report {
    report(vec![
        phase(1, "Core", vec![passed("p1_core::a"), passed("p1_core::b")]),
        phase(2, "Look-ups", vec![passed("p2_lookups::a")]),
    ])
}

/// One phase passed, one failed in several ways, one is not written, one does not compile.
pub(crate) fn mixed() -> Report {
    let not_written = vec![not_implemented(), not_implemented()];
    let mut report = report(vec![
        phase(1, "Core", vec![passed("p1_core::a"), passed("p1_core::b")]),
        phase(
            2,
            "Look-ups",
            vec![
                passed("p2_lookups::a"),
                failed(),
                panicked(),
                not_implemented(),
            ],
        ),
        phase(3, "Removal", not_written),
        phase(4, "Iteration", others()),
        unbuilt(5, "Soundness", interface_problem()),
    ]);
    report.notices = vec!["`Cargo.toml` was edited; the course's own is used instead.".to_owned()];
    report
}
