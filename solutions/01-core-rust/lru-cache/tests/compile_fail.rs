//! What must not compile.

#[test]
#[cfg_attr(miri, ignore = "starts the compiler")]
fn unsound_uses_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
