//! What must not compile.

#[test]
#[cfg_attr(miri, ignore = "starts the compiler")]
fn unsound_uses_do_not_compile() {
    course_cases::must_not_compile("tests/compile_fail");
}
