//! `merge` takes another value of the same type, so there is no `dyn Metric`.

use tally::metric::{Count, Metric};

fn main() {
    let _metric: Box<dyn Metric<Output = u64>> = Box::new(Count::default());
}
