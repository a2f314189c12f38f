//! The chapter prints the reader that the suite runs.

#[test]
fn the_reader_in_python_is_that_of_the_chapter() {
    let chapter = include_str!("../../../../../book/03-key-value-store/bitcask.md");
    let (_, block) = chapter.split_once("```python\n").unwrap_or_default();
    let (program, _) = block.split_once("```").unwrap_or_default();
    assert!(!program.is_empty(), "the chapter has a block of Python");
    assert!(
        include_str!("../src/python.rs").contains(program),
        "src/python.rs holds the chapter's block as it is:\n{program}"
    );
}
