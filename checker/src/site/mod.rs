//! The book: its exercise chapters understood, its pages built, its site served.

pub mod build;
pub mod chapter;
pub mod directive;
pub mod heading;
pub mod preprocess;
pub mod serve;
