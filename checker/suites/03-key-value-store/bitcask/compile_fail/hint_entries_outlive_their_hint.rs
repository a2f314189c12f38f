//! The entries of a hint borrow their keys: the hint cannot be dropped before them.
//!
//! phase: 5
//! passes-on-stub: the signatures that the stub gives decide it

use bitcask::hint;

fn main() {
    let bytes = vec![0; 100];
    let decoded = hint::decode(&bytes);
    drop(bytes); //~ E0505
    println!("{decoded:?}");
}
