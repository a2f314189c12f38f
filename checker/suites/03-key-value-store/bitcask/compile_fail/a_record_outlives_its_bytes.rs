//! A decoded record borrows its key and value: the bytes cannot be gone before it.
//!
//! phase: 1
//! passes-on-stub: the signatures that the stub gives decide it

use bitcask::record;

fn main() {
    let record = {
        let bytes = vec![0; 100];
        record::decode(&bytes) //~ E0597
    };
    println!("{record:?}");
}
