//! Builds the site, at first and whenever its sources change.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use super::super::build::{self, BuildError, Built};
use super::site::Site;
use super::status::Status;
use super::token::Token;
use super::watcher::Changes;
use super::{Event, OnEvent};
use crate::catalog::source::Source;

/// Builds the site and publishes the result to the requests.
pub(super) struct Builder {
    /// The course whose book is built.
    pub(super) source: Source,
    /// Where it is built.
    pub(super) work_dir: PathBuf,
    /// What its pages get.
    pub(super) token: Token,
    /// Told of every build.
    pub(super) on_event: OnEvent,
    /// What the requests see.
    pub(super) status: watch::Sender<Status>,
}

impl Builder {
    /// Builds the site whenever its sources change, as long as they can.
    pub(super) async fn rebuild_on_change(self: Arc<Builder>, mut changes: Changes) {
        while changes.settled().await {
            self.rebuild().await;
        }
    }

    /// Builds the site. The last good one stays if that fails.
    pub(super) async fn rebuild(&self) {
        let (source, work_dir) = (self.source.clone(), self.work_dir.clone());
        let token = self.token.clone();
        let build = tokio::task::spawn_blocking(move || build_site(&source, &work_dir, &token));
        let result = build.await.unwrap_or_else(|stopped| {
            let reason = format!("the build broke off: {stopped}");
            Err(BuildError::Book(reason))
        });
        match result {
            Ok((built, site)) => {
                self.status.send_modify(|status| {
                    status.site = Some(Arc::new(site));
                    status.fault = None;
                });
                (self.on_event)(Event::Built(built));
            }
            Err(error) => {
                let fault: Arc<str> = error.to_string().into();
                self.status.send_modify(|status| status.fault = Some(fault));
                (self.on_event)(Event::Failed(error));
            }
        }
    }
}

/// Builds the site in a folder of its own and takes it into memory.
fn build_site(
    source: &Source,
    work_dir: &Path,
    token: &Token,
) -> Result<(Built, Site), BuildError> {
    let at = |path: &Path, source| BuildError::Io {
        path: path.to_path_buf(),
        source,
    };
    std::fs::create_dir_all(work_dir).map_err(|error| at(work_dir, error))?;
    let folder = tempfile::Builder::new()
        .prefix("serve-")
        .tempdir_in(work_dir)
        .map_err(|error| at(work_dir, error))?;
    let built = build::build(source, work_dir, folder.path())?;
    let site = Site::load(folder.path(), token).map_err(|error| at(folder.path(), error))?;
    Ok((built, site))
}
