//! A query is grouped once.

use tally::query::{By, Query};

fn main() {
    let _query = Query::new().group_by(By::Path).group_by(By::Status);
}
