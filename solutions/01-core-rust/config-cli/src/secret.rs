//! Values that do not show themselves.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// What stands in place of a secret, wherever it would be printed.
pub const REDACTED: &str = "[redacted]";

/// A value that does not show itself.
///
/// `Debug` writes [`REDACTED`], whatever the options of the formatter; there is no `Display`, so
/// printing a secret by mistake does not compile. [`expose`](Self::expose) is the one way to
/// its value, and easy to search for.
///
/// A `Secret<T>` is read from a configuration as a `T` is, whether the schema calls the value
/// secret or not. If that fails, the error does not hold the value.
#[derive(Clone)]
pub struct Secret<T> {
    value: T,
}

impl<T> Secret<T> {
    /// Hides a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { value }
    }

    /// The value.
    #[must_use]
    pub fn expose(&self) -> &T {
        &self.value
    }

    /// The value, no longer hidden.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Errors of `T` tend to quote the value that they refuse.
        T::deserialize(deserializer)
            .map(Self::new)
            .map_err(|_| D::Error::custom("the secret is not of the type that was asked for"))
    }
}
