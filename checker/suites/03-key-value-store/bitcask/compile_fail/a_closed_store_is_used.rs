//! A handle is used up by `close`: what comes after does not compile.
//!
//! phase: 6
//! passes-on-stub: the signatures that the stub gives decide it

use bitcask::{Bitcask, Options};

fn main() -> bitcask::Result<()> {
    let store = Bitcask::open("store", Options::default())?;
    store.close()?;
    store.put(b"key", b"value") //~ E0382
}
