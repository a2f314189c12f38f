//! An allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    // Constants without a destructor, so that reaching them does not allocate.
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, with a count of what it gave out on each thread.
pub(crate) struct Counting;

// ANCHOR: implementation
// SAFETY: every call is handed on to `System` unchanged, which keeps the contract. The counters
// touch no memory that was given out, and neither allocate nor unwind.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get().wrapping_add(layout.size()));
        ALLOCATIONS.set(ALLOCATIONS.get().wrapping_add(1));
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get().wrapping_sub(layout.size()));
        // SAFETY: the caller keeps the contract of `dealloc`, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}
// ANCHOR_END: implementation

/// What building a value took, and what it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The bytes that the value holds, as they were asked for.
    pub(crate) bytes: usize,
    /// The number of allocations, including those that were freed again.
    pub(crate) allocations: usize,
}

/// Builds a value on this thread and says what that cost.
pub(crate) fn usage_of<T>(build: impl FnOnce() -> T) -> (T, Usage) {
    let (live, allocations) = (LIVE.get(), ALLOCATIONS.get());
    let value = build();
    let usage = Usage {
        bytes: LIVE.get().wrapping_sub(live),
        allocations: ALLOCATIONS.get().wrapping_sub(allocations),
    };
    (value, usage)
}
