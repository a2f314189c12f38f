//! The hidden tests of the configuration tool.

#![cfg(test)]
