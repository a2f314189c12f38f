//! The checks that pages ask for: one at a time, and the newest wins.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::run_log::{Line, Run, RunLog, Told};
use super::standings::Standings;
use crate::check::Request;
use crate::engine::{self, Pages, Stopped};
use crate::report::json::StreamLine;
use crate::runner::Cancel;

/// Where checks are asked for and heard of. Clones share it.
#[derive(Clone)]
pub(super) struct Checks(Arc<Desk>);

struct Desk {
    pages: Arc<dyn Pages>,
    standings: Standings,
    runs: Mutex<Runs>,
    /// Held by the check that runs. A cancelled one may take a moment to end.
    turn: Mutex<()>,
    /// Told when a check's thread ends.
    ended: Condvar,
    /// The place behind the last line, told as it moves.
    news: watch::Sender<u64>,
}

#[derive(Default)]
struct Runs {
    last: Run,
    current: Option<Current>,
    log: RunLog,
    /// Threads of checks, cancelled ones too.
    threads: usize,
    closed: bool,
}

struct Current {
    run: Run,
    request: Request,
    cancel: Cancel,
}

/// No check is accepted any more.
#[derive(Debug)]
pub(super) struct Closed;

impl Checks {
    pub(super) fn new(pages: Arc<dyn Pages>, standings: Standings) -> Checks {
        Checks(Arc::new(Desk {
            pages,
            standings,
            runs: Mutex::default(),
            turn: Mutex::default(),
            ended: Condvar::new(),
            news: watch::Sender::new(0),
        }))
    }

    /// Starts a check and returns its number. The one under way is cancelled.
    pub(super) fn start(&self, request: Request) -> Result<Run, Closed> {
        let cancel = Cancel::new();
        let mut runs = self.0.runs();
        if runs.closed {
            return Err(Closed);
        }
        runs.cancel();
        let run = runs.begin(request.clone(), cancel.clone());
        self.0.tell(runs);
        let desk = Arc::clone(&self.0);
        let work = move || {
            desk.work(run, &request, &cancel);
            desk.runs().threads -= 1;
            desk.ended.notify_all();
        };
        if let Err(error) = thread::Builder::new().name("check".to_owned()).spawn(work) {
            let mut runs = self.0.runs();
            runs.threads -= 1;
            let message = format!("no thread could be started: {error}");
            runs.end(run, Line::Failed { message: &message });
            self.0.tell(runs);
        }
        Ok(run)
    }

    /// Cancels the check under way, if there is one.
    pub(super) fn cancel(&self) {
        let mut runs = self.0.runs();
        runs.cancel();
        self.0.tell(runs);
    }

    /// Accepts no more checks, cancels the one under way, and waits until its processes are gone,
    /// but not longer than `patience`.
    pub(super) fn close(&self, patience: Duration) {
        let mut runs = self.0.runs();
        runs.closed = true;
        runs.cancel();
        let busy = |runs: &mut Runs| runs.threads > 0;
        // Whoever does not end in time is killed with this process.
        let _ = self.0.ended.wait_timeout_while(runs, patience, busy);
    }

    /// Hears of every line from now on, and before that of the present check's lines so far.
    pub(super) fn listen(&self) -> Listener {
        let mut news = self.0.news.subscribe();
        news.mark_changed();
        let runs = self.0.runs();
        let next = match &runs.current {
            Some(current) => runs.log.beginning_of(current.run),
            None => runs.log.end(),
        };
        Listener {
            desk: Arc::clone(&self.0),
            news,
            next,
        }
    }
}

impl Desk {
    fn runs(&self) -> MutexGuard<'_, Runs> {
        // Each change leaves it sound, so that a panic elsewhere does not matter.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, runs: MutexGuard<'_, Runs>) {
        self.news.send_replace(runs.log.end());
    }

    fn work(&self, run: Run, request: &Request, cancel: &Cancel) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if cancel.is_cancelled() {
            return;
        }
        let mut on = |event| {
            let mut runs = self.runs();
            runs.push(run, Line::Stream(StreamLine::from(&event)));
            self.tell(runs);
        };
        let result = engine::check(self.pages.as_ref(), request, cancel, &mut on);
        let mut runs = self.runs();
        match &result {
            Ok(report) => runs.end(run, Line::Stream(StreamLine::Report { report })),
            Err(Stopped::Cancelled) => runs.end(run, Line::Cancelled),
            Err(Stopped::Failed(message)) => runs.end(run, Line::Failed { message }),
        }
        self.tell(runs);
        // Pages keep what they know when this fails; the next change tells it.
        let _ = self.standings.announce();
    }
}

impl Runs {
    fn begin(&mut self, request: Request, cancel: Cancel) -> Run {
        self.last += 1;
        self.threads += 1;
        let run = self.last;
        self.log.forget_before(run);
        self.current = Some(Current {
            run,
            request,
            cancel,
        });
        self.push(run, Line::Started);
        run
    }

    fn cancel(&mut self) {
        if let Some(current) = &self.current {
            current.cancel.cancel();
            let run = current.run;
            self.end(run, Line::Cancelled);
        }
    }

    /// Adds a line, unless the check has ended for the pages already.
    fn push(&mut self, run: Run, line: Line<'_>) {
        if let Some(current) = self.current.as_ref().filter(|current| current.run == run) {
            self.log.push(&Told {
                run,
                exercise: &current.request.exercise,
                phase: current.request.phase,
                line,
            });
        }
    }

    fn end(&mut self, run: Run, line: Line<'_>) {
        self.push(run, line);
        self.current.take_if(|current| current.run == run);
    }
}

/// One page's place in what the checks say.
pub(super) struct Listener {
    desk: Arc<Desk>,
    news: watch::Receiver<u64>,
    next: u64,
}

impl Listener {
    /// Waits for lines and returns them, each as JSON; nothing once there will be none.
    pub(super) async fn lines(&mut self) -> Option<Vec<Arc<str>>> {
        self.news.changed().await.ok()?;
        let runs = self.desk.runs();
        let lines = runs.log.since(self.next).collect();
        self.next = runs.log.end();
        Some(lines)
    }
}
