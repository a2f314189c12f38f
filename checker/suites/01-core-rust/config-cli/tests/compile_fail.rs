//! The programs in `compile_fail` do not compile, for the reason that they state.

#[test]
fn programs_that_misuse_a_configuration_do_not_compile() {
    course_cases::must_not_compile("compile_fail");
}
