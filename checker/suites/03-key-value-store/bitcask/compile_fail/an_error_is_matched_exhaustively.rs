//! New kinds of errors may come, so a match needs an arm for the rest.
//!
//! phase: 3
//! passes-on-stub: the attribute `non_exhaustive`, which the stub gives, decides it

use bitcask::Error;

fn main() {
    let error = Error::Closed;
    match error { //~ E0004
        Error::Io { .. } | Error::Corrupt { .. } | Error::Locked { .. } => println!("the disk"),
        Error::EmptyKey | Error::KeyTooLong { .. } | Error::ValueTooLong { .. } => println!("sizes"),
        Error::UnknownFile { .. } | Error::Closed | Error::SyncFailed => println!("the store"),
    }
}
