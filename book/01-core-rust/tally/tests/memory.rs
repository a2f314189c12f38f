//! What is allocated. `cargo test -p tally --test memory -- --nocapture` prints the numbers.

#[path = "support/counting.rs"]
mod counting;

use counting::{Counting, Usage, usage_of};
use tally::intern::{ArenaInterner, BufferInterner, RcInterner};
use tally::line::{Line, LineReader, OwnedLine};
use tally::model::Entry;
use tally::sample;

// ANCHOR: global-allocator
#[global_allocator]
static ALLOCATOR: Counting = Counting;
// ANCHOR_END: global-allocator

const LINES: usize = 20_000;

// ANCHOR: allocations
#[test]
fn parsing_does_not_allocate_and_an_owned_line_allocates_each_of_its_fields() {
    let log = sample::log(1, LINES);
    let entries = || log.lines().filter(|line| Entry::parse(line).is_ok());
    let (count, borrowed) = usage_of(|| entries().count());
    assert_eq!((count, borrowed.allocations), (LINES, 0));

    let owned = |line| Line::split(line).map(OwnedLine::from);
    let (count, copied) = usage_of(|| log.lines().map(owned).filter(Result::is_ok).count());
    assert_eq!((count, copied.allocations), (LINES, 9 * LINES));
}

#[test]
fn a_reader_allocates_for_its_longest_line_and_not_for_each() {
    let log = sample::log(1, LINES);
    let (_, usage) = usage_of(|| {
        let mut reader = LineReader::new(log.as_bytes());
        while reader.next_line().expect("it is UTF-8").is_some() {}
    });
    assert!((1..10).contains(&usage.allocations), "{usage:?}");
}
// ANCHOR_END: allocations

// ANCHOR: interners
/// An `Rc<str>` is as large as a `Box<str>`, so sharing texts this short saves allocations, and
/// hardly any bytes. A symbol is a quarter of that.
#[test]
fn symbols_take_about_half_of_the_bytes_that_copies_do_and_a_buffer_few_allocations() {
    let log = sample::log(1, LINES);
    let entries = log.lines().filter_map(|line| Entry::parse(line).ok());
    let paths: Vec<&str> = entries.map(|entry| entry.path).collect();
    let all = || paths.iter().copied();

    let (_copies, copies) = usage_of(|| all().map(Box::from).collect::<Vec<Box<str>>>());
    let (_shared, shared) = usage_of(|| {
        let mut interner: RcInterner = RcInterner::default();
        let names: Vec<_> = all().map(|path| interner.intern(path)).collect();
        (interner, names)
    });
    let (_arena, arena) = usage_of(|| {
        let mut interner: ArenaInterner = ArenaInterner::default();
        let mut symbols = Vec::with_capacity(LINES);
        symbols.extend(all().filter_map(|path| interner.intern(path).ok()));
        (interner, symbols)
    });
    let (_buffer, buffer) = usage_of(|| {
        let mut interner: BufferInterner = BufferInterner::default();
        let mut symbols = Vec::with_capacity(LINES);
        symbols.extend(all().filter_map(|path| interner.intern(path).ok()));
        (interner, symbols)
    });

    let usages = [copies, shared, arena, buffer];
    for (name, usage) in ["copies", "shared", "arena", "buffer"].iter().zip(usages) {
        let Usage { bytes, allocations } = usage;
        println!("{name}: {bytes} bytes, {allocations} allocations for {LINES} paths");
    }
    assert!(arena.bytes < copies.bytes * 6 / 10 && arena.bytes < shared.bytes * 6 / 10);
    assert!(buffer.bytes < arena.bytes);
    assert_eq!(copies.allocations, LINES + 1);
    assert!(shared.allocations < LINES / 4 && arena.allocations < LINES / 4);
    assert!(buffer.allocations < 100);
}
// ANCHOR_END: interners
