//! Measuring on several threads.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Runs `pass` as many times as asked on each of the threads, which start together, and returns
/// the time until the last one is done. A pass is told its thread.
pub(crate) fn time(threads: usize, passes: u64, pass: impl Fn(usize) + Sync) -> Duration {
    let start = Barrier::new(threads + 1);
    let (start, pass) = (&start, &pass);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    start.wait();
                    (0..passes).for_each(|_| pass(thread));
                })
            })
            .collect();
        start.wait();
        let begun = Instant::now();
        for worker in workers {
            // A panic of a worker goes on when the scope ends.
            _ = worker.join();
        }
        begun.elapsed()
    })
}
