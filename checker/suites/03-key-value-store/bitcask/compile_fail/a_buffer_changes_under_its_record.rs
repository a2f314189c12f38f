//! A buffer cannot be filled again while a record that was decoded from it is in use.
//!
//! phase: 1
//! passes-on-stub: the signatures that the stub gives decide it

use bitcask::record;

fn main() {
    let mut buffer = vec![0; 100];
    let decoded = record::decode(&buffer);
    buffer.clear(); //~ E0502
    println!("{decoded:?}");
}
