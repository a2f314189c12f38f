//! A query without groups has no `run`.

use tally::metric::Count;
use tally::query::Query;

fn main() {
    let log = tally::sample::log(1, 10);
    let _answer = Query::new().run(log.as_bytes(), Count::default);
}
