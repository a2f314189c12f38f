//! Serves the book on this machine alone, rebuilds it as its sources change, and makes its pages
//! live: they check the learner's code as it is saved, and show where the learner stands.
//!
//! The built site is held in memory: a request is looked up in a map and never touches a path, and
//! a rebuilt site replaces the last one in one step.

mod api;
mod app;
mod body;
mod checks;
pub mod editor;
mod events;
mod folders;
mod listener;
mod refusal;
mod router;
mod run_log;
mod scripts;
mod security;
mod site;
mod stage;
mod standings;
mod status;
mod token;
mod watcher;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use self::app::App;
use self::checks::Checks;
use self::editor::Opener;
use self::folders::Folders;
use self::site::Site;
use self::stage::Stage;
use self::standings::Standings;
use self::status::Status;
use self::token::Token;
use super::build::{self, BuildError, Built};
use crate::catalog::source::Source;
use crate::engine::Pages;
use crate::engine::files::{self, Watching};

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(1);
/// How long a cancelled check may take to end its processes before the server leaves anyway.
const FAREWELL: Duration = Duration::from_secs(3);

/// What to serve, and how.
pub struct Options {
    /// The course whose book is served.
    pub source: Source,
    /// Where the book is built, such as the workspace's build folder.
    pub work_dir: PathBuf,
    /// The port; by default 3000, or any free one if that is taken.
    pub port: Option<u16>,
    /// What checks the learner's code and knows their progress.
    pub pages: Arc<dyn Pages>,
    /// Opens one of the learner's files for them.
    pub opener: Opener,
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
    let token = Token::new()?;
    let builder = Arc::new(Builder {
        source: options.source,
        work_dir: options.work_dir,
        token: token.clone(),
        on_event: options.on_event.into(),
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
    let app = app(options.pages, options.opener, token, &builder);
    let _progress = watch_progress(&app, &builder);
    let (checks, stage) = (app.checks.clone(), app.stage.clone());
    let router = router::router(app, address);
    let (stop, stopped) = oneshot::channel();
    let status = builder.status.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        shutdown.await;
        // The streams of events end by themselves, or the server would wait for them forever.
        status.send_modify(|status| status.closing = true);
        stage.close();
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
    let result = tokio::select! {
        result = server => Ok(result?),
        () = out_of_patience => Ok(()),
    };
    // Whatever keeps this from ending is left to the end of the process, which ends it as well.
    let _ = tokio::task::spawn_blocking(move || checks.close(FAREWELL)).await;
    result
}

fn app(pages: Arc<dyn Pages>, opener: Opener, token: Token, builder: &Arc<Builder>) -> App {
    let standings = Standings::new(Arc::clone(&pages));
    let checks = Checks::new(Arc::clone(&pages), standings.clone());
    let on_event = Arc::clone(&builder.on_event);
    let unwatched = move |error| on_event(Event::NotWatching(error));
    App {
        folders: Folders::new(Arc::clone(&pages), checks.clone(), Arc::new(unwatched)),
        status: builder.status.clone(),
        stage: Stage::new(Arc::clone(&pages)),
        pages,
        standings,
        checks,
        opener,
        token,
    }
}

/// Tells open pages when progress changes, whichever program changes it.
fn watch_progress(app: &App, builder: &Builder) -> Option<Watching> {
    let dir = app.pages.state_dir();
    let standings = app.standings.clone();
    let report = move |_| {
        // What cannot be told now is told with the next change.
        let _ = standings.refresh();
        true
    };
    let made = std::fs::create_dir_all(&dir).map_err(notify::Error::io);
    made.and_then(|()| files::watch(&dir, report))
        .map_err(|error| (builder.on_event)(Event::NotWatching(error)))
        .ok()
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
    token: Token,
    on_event: Arc<dyn Fn(Event) + Send + Sync>,
    status: watch::Sender<Status>,
}

impl Builder {
    async fn rebuild(&self) {
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
