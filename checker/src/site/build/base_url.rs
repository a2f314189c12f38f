//! The address that a site is published at.

use std::str::FromStr;

/// The address of a published site's root, which ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    address: String,
    path_start: usize,
}

/// An address that cannot be a site's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address such as https://example.org/course/")]
pub struct NotAnAddress(String);

impl BaseUrl {
    /// The address of a page or file below the root.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// What follows the host's name, with a slash at both ends.
    #[must_use]
    pub fn path(&self) -> &str {
        self.address.get(self.path_start..).unwrap_or("/")
    }
}

impl FromStr for BaseUrl {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<BaseUrl, NotAnAddress> {
        let fault = || NotAnAddress(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(fault)?;
        let is_plain = |c: char| c.is_ascii_graphic() && !"?#\"'<>&\\`{}|^".contains(c);
        let host = rest.split('/').next().unwrap_or_default();
        if !matches!(scheme, "http" | "https") || host.is_empty() || !text.chars().all(is_plain) {
            return Err(fault());
        }
        let mut address = text.trim_end_matches('/').to_owned();
        address.push('/');
        Ok(BaseUrl {
            path_start: scheme.len() + "://".len() + host.len(),
            address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_in_one_slash_and_knows_its_path() {
        for (text, address, path) in [
            ("https://example.org", "https://example.org/", "/"),
            ("http://localhost:8000//", "http://localhost:8000/", "/"),
            ("https://a.b/c/d", "https://a.b/c/d/", "/c/d/"),
        ] {
            let url: BaseUrl = text.parse().unwrap();
            assert_eq!(url.join(""), address);
            assert_eq!(url.path(), path);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "example.org",
            "ftp://example.org",
            "https://",
            "https:///x",
            "https://a b",
            "https://a/?q",
            "https://a/#f",
            "https://a/\"onload=",
        ] {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }
}
