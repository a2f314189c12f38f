//! What a key costs in a table of places.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::HashMap;

thread_local! {
    // A constant without a destructor, so that reaching it does not allocate.
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is handed on to `System` unchanged, which keeps the contract. The counter
// touches no memory that was given out, and neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get().wrapping_add(layout.size()));
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get().wrapping_sub(layout.size()));
        // SAFETY: the caller keeps the contract of `dealloc`, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// File, length, offset and time of the newest record of a key.
type Place = (u32, u32, u64, u64);

fn bytes_of_a_table(keys: usize) -> usize {
    let before = LIVE.get();
    let mut table: HashMap<Box<[u8]>, Place> = HashMap::new();
    for key in 0..keys {
        let text = format!("{key:016}").into_bytes().into_boxed_slice();
        table.insert(text, (0, 0, 0, 0));
    }
    LIVE.get().wrapping_sub(before)
}

#[test]
fn a_key_of_16_bytes_takes_63_to_110_bytes() {
    let table = |buckets: usize| buckets * (16 + 24 + 1) + 16;
    assert_eq!(bytes_of_a_table(114_688), table(131_072) + 114_688 * 16);
    assert_eq!(bytes_of_a_table(114_689), table(262_144) + 114_689 * 16);
    assert_eq!(bytes_of_a_table(114_688) / 114_688, 62);
    assert_eq!(bytes_of_a_table(114_689) / 114_689, 109);
}
