//! What a test's process must write back to pass.

use std::fmt::Write;
use std::io;

const BYTES: usize = 16;

/// A new token: 32 hexadecimal digits from the system's random source.
pub(super) fn new() -> io::Result<String> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut token = String::with_capacity(BYTES * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_32_hexadecimal_digits_and_is_never_the_same() {
        let (one, other) = (new().unwrap(), new().unwrap());
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }
}
