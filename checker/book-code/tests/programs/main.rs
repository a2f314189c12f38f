//! What the book says of programs, compared with what the compiler and the programs do.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod compile_fail;
mod compiler;
mod quizzes;
