//! Serves the book on this machine alone, rebuilds it as its sources change, and makes its pages
//! live: they check the learner's code as it is saved, and show where the learner stands.
//!
//! The built site is held in memory: a request is looked up in a map and never touches a path, and
//! a rebuilt site replaces the last one in one step.

mod api;
mod app;
mod body;
mod builder;
mod checks;
mod door;
pub mod editor;
mod events;
mod folders;
mod listener;
mod refusal;
mod router;
mod run_log;
mod scripts;
mod security;
mod session;
mod site;
mod stage;
mod standings;
mod status;
mod watcher;

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

use self::app::App;
use self::builder::Builder;
use self::editor::Opener;
use self::session::Session;
use super::build::{BuildError, Built, SearchIndex};
use crate::catalog::source::Source;
use crate::engine::Pages;

pub use self::door::Door;

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(1);
/// How long a cancelled check may take to end its processes before the server leaves anyway.
const FAREWELL: Duration = Duration::from_secs(3);

/// Told of what happens, on some thread of the server.
type OnEvent = Arc<dyn Fn(Event) + Send + Sync>;

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
/// way in as soon as a browser can connect. In a checkout, changes of the book are watched.
///
/// # Errors
/// When no port can be had. A book that cannot be built is an event, not an error: the page says
/// what is wrong, and is replaced as soon as the book is mended.
pub fn serve(
    options: Options,
    on_ready: impl FnOnce(Door),
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
    on_ready: impl FnOnce(Door),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listener = listener::bind(options.port).await?;
    let address = listener.local_addr()?;
    let session = Session::new(address.port())?;
    let door = Door::new(address, session.clone());
    let on_event: OnEvent = options.on_event.into();
    let builder = Arc::new(Builder {
        source: options.source,
        work_dir: options.work_dir,
        on_event: Arc::clone(&on_event),
        status: watch::Sender::default(),
    });
    // Watching begins before the build, so that no change falls between the two.
    let watcher = watcher::start(&builder.source);
    builder.rebuild(SearchIndex::Complete).await;
    match watcher {
        Ok(Some(changes)) => {
            tokio::spawn(Arc::clone(&builder).rebuild_on_change(changes));
        }
        Ok(None) => {}
        Err(error) => on_event(Event::NotWatching(error)),
    }
    let status = builder.status.clone();
    let app = App::new(
        options.pages,
        options.opener,
        session,
        status.clone(),
        &on_event,
    );
    let _progress = app
        .standings
        .watch()
        .map_err(|error| on_event(Event::NotWatching(error)));
    let (checks, stage) = (app.checks.clone(), app.stage.clone());
    let router = router::router(app, address);
    let (stop, stopped) = oneshot::channel();
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
    on_ready(door);
    let result = tokio::select! {
        result = server => Ok(result?),
        () = out_of_patience => Ok(()),
    };
    // Whatever keeps this from ending is left to the end of the process, which ends it as well.
    let _ = tokio::task::spawn_blocking(move || checks.close(FAREWELL)).await;
    result
}
