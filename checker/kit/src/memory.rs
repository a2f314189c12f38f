//! Memory in use, measured by the global allocator.
//!
//! A suite that measures installs the allocator in its `lib.rs`:
//!
//! ```
//! use suite_kit::memory::CountingAllocator;
//!
//! #[global_allocator]
//! static ALLOCATOR: CountingAllocator = CountingAllocator;
//! ```

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

/// The system's allocator, with a count of each thread's live bytes and of their peak.
#[derive(Debug, Clone, Copy)]
pub struct CountingAllocator;

/// Measures how far the calling thread's live bytes rise above where they stood at its start.
///
/// Counts are kept per thread, so that tests on other threads don't disturb them: what a thread
/// frees counts as its own, whoever allocated it.
#[derive(Debug)]
pub struct Meter {
    start: isize,
}

impl Meter {
    /// Starts measuring.
    ///
    /// # Panics
    ///
    /// If [`CountingAllocator`] is not the global allocator: nothing would be measured.
    pub fn start() -> Self {
        let before = LIVE.get();
        let probe = black_box(Box::new(0_u64));
        assert!(
            LIVE.get() > before,
            "CountingAllocator is not the global allocator"
        );
        drop(probe);
        let start = LIVE.get();
        PEAK.set(start);
        Self { start }
    }

    /// Bytes in use now beyond those at the start, negative if fewer.
    pub fn live(&self) -> isize {
        LIVE.get() - self.start
    }

    /// The most bytes that were in use at once since the last [`Meter::start`] on this thread,
    /// beyond those at this meter's start.
    pub fn peak(&self) -> isize {
        PEAK.get() - self.start
    }
}

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    // Cells without a destructor: they can be reached even while a thread ends.
    let live = LIVE.get() + change;
    LIVE.set(live);
    if live > PEAK.get() {
        PEAK.set(live);
    }
}

fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}

// SAFETY: every call is passed on to `System`, which upholds the contract; counting touches only
// thread-local cells, does not allocate and does not unwind.
#[allow(unsafe_code, reason = "a global allocator cannot be written without")]
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds the contract of `alloc`.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            count(signed(layout.size()));
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds the contract of `alloc_zeroed`.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            count(signed(layout.size()));
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) };
        count(-signed(layout.size()));
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller upholds the contract of `realloc`.
        let new_block = unsafe { System.realloc(block, layout, new_size) };
        if !new_block.is_null() {
            count(signed(new_size) - signed(layout.size()));
        }
        new_block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: CountingAllocator = CountingAllocator;

    #[test]
    fn live_bytes_and_their_peak_are_measured() {
        let meter = Meter::start();
        let block = black_box(vec![0_u8; 1_000]);
        assert_eq!(meter.live(), 1_000);
        let grown = black_box([block, vec![0; 500]].concat());
        assert_eq!(meter.live(), 1_500);
        assert!(meter.peak() >= 3_000, "{}", meter.peak());
        drop(grown);
        assert_eq!(meter.live(), 0);
    }

    #[test]
    fn other_threads_do_not_count() {
        let meter = Meter::start();
        let block = std::thread::spawn(|| black_box(vec![0_u8; 1_000_000]))
            .join()
            .unwrap();
        assert!(meter.peak() < 100_000, "{}", meter.peak());
        drop(block);
        assert!(
            meter.live() < -900_000,
            "what this thread frees counts as its own"
        );
    }

    #[test]
    fn reallocation_counts_the_difference() {
        let meter = Meter::start();
        let mut block: Vec<u8> = black_box(Vec::with_capacity(100));
        block.reserve_exact(1_000);
        assert_eq!(meter.live(), signed(block.capacity()));
        block.shrink_to(10);
        assert_eq!(meter.live(), signed(block.capacity()));
    }
}
