//! Whether there is a site, and which.

use std::sync::Arc;

use serde::Serialize;

use super::site::Site;

/// The state of the site.
#[derive(Clone, Default)]
pub(super) struct Status {
    /// The last site that was built.
    pub(super) site: Option<Arc<Site>>,
    /// Why the present sources cannot be built.
    pub(super) fault: Option<Arc<str>>,
    /// Whether the server is about to stop.
    pub(super) closing: bool,
}

/// What open pages are told of it.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    version: Option<&'a str>,
    fault: Option<&'a str>,
}

impl Status {
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            version: self.site.as_deref().map(Site::version),
            fault: self.fault.as_deref(),
        }
    }
}
