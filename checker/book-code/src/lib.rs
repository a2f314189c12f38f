//! Every Rust block of the book, compiled and run as doctests.
