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
//!
//! The allocator also shows what would otherwise go unnoticed without Miri: memory that is read
//! after it was freed, or before it was written, does not hold what it held before.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

/// What fresh memory holds: a value that was never written is not zero by chance.
const FRESH: u8 = 0xCD;

/// What freed memory holds: a pointer read from it leads nowhere, an index is out of bounds.
const FREED: u8 = 0xDD;

/// The bytes at the beginning of a block that are filled: all of most blocks, and of large ones
/// not so many that it takes time.
const FILLED: usize = 16 << 10;

/// The system's allocator, with a count of each thread's live bytes and of their peak.
///
/// It fills blocks when they are allocated and when they are freed, and a block that grows or
/// shrinks always moves, unless it is large.
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

/// Fills the beginning of a block from `start` on.
///
/// # Safety
///
/// The block is allocated, `size` bytes long, and nobody else uses it.
#[allow(unsafe_code, reason = "a global allocator cannot be written without")]
unsafe fn fill(block: *mut u8, start: usize, size: usize, byte: u8) {
    let end = size.min(FILLED);
    if start < end {
        // SAFETY: the range lies within the block, which the caller vouches for.
        unsafe { block.add(start).write_bytes(byte, end - start) };
        // Without it the compiler may drop a write that only freed memory would show.
        black_box(block);
    }
}

// SAFETY: every block comes from `System` and goes back to it with its layout. Blocks are filled
// before they are handed out and after they are given back, so that no owner sees it. Counting
// touches only thread-local cells, does not allocate and does not unwind.
#[allow(unsafe_code, reason = "a global allocator cannot be written without")]
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds the contract of `alloc`.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            // SAFETY: the block is new.
            unsafe { fill(block, 0, layout.size(), FRESH) };
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
        // SAFETY: the caller upholds the contract of `dealloc`, and so gives the block back.
        unsafe {
            fill(block, 0, layout.size(), FREED);
            System.dealloc(block, layout);
        }
        count(-signed(layout.size()));
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let old_size = layout.size();
        let new_block = if old_size.max(new_size) > FILLED {
            // SAFETY: the caller upholds the contract of `realloc`.
            unsafe { System.realloc(block, layout, new_size) }
        } else {
            // SAFETY: the caller upholds the contract of `realloc`: the new size is not zero and
            // does not overflow with the alignment. The new block overlaps no other one.
            unsafe {
                let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
                let new_block = System.alloc(new_layout);
                if !new_block.is_null() {
                    new_block.copy_from_nonoverlapping(block, old_size.min(new_size));
                    fill(new_block, old_size, new_size, FRESH);
                    fill(block, 0, old_size, FREED);
                    System.dealloc(block, layout);
                }
                new_block
            }
        };
        if !new_block.is_null() {
            count(signed(new_size) - signed(old_size));
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

    /// Reads bytes that no reference may reach any more, as a program with the mistake would.
    #[allow(unsafe_code, reason = "reads through a stale pointer on purpose")]
    unsafe fn bytes_at(block: *const u8, count: usize) -> Vec<u8> {
        // SAFETY: the caller says that the memory is mapped.
        (0..count)
            .map(|at| unsafe { block.add(at).read_volatile() })
            .collect()
    }

    #[test]
    #[allow(unsafe_code, reason = "calls the allocator by hand")]
    fn fresh_memory_is_filled() {
        let layout = Layout::array::<u8>(256).unwrap();
        // SAFETY: the size is not zero; the bytes were filled, and the block is freed once.
        let bytes = unsafe {
            let block = ALLOCATOR.alloc(layout);
            let bytes = bytes_at(block, 256);
            ALLOCATOR.dealloc(block, layout);
            bytes
        };
        assert_eq!(bytes, [FRESH; 256]);
    }

    /// With glibc alone, which keeps a freed block mapped, in a list of this thread, and writes to
    /// its first 16 bytes only.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    #[allow(unsafe_code, reason = "reads what was freed, as a wrong program would")]
    fn freed_memory_is_filled() {
        let layout = Layout::array::<u8>(256).unwrap();
        // SAFETY: the size is not zero, and the block is freed once. Afterwards its bytes are read
        // as those of foreign memory, through no reference.
        let bytes = unsafe {
            let block = ALLOCATOR.alloc(layout);
            block.write_bytes(7, 256);
            ALLOCATOR.dealloc(block, layout);
            bytes_at(block.add(16), 128)
        };
        assert_eq!(bytes, vec![FREED; 128]);
    }

    #[test]
    #[allow(unsafe_code, reason = "calls the allocator by hand")]
    fn a_block_that_grows_moves_and_keeps_what_it_holds() {
        let (old, new) = (64, 256);
        let layout = Layout::array::<u8>(old).unwrap();
        // SAFETY: the sizes are not zero; each block is used while it is allocated.
        unsafe {
            let block = ALLOCATOR.alloc(layout);
            block.write_bytes(7, old);
            let grown = ALLOCATOR.realloc(block, layout, new);
            assert_ne!(grown, block, "a stale pointer would go unnoticed");
            assert_eq!(bytes_at(grown, old), vec![7; old]);
            assert_eq!(bytes_at(grown.add(old), new - old), vec![FRESH; new - old]);
            ALLOCATOR.dealloc(grown, Layout::array::<u8>(new).unwrap());
        }
    }

    #[test]
    fn zeroed_memory_is_zero() {
        drop(black_box(vec![1_u8; 512]));
        assert_eq!(black_box(vec![0_u8; 512]), [0; 512]);
    }
}
