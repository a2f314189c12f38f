//! `preprocess`: the book's preprocessor, as mdBook calls it.

use std::path::Path;

use super::{Context, Exit, Failure};
