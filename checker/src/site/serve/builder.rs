//! Builds the site, at first and whenever its sources change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::super::build::{self, BuildError, Built, Options, SearchIndex};
use super::site::Site;
use super::status::Status;
use super::watcher::{Changes, Next};
use super::{Event, OnEvent};
use crate::catalog::source::Source;

/// Nobody has saved for this long when the search index is made anew.
const IDLE: Duration = Duration::from_secs(2);

/// Builds the site and publishes the result to the requests.
pub(super) struct Builder {
    /// The course whose book is built.
    pub(super) source: Source,
    /// Where it is built.
    pub(super) work_dir: PathBuf,
    /// Told of every build.
    pub(super) on_event: OnEvent,
    /// What the requests see.
    pub(super) status: watch::Sender<Status>,
}

impl Builder {
    /// Builds the site whenever its sources change, as long as they can. A change is shown before
    /// it can be searched for: the index follows when nobody saves for a moment.
    pub(super) async fn rebuild_on_change(self: Arc<Builder>, mut changes: Changes) {
        let mut search = SearchIndex::Complete;
        loop {
            let patience = (search == SearchIndex::Empty).then_some(IDLE);
            search = match changes.next(patience).await {
                Next::Settled => SearchIndex::Empty,
                Next::Idle => SearchIndex::Complete,
                Next::Closed => return,
            };
            self.rebuild(search).await;
        }
    }

    /// Builds the site. The last good one stays if that fails.
    pub(super) async fn rebuild(&self, search: SearchIndex) {
        let (source, work_dir) = (self.source.clone(), self.work_dir.clone());
        let last = self.status.borrow().site.clone();
        let is_addition = search == SearchIndex::Complete && last.is_some();
        let build = tokio::task::spawn_blocking(move || {
            let (built, mut site) = build_site(&source, &work_dir, search)?;
            if search == SearchIndex::Empty
                && let Some(last) = last
            {
                site.keep_index(&last);
            }
            Ok((built, site))
        });
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
                if !is_addition {
                    (self.on_event)(Event::Built(built));
                }
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
    search: SearchIndex,
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
    let options = Options {
        live: Some(search),
        ..Options::default()
    };
    let built = build::publish(source, work_dir, folder.path(), &options)?;
    let site = Site::load(folder.path()).map_err(|error| at(folder.path(), error))?;
    Ok((built, site))
}
