//! Programs that the interface makes impossible.

#[test]
fn misuse_does_not_compile() {
    course_cases::must_not_compile("tests/compile_fail");
}
