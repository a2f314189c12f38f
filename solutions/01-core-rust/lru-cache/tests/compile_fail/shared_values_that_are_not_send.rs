//! A shared cache hands its values to other threads, so they have to be `Send`.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::thread;

use lru_cache::ShardedLru;

fn main() {
    let cache = ShardedLru::<u32, Rc<u32>>::new(NonZeroUsize::MIN, NonZeroUsize::MIN);
    thread::scope(|scope| {
        scope.spawn(|| drop(cache.get(&1)));
    });
}
