//! Quizzes: questions with native controls, and the reasons below each question.
//!
//! Everything is on the page as it is written. The theme's script adds the checking: it finds the
//! answer that was picked by its letter, and shows the reason that has the same one.

use std::fmt::Write;

use course_quiz::{Answer, Outcome, Program, Question, Quiz};
use sha2::{Digest, Sha256};

use super::card::escape;
use super::figure::word;

/// A quiz as Markdown around HTML. `chapter` is the page's file, relative to the book; `path` is
/// the quiz's file, relative to the chapter; `number` counts the quizzes of the page.
pub(super) fn render(quiz: &Quiz, chapter: &str, path: &str, number: usize) -> String {
    let page = word(chapter.strip_suffix(".md").unwrap_or(chapter));
    let stem = word(path.strip_suffix(".toml").unwrap_or(path));
    let id = format!("quiz-{page}-{stem}");
    let label = match number {
        1 => "Quiz".to_owned(),
        number => format!("Quiz {number}"),
    };
    let mut html = format!("<section class=\"quiz\" id=\"{id}\" aria-label=\"{label}\">");
    for (index, question) in (1..).zip(&quiz.questions) {
        render_question(&mut html, question, &format!("{id}-{index}"), index, quiz);
    }
    html.push_str("\n\n</section>");
    html
}

fn render_question(html: &mut String, question: &Question, id: &str, index: usize, quiz: &Quiz) {
    let _ = write!(
        html,
        "\n\n<div class=\"quiz-question\" data-question=\"{}\">\n\
         <fieldset aria-describedby=\"{id}-prompt\">\n\
         <legend>Question {index} of {}</legend>\n\
         <div class=\"quiz-prompt\" id=\"{id}-prompt\">\n\n{}\n\n</div>",
        fingerprint(question),
        quiz.questions.len(),
        question.prompt.text.trim(),
    );
    if let Some(program) = &question.program {
        html.push_str("\n\n");
        html.push_str(&fenced("rust,noplayground", &program.code.text));
        if program.given {
            html.push_str("\n\n");
            html.push_str(&given(program));
        }
    }
    if question.multiple {
        html.push_str("\n\n<p class=\"quiz-several\">More than one answer may be right.</p>");
    }
    html.push_str("\n\n<div class=\"quiz-answers\">");
    let kind = if question.multiple {
        "checkbox"
    } else {
        "radio"
    };
    for (letter, answer) in lettered(question) {
        // The line is inline HTML in a paragraph, so that the Markdown in it is rendered.
        let _ = write!(
            html,
            "\n\n<label class=\"quiz-answer\">\
             <input type=\"{kind}\" name=\"{id}\" value=\"{letter}\"> \
             <span class=\"quiz-letter\">{letter}</span> \
             <span class=\"quiz-text\">{}</span></label>",
            answer_text(answer),
        );
    }
    html.push_str(
        "\n\n</div>\n</fieldset>\n\
         <p class=\"quiz-actions\"><button type=\"button\" class=\"button\" hidden>Check</button></p>\n\
         <details class=\"quiz-key\">\n<summary>Answer</summary>",
    );
    for (letter, answer) in lettered(question) {
        let (right, verdict) = if answer.correct {
            (" data-right", "is right")
        } else {
            ("", "is not right")
        };
        let _ = write!(
            html,
            "\n\n<div class=\"quiz-why\" data-answer=\"{letter}\"{right}>\n\
             <p class=\"quiz-verdict\">{letter} {verdict}.</p>\n\n{}\n\n</div>",
            answer.why.text.trim(),
        );
    }
    html.push_str("\n\n</details>\n</div>");
}

/// The answers with the letters that name them.
fn lettered(question: &Question) -> impl Iterator<Item = (char, &Answer)> {
    ('A'..).zip(&question.answers)
}

fn answer_text(answer: &Answer) -> String {
    let mut text = answer.label.clone();
    if let Some(output) = &answer.output {
        let _ = write!(
            text,
            "<code class=\"quiz-output\">{}</code>",
            literal(output.trim_end())
        );
    }
    text
}

/// Text on one line of Markdown in which nothing is markup: whatever is no letter, digit or space
/// becomes a character reference, also the line breaks.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for char in text.chars() {
        if char == ' ' || char.is_alphanumeric() {
            literal.push(char);
        } else {
            let _ = write!(literal, "&#{};", u32::from(char));
        }
    }
    literal
}

/// What the reader is told about a program.
fn given(program: &Program) -> String {
    match &program.outcome {
        Outcome::Prints(text) => format!("It prints\n\n{}", fenced("text", text)),
        Outcome::Error(code) => {
            let code = escape(code);
            format!(
                "The compiler rejects it with \
                 [`{code}`](https://doc.rust-lang.org/error_codes/{code}.html)."
            )
        }
        Outcome::Panics(message) => {
            format!("It panics with the message\n\n{}", fenced("text", message))
        }
    }
}

/// A code block whose fence is longer than any run of backticks in the code.
fn fenced(info: &str, code: &str) -> String {
    let longest = code.split(|char| char != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}{info}\n{}\n{fence}", code.trim_end_matches('\n'))
}

/// What tells a question from an earlier wording of it, whose kept result no longer counts.
fn fingerprint(question: &Question) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    add(&question.prompt.text);
    add(question.program.as_ref().map_or("", |it| &it.code.text));
    for answer in &question.answers {
        add(&answer.label);
        add(answer.output.as_deref().unwrap_or_default());
        add(if answer.correct { "right" } else { "wrong" });
    }
    let digest = hash.finalize();
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIZ: &str = r#"
[[question]]
prompt = "What does *it* print?"
program = '''
fn main() { print!("a*b\n_c_") }
'''
prints = "a*b\n_c_"
[[question.answer]]
text = """
Two lines:

```text
a*b
_c_
```
"""
correct = true
why = "So `it` says."
[[question.answer]]
text = "`c`, without more"
why = "No."

[[question]]
prompt = "Which?"
multiple = true
[[question.answer]]
text = "one"
correct = true
why = "Yes."
[[question.answer]]
text = "two"
why = "No."

[[question]]
prompt = "Why?"
program = "fn main() {} // ```"
error = "E0382"
given = true
[[question.answer]]
text = "because"
correct = true
why = "Yes."
[[question.answer]]
text = "thus"
why = "No."
"#;

    fn html(text: &str) -> String {
        render(&Quiz::parse(text).unwrap(), "m/a.md", "quizzes/q.toml", 1)
    }

    #[test]
    fn a_question_is_a_group_of_native_controls_with_its_reasons_below() {
        let html = html(QUIZ);
        for part in [
            "<section class=\"quiz\" id=\"quiz-m-a-quizzes-q\" aria-label=\"Quiz\">",
            "<legend>Question 1 of 3</legend>",
            "id=\"quiz-m-a-quizzes-q-1-prompt\">\n\nWhat does *it* print?\n\n</div>",
            "```rust,noplayground\nfn main() { print!(\"a*b\\n_c_\") }\n```\n\n",
            "<input type=\"radio\" name=\"quiz-m-a-quizzes-q-1\" value=\"B\"> \
             <span class=\"quiz-letter\">B</span> \
             <span class=\"quiz-text\">`c`, without more</span></label>",
            "<div class=\"quiz-why\" data-answer=\"A\" data-right>\n\
             <p class=\"quiz-verdict\">A is right.</p>\n\nSo `it` says.\n\n</div>",
            "<p class=\"quiz-verdict\">B is not right.</p>",
            "<input type=\"checkbox\" name=\"quiz-m-a-quizzes-q-2\"",
        ] {
            assert!(html.contains(part), "{part} is missing from {html}");
        }
        assert_eq!(html.matches("More than one answer").count(), 1);
    }

    #[test]
    fn the_lines_of_an_answers_output_are_no_markup() {
        let expected =
            "Two lines:<code class=\"quiz-output\">a&#42;b&#10;&#95;c&#95;</code></span>";
        assert!(html(QUIZ).contains(expected), "{}", html(QUIZ));
    }

    #[test]
    fn an_outcome_is_told_only_where_it_is_given() {
        let html = html(QUIZ);
        assert_eq!(
            html.matches("The compiler rejects it with [`E0382`]")
                .count(),
            1
        );
        assert!(!html.contains("It prints"), "{html}");
        assert!(
            html.contains("````rust,noplayground\nfn main() {} // ```\n````"),
            "{html}"
        );
        let printed = given(&Program {
            outcome: Outcome::Prints("1\n".into()),
            ..Quiz::parse(QUIZ).unwrap().questions[2]
                .program
                .clone()
                .unwrap()
        });
        assert_eq!(printed, "It prints\n\n```text\n1\n```");
    }

    #[test]
    fn a_question_is_known_by_what_it_asks_and_not_by_its_reasons() {
        let known = |text: &str| fingerprint(&Quiz::parse(text).unwrap().questions[1]);
        assert_eq!(known(QUIZ), known(&QUIZ.replace("\"Yes.\"", "\"Indeed.\"")));
        assert_ne!(known(QUIZ), known(&QUIZ.replace("\"two\"", "\"three\"")));
    }
}
