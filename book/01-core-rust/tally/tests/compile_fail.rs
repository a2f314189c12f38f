//! Programs that must not compile.

#[test]
fn misuse_is_refused_by_the_compiler() {
    course_cases::must_not_compile("tests/compile_fail");
}
