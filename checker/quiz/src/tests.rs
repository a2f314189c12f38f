use super::*;

/// A quiz of three questions, the first of which is `first`; it begins on line 1.
fn quiz_with(first: &str) -> String {
    let other = "[[question]]\nprompt = 'p'\n[[question.answer]]\ntext = 'a'\ncorrect = true\n\
                 why = 'w'\n[[question.answer]]\ntext = 'b'\nwhy = 'w'\n";
    format!("{first}\n{other}{other}")
}

/// A question with these keys and two answers; the answers begin behind the keys.
fn question(keys: &str, right: &str, wrong: &str) -> String {
    format!(
        "[[question]]\nprompt = 'p'\n{keys}[[question.answer]]\ntext = '''{right}'''\n\
         correct = true\nwhy = 'w'\n[[question.answer]]\ntext = '''{wrong}'''\nwhy = 'w'\n"
    )
}

fn faults(text: &str) -> Vec<String> {
    match Quiz::parse(text) {
        Ok(quiz) => unreachable!("{quiz:?}"),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

const PRINTS: &str = "program = 'fn main() { println!(\"1 2\") }'\nprints = \"1 2\\n\"\n";

#[test]
fn a_quiz_is_read_with_the_lines_of_its_parts() {
    let text = quiz_with(
        "[[question]]\nprompt = \"\"\"\nWhat?\n\"\"\"\nprogram = '''\nfn main() {\n    \
         println!(\"1\\n2\");\n}\n'''\nprints = \"1\\n2\\n\"\n\n[[question.answer]]\n\
         text = \"\"\"\nThe\nlines:\n\n```text\n1\n2\n```\n\"\"\"\ncorrect = true\nwhy = \"Yes.\"\n\n\
         [[question.answer]]\ntext = '`2 1`'\nwhy = \"\"\"No.\"\"\"",
    );
    let quiz = Quiz::parse(&text).unwrap();
    let first = &quiz.questions[0];
    assert_eq!(quiz.questions.len(), 3);
    assert_eq!((first.line, first.multiple), (1, false));
    assert_eq!(
        (first.prompt.line, first.prompt.text.as_str()),
        (3, "What?\n")
    );
    let program = first.program.as_ref().unwrap();
    assert_eq!(program.code.line, 6);
    assert_eq!(program.outcome, Outcome::Prints("1\n2\n".into()));
    let [right, wrong] = first.answers.as_slice() else {
        unreachable!("{first:?}");
    };
    assert_eq!((right.line, right.correct), (12, true));
    assert_eq!(right.label, "The lines:");
    assert_eq!(right.output.as_deref(), Some("1\n2\n"));
    assert_eq!(
        (wrong.label.as_str(), wrong.output.as_deref()),
        ("`2 1`", None)
    );
    assert_eq!((wrong.why.line, wrong.why.text.as_str()), (27, "No."));
    assert_eq!(quiz.texts().count(), 3 + 6);
}

#[test]
fn what_the_format_does_not_know_is_named_with_its_line() {
    for (text, line, part) in [
        ("[[question]]\nprompt = 'p'\nanswers = 1\n", 3, "`answers`"),
        (
            "[[question]]\nprompt = 'p'\n[[question.answer]]\ntext = 't'\n",
            3,
            "`why`",
        ),
        ("[[question]]\nprompt = 3\n", 2, "string"),
        ("title = 'x'\n", 1, "`title`"),
        ("[[question]]\nprompt = 'a\n", 2, ""),
    ] {
        let found = faults(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("line {line}: ")), "{found:?}");
        assert!(found[0].contains(part), "{found:?}");
    }
}

#[test]
fn a_quiz_has_three_to_six_questions() {
    assert_eq!(
        faults("")[0],
        "line 1: a quiz has 3 to 6 questions, and this one has 0"
    );
    let seven = question("", "a", "b").repeat(7);
    assert!(faults(&seven)[0].ends_with("this one has 7"));
}

#[test]
fn a_question_has_two_to_six_answers_of_which_one_is_right() {
    let right = "[[question.answer]]\ntext = 'r'\ncorrect = true\nwhy = 'w'\n";
    let second = "[[question.answer]]\ntext = 's'\ncorrect = true\nwhy = 'w'\n";
    let wrong = "[[question.answer]]\ntext = 'x'\nwhy = 'w'\n";
    let head = "[[question]]\nprompt = 'p'\n";
    let many = "multiple = true\n";
    for (text, expected) in [
        (
            format!("{head}{right}"),
            [
                "a question has 2 to 6 answers, and this one has 1",
                "every answer is right",
            ]
            .as_slice(),
        ),
        (
            format!("{head}{wrong}{}", wrong.replace("'x'", "'y'")),
            &["no answer is marked `correct = true`"],
        ),
        (
            format!("{head}{right}{second}{wrong}"),
            &["2 answers are right; set `multiple = true`, or mark one"],
        ),
        (
            format!("{head}{many}{right}{second}"),
            &["every answer is right"],
        ),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .map(|fault| format!("line 1: {fault}"))
            .collect();
        assert_eq!(faults(&quiz_with(&text)), expected);
    }
    let several = format!("{head}{many}{right}{second}{wrong}");
    assert!(Quiz::parse(&quiz_with(&several)).unwrap().questions[0].multiple);
}

#[test]
fn a_program_has_exactly_one_outcome_and_an_outcome_has_a_program() {
    let program = "program = 'fn main() {}'\n";
    for keys in [
        program.to_owned(),
        format!("{program}prints = '1'\nerror = 'E0382'\n"),
    ] {
        let found = faults(&quiz_with(&question(&keys, "a", "b")));
        assert_eq!(
            found,
            ["line 1: a `program` needs exactly one of `prints`, `error` and `panics`"]
        );
    }
    let found = faults(&quiz_with(&question(
        "panics = 'x'\ngiven = true\n",
        "a",
        "b",
    )));
    assert_eq!(
        found,
        [
            "line 1: `panics` says something about a `program`, and there is none",
            "line 1: `given` says something about a `program`, and there is none",
        ]
    );
    for (outcome, fault) in [
        (
            "error = 'E382'",
            "`E382` is not a code of the compiler, such as E0382",
        ),
        ("prints = ''", "`prints` is empty"),
        ("panics = ' '", "`panics` is empty"),
    ] {
        let keys = format!("{program}{outcome}\ngiven = true\n");
        let found = faults(&quiz_with(&question(&keys, "a", "b")));
        assert_eq!(found, [format!("line 1: {fault}")]);
    }
}

#[test]
fn a_program_is_whole_and_shown_whole() {
    let keys = "program = '''\nlet x = 1;\n# let y = 2;\n'''\nprints = '1'\ngiven = true\n";
    assert_eq!(
        faults(&quiz_with(&question(keys, "a", "b"))),
        [
            "line 4: the program has no `fn main()`",
            "line 5: the book hides lines that begin with `# `: \"# let y = 2;\"",
        ]
    );
}

#[test]
fn the_right_answer_alone_holds_the_programs_outcome() {
    let good = [
        ("It prints `1 2`.", "It prints `2 1`."),
        ("```text\n1\n2\n```", "`12`"),
        ("`1  2` and no more", "Nothing, 1 2 is never reached."),
    ];
    for (right, wrong) in good {
        let text = quiz_with(&question(PRINTS, right, wrong));
        assert!(Quiz::parse(&text).is_ok(), "{text}");
    }
    assert_eq!(
        faults(&quiz_with(&question(PRINTS, "It prints 1 2.", "`1 2`"))),
        [
            "line 6: the right answer does not hold the outcome as code: \"1 2\"",
            "line 10: this answer holds the outcome, \"1 2\", but is not marked as right",
        ]
    );
    let error = "program = 'fn main() {}'\nerror = 'E0382'\n";
    assert!(Quiz::parse(&quiz_with(&question(error, "`E0382`: moved", "`E0499`"))).is_ok());
    let panics = "program = 'fn main() {}'\npanics = \"at\\nlast\"\n";
    assert!(Quiz::parse(&quiz_with(&question(panics, "`at last`", "`at`"))).is_ok());
}

#[test]
fn an_outcome_that_the_page_gives_leaves_the_answers_free() {
    let keys = format!("{PRINTS}given = true\n");
    assert!(Quiz::parse(&quiz_with(&question(&keys, "because", "`1 2`"))).is_ok());
    let several = format!("{PRINTS}multiple = true\n");
    assert_eq!(
        faults(&quiz_with(&question(&several, "`1 2`", "b"))),
        ["line 1: a program has one outcome: with `multiple`, set `given = true` and ask for more"]
    );
}

#[test]
fn an_answer_is_a_paragraph_and_a_block_of_output() {
    let form = "the text of an answer is a paragraph, a fenced block, or a paragraph and a block";
    for (right, fault) in [
        ("one\n\ntwo", form),
        ("- a\n- b", form),
        ("# a", form),
        ("```text\na\n```\nafter", form),
        (
            "```rust\nfn f() {}\n```",
            "the block of an answer holds output, so that it is marked `text`, not `rust`",
        ),
        (
            "a Vec<u8>",
            "`<u8>` is raw HTML; put code between backticks",
        ),
        ("b", "another answer has the same text"),
        (" ", "`text` is empty"),
    ] {
        let found = faults(&quiz_with(&question("", right, "b")));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with(fault), "{right}: {found:?}");
    }
}
