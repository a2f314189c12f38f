//! Serves the book on this machine alone, and rebuilds it as its sources change.
//!
//! The built site is held in memory: a request is looked up in a map and never touches a path, and
//! a rebuilt site replaces the last one in one step.

mod listener;
mod live;
mod router;
mod security;
mod site;
mod watcher;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use self::live::Status;
use self::site::Site;
use super::build::{self, BuildError, Built};
use crate::catalog::source::Source;

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// What to serve, and how.
pub struct Options {
    /// The course whose book is served.
    pub source: Source,
    /// Where the book is built, such as the workspace's build folder.
    pub work_dir: PathBuf,
    /// The port; by default 3000, or any free one if that is taken.
    pub port: Option<u16>,
    /// Told of every build, on some thread of the server.
    pub on_event: Box<dyn Fn(Event) + Send + Sync>,
}

/// Something that the person at the terminal wants to know.
#[derive(Debug)]
pub enum Event {
    /// The book was built and is being served.
    Built(Built),
    /// The book could not be built. The last good one, if any, is still served.
    Failed(BuildError),
    /// Changes will not be seen.
    NotWatching(notify::Error),
}

/// The server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The network or the runtime failed.
    #[error("the server stopped: {0}")]
    Io(#[from] io::Error),
}

/// Builds the book, serves it on 127.0.0.1 until `shutdown` is done, and calls `on_ready` with the
/// address as soon as a browser can connect. In a checkout, changes of the book are watched.
///
/// # Errors
/// When no port can be had. A book that cannot be built is an event, not an error: the page says
/// what is wrong, and is replaced as soon as the book is mended.
pub fn serve(
    options: Options,
    on_ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let result = runtime.block_on(run(options, on_ready, shutdown));
    // A rebuild under way is not waited for.
    runtime.shutdown_background();
    result
}

async fn run(
    options: Options,
    on_ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listener = listener::bind(options.port).await?;
    let address = listener.local_addr()?;
    let builder = Arc::new(Builder {
        source: options.source,
        work_dir: options.work_dir,
        on_event: options.on_event,
        status: watch::channel(Status::default()).0,
    });
    // Watching begins before the build, so that no change falls between the two.
    let watcher = watcher::start(&builder.source);
    builder.rebuild().await;
    match watcher {
        Ok(Some(changes)) => {
            tokio::spawn(rebuild_on_change(Arc::clone(&builder), changes));
        }
        Ok(None) => {}
        Err(error) => (builder.on_event)(Event::NotWatching(error)),
    }
    let app = router::router(builder.status.clone(), address);
    let (stop, stopped) = oneshot::channel();
    let status = builder.status.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        // The streams of events end by themselves, or the server would wait for them forever.
        status.send_modify(|status| status.closing = true);
        let _ = stop.send(());
    });
    let out_of_patience = async {
        if stopped.await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    on_ready(address);
    tokio::select! {
        result = server => Ok(result?),
        () = out_of_patience => Ok(()),
    }
}

async fn rebuild_on_change(builder: Arc<Builder>, mut changes: watcher::Changes) {
    while changes.settled().await {
        builder.rebuild().await;
    }
}

/// Builds the site and publishes the result to the requests.
struct Builder {
    source: Source,
    work_dir: PathBuf,
    on_event: Box<dyn Fn(Event) + Send + Sync>,
    status: watch::Sender<Status>,
}

impl Builder {
    async fn rebuild(&self) {
        let (source, work_dir) = (self.source.clone(), self.work_dir.clone());
        let build = tokio::task::spawn_blocking(move || build_site(&source, &work_dir));
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
fn build_site(source: &Source, work_dir: &Path) -> Result<(Built, Site), BuildError> {
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
    let site = Site::load(folder.path()).map_err(|error| at(folder.path(), error))?;
    Ok((built, site))
}
