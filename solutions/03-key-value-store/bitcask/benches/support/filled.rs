//! Stores with something in them.

use tempfile::TempDir;

use crate::compact::Compact;
use crate::data::{Values, key};
use crate::folder::folder;
use crate::stores::Durability;

/// A folder with a store that holds a value for each of the keys, and is tidy and closed.
pub(crate) fn filled<S: Compact>(count: u64, values: &Values) -> TempDir {
    let folder = folder();
    let mut store = S::open(folder.path(), Durability::Least);
    for number in 0..count {
        store.put(&key(number), values.get(number));
    }
    store.compact();
    store.close();
    folder
}
