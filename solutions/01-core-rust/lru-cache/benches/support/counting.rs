//! An allocator that counts the bytes in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Without a destructor, so that it can be reached until the thread is gone.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator with a count for each thread of the bytes that it asked for and has not
/// given back.
///
/// Other threads do not count, such as the one of the test harness, which allocates when it
/// pleases. A thread that gives back what another asked for may have less than nothing in use.
pub(crate) struct Counting;

impl Counting {
    /// The bytes in use by this thread.
    pub(crate) fn in_use(&self) -> isize {
        IN_USE.get()
    }
}

fn count(more: usize, less: usize) {
    // No block is larger than `isize::MAX`.
    IN_USE.set(IN_USE.get() + more as isize - less as isize);
}

// SAFETY: every request goes unchanged to the system's allocator, which keeps the contract; the
// count touches a cell of the thread, does not allocate and does not unwind.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size, layout.size());
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}
