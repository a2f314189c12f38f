//! Quizzes on the built page.

use checker::site::build::build;

use crate::course::Course;

/// The quiz that the guide for contributors shows.
fn example() -> &'static str {
    let guide = include_str!("../../../CONTRIBUTING.md");
    let (_, rest) = guide.split_once("````toml\n[[question]]").unwrap();
    let (quiz, _) = rest.split_once("````\n").unwrap();
    quiz
}

fn with_quiz(quiz: &str) -> Course {
    let course = Course::new();
    course.write(
        "book/welcome.md",
        "# Welcome\n\n## Check yourself\n\n{{#quiz quizzes/welcome.toml}}\n\nOn.\n",
    );
    course.write("book/quizzes/welcome.toml", &format!("[[question]]{quiz}"));
    course
}

#[test]
fn the_example_of_the_guide_is_rendered_with_its_markdown_and_every_element_closed() {
    let course = with_quiz(example());
    let output = course.path("target/site");
    let built = build(&course.source(), &course.work_dir(), &output).unwrap();
    assert_eq!(built.warnings, Vec::<String>::new());
    let page = std::fs::read_to_string(output.join("welcome.html")).unwrap();
    let (_, quiz) = page.split_once("<section class=\"quiz\"").unwrap();
    let (quiz, rest) = quiz.split_once("</section>").unwrap();
    assert!(rest.trim_start().starts_with("<p>On.</p>"), "{rest}");
    for element in [
        "fieldset", "legend", "label", "details", "div", "p", "span", "pre",
    ] {
        let opened = quiz.matches(&format!("<{element}>")).count()
            + quiz.matches(&format!("<{element} ")).count();
        let closed = quiz.matches(&format!("</{element}>")).count();
        assert!(opened > 0, "no <{element}> in {quiz}");
        assert_eq!(opened, closed, "<{element}> in {quiz}");
    }
    for part in [
        "<legend>Question 1 of 3</legend>",
        "<p>What does this program print?</p>",
        "<code class=\"quiz-output\">drop second\nend\ndrop first</code>",
        "<span class=\"quiz-text\">The compiler rejects it with <code>E0382</code>.</span>",
        "The pattern <code>_</code> binds nothing",
    ] {
        assert!(quiz.contains(part), "{part} is missing from {quiz}");
    }
    assert_eq!(quiz.matches("type=\"radio\"").count(), 5);
    assert_eq!(quiz.matches("type=\"checkbox\"").count(), 3);
    assert_eq!(quiz.matches("data-right").count(), 4);
}

#[test]
fn a_quiz_that_breaks_a_rule_stops_the_build_and_names_its_line() {
    let course = with_quiz(&example().replacen("correct = true", "right = true", 1));
    let output = course.path("target/site");
    let error = build(&course.source(), &course.work_dir(), &output).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("book/welcome.md:5: the quiz `quizzes/welcome.toml`, line 32: "),
        "{message}"
    );
    assert!(message.contains("`right`"), "{message}");
}
