//! Phase.
