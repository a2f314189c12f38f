//! How the stores tidy up.

use crate::stores::{Fjall, Redb, Sled, Store, This};

/// A store that can be asked to free the space of what was overwritten.
pub(crate) trait Compact: Store {
    /// Leaves the store as its files hold it best, with nothing that is only in a journal.
    fn compact(&mut self);
}

impl Compact for This {
    fn compact(&mut self) {
        self.merge().unwrap();
    }
}

impl Compact for Fjall {
    /// The journal stays until it is full, and is read at every open, though all that it holds is in
    /// tables.
    fn compact(&mut self) {
        self.keyspace.rotate_memtable_and_wait().unwrap();
        self.keyspace.major_compact().unwrap();
    }
}

impl Compact for Redb {
    fn compact(&mut self) {
        // Each call goes as far as one pass can.
        while self.database.compact().unwrap() {}
    }
}

impl Compact for Sled {
    /// There is no such call: it frees segments while it writes.
    fn compact(&mut self) {}
}
