//! Answers questions about web server access logs.
//!
//! A log has one request a line, in nginx's `combined` format followed by `$request_time`:
//!
//! ```text
//! 203.0.113.9 - - [12/Mar/2026:10:15:32 +0000] "GET /orders/17 HTTP/1.1" 200 5120 "-" "curl/8.5" 0.043
//! ```
//!
//! The modules build on each other in this order:
//!
//! 1. [`line`](mod@line): a line, split into fields that borrow from it, and a reader with one buffer.
//! 2. [`model`] and `time`: what the fields mean; and [`query`], which cannot run before it is complete.
//! 3. [`metric`] and `histogram`: what is measured, chosen at compile time or at run time.
//! 4. [`error`]: what can go wrong, and where.
//! 5. [`group`]: many entries into few groups, and the largest of these.
//! 6. [`intern`]: each name once in memory.
//! 7. [`report`]: the answer as a table or as JSON.
//!
//! [`sample`] makes logs for tests and benchmarks.
//!
//! # Examples
//!
// ANCHOR: example
//! ```
//! use tally::metric::{Count, Metric};
//! use tally::query::{By, Query};
//!
//! let log = tally::sample::log(1, 1_000);
//! let query = Query::new()
//!     .only(|entry| entry.status.class().is_error())
//!     .group_by(By::Path);
//! let answer = query.run(log.as_bytes(), Count::default)?;
//! let failures: u64 = answer.rows().map(|(_path, count)| count.finish()).sum();
//! assert!(failures > 0 && failures < 1_000);
//! # Ok::<(), tally::error::Error>(())
//! ```
// ANCHOR_END: example

// ANCHOR: modules
pub mod error;
pub mod group;
mod histogram;
pub mod intern;
pub mod line;
pub mod metric;
pub mod model;
pub mod query;
pub mod report;
pub mod sample;
mod time;
// ANCHOR_END: modules
