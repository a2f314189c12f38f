//! The book: built from a small course, served, rebuilt, and closed to strangers.

mod build;
mod course;
mod serve;
