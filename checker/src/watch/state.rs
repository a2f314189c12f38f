//! What the screen knows, and what each event does to it. Nothing here touches the world: what
//! has to be done is returned as effects.

use crate::engine::{ExerciseItem, Hint, Outline, PhaseOutline, Stopped};
use crate::report::overview::Mark;
use crate::report::terminal::Look;
use crate::verdict::{
    CompileProblem, Event, PhaseReport, PhaseStatus, Report, TestReport, Verdict,
};
use crate::watch::input::Action;
use crate::watch::page;

/// Tells one run from the others.
pub(super) type RunId = u64;

/// Something that happened.
#[derive(Debug)]
pub(super) enum Message {
    /// A key was pressed.
    Key(Action),
    /// The terminal has this many columns and rows now.
    Resized(u16, u16),
    /// Files of an exercise were saved.
    Saved {
        /// The exercise.
        exercise: String,
        /// The files, relative to its folder.
        files: Vec<String>,
    },
    /// A run reports.
    Ran(RunId, Event),
    /// A run ended.
    Finished(RunId, Result<Box<Report>, Stopped>),
    /// The hint that was asked for.
    Hinted(Result<Hint, String>),
    /// The list of exercises that was asked for.
    Listed(Vec<ExerciseItem>),
    /// The exercise that was asked for.
    Opened(Result<Box<Outline>, String>),
    /// Files cannot be watched; the text says why.
    Unwatched(String),
    /// The terminal is gone, or a signal asks the program to end.
    Interrupted,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Check a phase, or all of them, on the worker's thread.
    Start {
        /// The run's name.
        run: RunId,
        /// The exercise.
        exercise: String,
        /// The phase; all of them if none is named.
        phase: Option<u32>,
    },
    /// Cancel the run under way.
    Cancel,
    /// Ask for the next hint of a phase.
    Hint {
        /// The exercise.
        exercise: String,
        /// The phase.
        phase: u32,
    },
    /// Ask for the list of exercises.
    List,
    /// Ask for an exercise.
    Open(String),
    /// Watch the folder of the exercise that is open now.
    Watch,
}

/// A phase and the last that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Phase {
    /// Its facts; the mark is kept up to date.
    pub(super) outline: PhaseOutline,
    /// The last report.
    pub(super) report: Option<PhaseReport>,
}

/// The run under way.
#[derive(Debug)]
pub(super) struct Run {
    /// Its name.
    pub(super) id: RunId,
    /// The phase; all of them if none is named.
    pub(super) phase: Option<u32>,
    /// Whether the tests run already.
    pub(super) testing: bool,
    /// What ended so far.
    pub(super) results: Vec<(u32, TestReport)>,
    /// Whether it was cancelled, so that its results no longer count.
    pub(super) cancelled: bool,
}

/// What lies on top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Overlay {
    /// The keys.
    Help,
    /// A hint, or why there is none.
    Hint(Result<Hint, String>),
    /// The exercises, with the entry that Enter takes.
    List(Vec<ExerciseItem>, usize),
}

/// What the page is about.
#[derive(Debug)]
pub(super) enum Current<'a> {
    /// Nothing is known yet, or everything that ran so far passed: the results as they come.
    Stream,
    /// A test that did not pass.
    Test(&'a Phase, &'a TestReport),
    /// A phase that could not be built.
    Problem(&'a Phase, &'a CompileProblem),
    /// Every phase passes.
    Complete,
    /// The check could not be done.
    Error(&'a str),
}

/// Where the selection stands: a phase, and one of its tests unless it could not be built.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selected {
    phase: u32,
    test: Option<String>,
}

/// All that the screen shows.
#[derive(Debug)]
pub(super) struct State {
    /// The exercise.
    pub(super) outline: Outline,
    /// Its phases.
    pub(super) phases: Vec<Phase>,
    /// The phase that the learner works on, which a save checks.
    pub(super) focus: u32,
    /// The run under way.
    pub(super) run: Option<Run>,
    /// What lies on top.
    pub(super) overlay: Option<Overlay>,
    /// The first row of the page that is visible.
    pub(super) scroll: usize,
    /// News in one line.
    pub(super) notice: Option<String>,
    /// Columns and rows of the terminal.
    pub(super) size: (u16, u16),
    /// The marks to draw and the command to name. The width is the page's own.
    pub(super) look: Look,
    /// Whether the program is to end.
    pub(super) quit: bool,
    selected: Option<Selected>,
    error: Option<String>,
    /// What to run when the cancelled run has ended.
    queued: Option<Option<u32>>,
    last_run: RunId,
}

/// How many tests passed. Those that were skipped count beside a pass, and not beside a failure,
/// which may be why they were skipped.
fn passed<'a>(tests: impl Iterator<Item = &'a TestReport> + Clone) -> usize {
    let all_harmless = tests.clone().all(|test| test.verdict.is_harmless());
    let counts = |test: &&TestReport| all_harmless || test.verdict == Verdict::Passed;
    tests.filter(counts).count()
}

impl State {
    /// The state before anything happened, and the first things to do.
    #[must_use]
    pub(super) fn new(outline: Outline, look: Look, size: (u16, u16)) -> (State, Vec<Effect>) {
        let mut state = State {
            phases: Vec::new(),
            focus: 1,
            run: None,
            overlay: None,
            scroll: 0,
            notice: None,
            size,
            look,
            quit: false,
            selected: None,
            error: None,
            queued: None,
            last_run: 0,
            outline,
        };
        let effects = state.open();
        (state, effects)
    }

    /// Takes in what happened.
    #[must_use]
    pub(super) fn update(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Key(action) => self.press(action),
            Message::Resized(columns, rows) => {
                self.size = (columns, rows);
                self.scroll_to(self.scroll);
                Vec::new()
            }
            Message::Saved { exercise, files } => self.saved(&exercise, &files),
            Message::Ran(id, event) => {
                self.ran(id, event);
                Vec::new()
            }
            Message::Finished(id, result) => self.finished(id, result),
            Message::Hinted(hint) => {
                self.cover(Some(Overlay::Hint(hint)));
                Vec::new()
            }
            Message::Listed(items) => {
                let at = items.iter().position(|item| item.id == self.outline.id);
                self.cover(Some(Overlay::List(items, at.unwrap_or_default())));
                self.follow_cursor();
                Vec::new()
            }
            Message::Opened(Ok(outline)) => {
                self.outline = *outline;
                self.open()
            }
            Message::Opened(Err(why)) => {
                self.notice = Some(why);
                Vec::new()
            }
            Message::Unwatched(why) => {
                self.notice = Some(format!("{why}; press r after saving"));
                Vec::new()
            }
            Message::Interrupted => self.leave(),
        }
    }

    /// The phase with a number.
    #[must_use]
    pub(super) fn phase(&self, number: u32) -> Option<&Phase> {
        self.phases
            .iter()
            .find(|phase| phase.outline.number == number)
    }

    /// Whether every phase passes with the code as it is.
    #[must_use]
    pub(super) fn is_complete(&self) -> bool {
        let passes = |phase: &Phase| match &phase.report {
            Some(report) => report.status == PhaseStatus::Passed,
            None => phase.outline.mark == Mark::Passed,
        };
        !self.phases.is_empty() && self.phases.iter().all(passes)
    }

    /// How many tests of a phase passed: in the run under way if it covers the phase, or else in
    /// the last one.
    #[must_use]
    pub(super) fn passed(&self, phase: &Phase) -> Option<usize> {
        let number = phase.outline.number;
        if let Some(run) = self.run.as_ref().filter(|run| run.covers(number)) {
            let of_phase = run.results.iter().filter(|(of, _)| *of == number);
            return Some(passed(of_phase.map(|(_, test)| test)));
        }
        let built = |report: &&PhaseReport| report.problem.is_none();
        let report = phase.report.as_ref().filter(built)?;
        Some(passed(report.tests.iter()))
    }

    /// Which of the open places the page is about, from 1, and how many there are.
    #[must_use]
    pub(super) fn position(&self) -> Option<(usize, usize)> {
        let places = self.open_places();
        let here = places
            .iter()
            .position(|place| Some(place) == self.selected.as_ref())?;
        Some((here + 1, places.len()))
    }

    /// What the page is about.
    #[must_use]
    pub(super) fn current(&self) -> Current<'_> {
        if let Some(why) = &self.error {
            return Current::Error(why);
        }
        if let Some(current) = self.current_of_run() {
            return current;
        }
        if let Some(current) = self.selected.as_ref().and_then(|at| self.known(at)) {
            return current;
        }
        if self.run.is_none() && self.is_complete() {
            return Current::Complete;
        }
        Current::Stream
    }

    /// What the run under way says about the selection, once it says something.
    fn current_of_run(&self) -> Option<Current<'_>> {
        let run = self
            .run
            .as_ref()
            .filter(|run| run.testing && !run.cancelled)?;
        let chosen = self.selected.as_ref().and_then(|at| at.test.as_ref());
        if let Some(name) = chosen {
            // An earlier card stays until its test has run again, so that the screen keeps calm.
            let (phase, test) = run.results.iter().find(|(_, test)| test.name == *name)?;
            if !test.verdict.is_harmless() {
                return Some(Current::Test(self.phase(*phase)?, test));
            }
        }
        let mut open = run
            .results
            .iter()
            .filter(|(_, test)| !test.verdict.is_harmless());
        match open.find(|(phase, _)| *phase == self.focus) {
            Some((phase, test)) => Some(Current::Test(self.phase(*phase)?, test)),
            None => Some(Current::Stream),
        }
    }

    /// What the last report says about a place, if it is still open.
    fn known(&self, at: &Selected) -> Option<Current<'_>> {
        let phase = self.phase(at.phase)?;
        let report = phase.report.as_ref()?;
        match (&at.test, &report.problem) {
            (None, Some(problem)) => Some(Current::Problem(phase, problem)),
            (Some(name), _) => {
                let test = report.tests.iter().find(|test| test.name == *name)?;
                (!test.verdict.is_harmless()).then_some(Current::Test(phase, test))
            }
            (None, None) => None,
        }
    }

    /// Begins with the exercise of the outline.
    fn open(&mut self) -> Vec<Effect> {
        let outlines = self.outline.phases.iter().cloned();
        self.phases = outlines
            .map(|outline| Phase {
                outline,
                report: None,
            })
            .collect();
        let first_open = self
            .phases
            .iter()
            .find(|phase| !phase.outline.mark.is_done());
        let first = first_open.or(self.phases.first());
        self.focus = first.map_or(1, |phase| phase.outline.number);
        self.cover(None);
        self.notice = None;
        self.error = None;
        self.select(None);
        let mut effects = vec![Effect::Watch];
        effects.extend(self.start(None));
        effects
    }

    /// Starts a run, or cancels the one under way and starts when it has ended.
    fn start(&mut self, phase: Option<u32>) -> Vec<Effect> {
        if let Some(run) = &mut self.run {
            self.queued = Some(phase);
            if run.cancelled {
                return Vec::new();
            }
            run.cancelled = true;
            return vec![Effect::Cancel];
        }
        self.last_run += 1;
        self.run = Some(Run {
            id: self.last_run,
            phase,
            testing: false,
            results: Vec::new(),
            cancelled: false,
        });
        vec![Effect::Start {
            run: self.last_run,
            exercise: self.outline.id.clone(),
            phase,
        }]
    }

    fn leave(&mut self) -> Vec<Effect> {
        self.quit = true;
        self.queued = None;
        match &mut self.run {
            Some(run) if !run.cancelled => {
                run.cancelled = true;
                vec![Effect::Cancel]
            }
            _ => Vec::new(),
        }
    }

    fn saved(&mut self, exercise: &str, files: &[String]) -> Vec<Effect> {
        if exercise != self.outline.id {
            return Vec::new();
        }
        let name = match files {
            [file] if file == "." => "files".to_owned(),
            [file] => file.clone(),
            files => format!("{} files", files.len()),
        };
        self.notice = Some(format!("Saved {name}"));
        self.start(self.scope())
    }

    /// What a save checks: the phase in focus, or everything once everything passes.
    fn scope(&self) -> Option<u32> {
        let known = self.phases.iter().all(|phase| phase.report.is_some());
        (known && !self.is_complete()).then_some(self.focus)
    }

    fn ran(&mut self, id: RunId, event: Event) {
        let Some(run) = self
            .run
            .as_mut()
            .filter(|run| run.id == id && !run.cancelled)
        else {
            return;
        };
        match event {
            Event::Waiting { holder } => self.notice = Some(format!("Waiting for {holder}")),
            Event::Compiling => run.testing = false,
            Event::Compiled { .. } => {
                run.testing = true;
                self.error = None;
            }
            Event::Tested { phase, test } => run.results.push((phase, *test)),
            Event::PhaseDone(_) => {}
        }
        self.scroll_to(self.scroll);
    }

    fn finished(&mut self, id: RunId, result: Result<Box<Report>, Stopped>) -> Vec<Effect> {
        let Some(run) = self.run.take_if(|run| run.id == id) else {
            return Vec::new();
        };
        if self.quit {
            return Vec::new();
        }
        if let Some(phase) = self.queued.take() {
            return self.start(phase);
        }
        match result {
            Ok(report) if !run.cancelled => self.reported(&run, *report),
            Err(Stopped::Failed(why)) if !run.cancelled => {
                self.error = Some(why);
                self.scroll = 0;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn reported(&mut self, run: &Run, report: Report) -> Vec<Effect> {
        self.error = None;
        let notices = report.notices.join(" ");
        let mut broken = Vec::new();
        for done in report.phases {
            let number = done.number;
            let of_number = |phase: &&mut Phase| phase.outline.number == number;
            let Some(phase) = self.phases.iter_mut().find(of_number) else {
                continue;
            };
            let before = phase.outline.mark;
            phase.outline.mark = mark(&done, before);
            if before.is_done() && !phase.outline.mark.is_done() {
                broken.push(number);
            }
            phase.report = Some(done);
        }
        self.notice = (!notices.is_empty()).then_some(notices);
        let passed = |number| {
            let report = self.phase(number).and_then(|phase| phase.report.as_ref());
            report.is_some_and(|report| report.status == PhaseStatus::Passed)
        };
        if passed(self.focus) {
            if run.phase.is_some() {
                // What was built for this phase may have broken another one.
                return self.start(None);
            }
            self.go_on(&broken);
        }
        let keep = self
            .selected
            .as_ref()
            .is_some_and(|at| self.known(at).is_some());
        if !keep {
            let of_focus = self
                .open_places()
                .into_iter()
                .find(|at| at.phase == self.focus);
            self.select(of_focus);
        }
        self.scroll_to(self.scroll);
        Vec::new()
    }

    /// Moves the focus from a passed phase to the first open one, which may have passed before.
    fn go_on(&mut self, broken: &[u32]) {
        let is_open = |phase: &&Phase| {
            let report = phase.report.as_ref();
            report.is_none_or(|report| report.status != PhaseStatus::Passed)
        };
        let next = self
            .phases
            .iter()
            .find(is_open)
            .map(|phase| phase.outline.clone());
        let done = self
            .phase(self.focus)
            .map(|phase| phase.outline.title.clone());
        if let (Some(next), Some(done)) = (next, done) {
            let PhaseOutline { number, title, .. } = &next;
            let next_is = if broken.contains(number) {
                format!("Phase {number}, {title}, no longer does.")
            } else {
                format!("Next is phase {number}, {title}.")
            };
            self.notice = Some(format!("Phase {}, {done}, passes. {next_is}", self.focus));
            self.focus = next.number;
            self.select(None);
        }
    }

    /// The places that `n` goes through: each open test, but one for a phase not written yet.
    fn open_places(&self) -> Vec<Selected> {
        let mut places = Vec::new();
        for phase in &self.phases {
            let Some(report) = &phase.report else {
                continue;
            };
            let at = |test: Option<&TestReport>| Selected {
                phase: report.number,
                test: test.map(|test| test.name.clone()),
            };
            if report.problem.is_some() {
                places.push(at(None));
                continue;
            }
            let open = report
                .tests
                .iter()
                .filter(|test| !test.verdict.is_harmless());
            let shown = match report.status {
                PhaseStatus::NotImplemented => 1,
                _ => usize::MAX,
            };
            places.extend(open.take(shown).map(|test| at(Some(test))));
        }
        places
    }

    fn press(&mut self, action: Action) -> Vec<Effect> {
        if let Some(Overlay::List(items, at)) = &mut self.overlay {
            let last = items.len().saturating_sub(1);
            let to = match action {
                Action::Rows(rows) => at.saturating_add_signed(rows),
                Action::Pages(pages) => at.saturating_add_signed(pages.saturating_mul(10)),
                Action::Top => 0,
                Action::Bottom => last,
                _ => return self.command(action),
            };
            *at = to.min(last);
            self.follow_cursor();
            return Vec::new();
        }
        let row = self.scroll;
        match action {
            Action::Rows(rows) => self.scroll_to(row.saturating_add_signed(rows)),
            Action::Pages(pages) => {
                // One row of the page before stays in sight.
                let (_, visible) = page::extent(self);
                let page = isize::try_from(visible)
                    .unwrap_or(2)
                    .saturating_sub(1)
                    .max(1);
                self.scroll_to(row.saturating_add_signed(pages * page));
            }
            Action::Top => self.scroll_to(0),
            Action::Bottom => self.scroll_to(usize::MAX),
            other => return self.command(other),
        }
        Vec::new()
    }

    fn command(&mut self, action: Action) -> Vec<Effect> {
        let exercise = self.outline.id.clone();
        match action {
            Action::Quit => self.leave(),
            Action::Escape if self.overlay.is_none() => self.leave(),
            Action::Enter => match self.cover(None) {
                Some(Overlay::List(items, at)) => {
                    let chosen = items.into_iter().nth(at).map(|item| item.id);
                    chosen.map(Effect::Open).into_iter().collect()
                }
                _ => Vec::new(),
            },
            Action::Hint => vec![Effect::Hint {
                exercise,
                phase: self.focus,
            }],
            Action::List if !matches!(self.overlay, Some(Overlay::List(..))) => vec![Effect::List],
            Action::Help if self.overlay != Some(Overlay::Help) => {
                self.cover(Some(Overlay::Help));
                Vec::new()
            }
            Action::Next => self.next(),
            Action::All => {
                self.cover(None);
                self.start(None)
            }
            Action::Again => {
                self.cover(None);
                self.start(self.scope())
            }
            Action::Phase(number) => self.go_to(number),
            _ => {
                self.cover(None);
                Vec::new()
            }
        }
    }

    /// Lays something on top of the page, or takes it away, and returns what was there.
    fn cover(&mut self, overlay: Option<Overlay>) -> Option<Overlay> {
        if self.overlay != overlay {
            self.scroll = 0;
        }
        std::mem::replace(&mut self.overlay, overlay)
    }

    /// Scrolls so that the chosen entry of the list is in sight.
    fn follow_cursor(&mut self) {
        if let Some(Overlay::List(_, at)) = &self.overlay {
            let row = at + page::LIST_HEAD;
            let (_, visible) = page::extent(self);
            let first = (row + 1).saturating_sub(visible);
            self.scroll_to(self.scroll.clamp(first, row));
        }
    }

    fn next(&mut self) -> Vec<Effect> {
        self.cover(None);
        if self.run.is_none() && self.is_complete() {
            let next = self.outline.next.as_ref().map(|(id, _)| id.clone());
            return next.map(Effect::Open).into_iter().collect();
        }
        let places = self.open_places();
        let at = self.selected.as_ref();
        let here = places.iter().position(|place| Some(place) == at);
        let next = here.map_or(0, |index| (index + 1) % places.len().max(1));
        if let Some(place) = places.into_iter().nth(next) {
            self.focus = place.phase;
            self.select(Some(place));
        }
        Vec::new()
    }

    fn go_to(&mut self, number: u32) -> Vec<Effect> {
        if self.phase(number).is_none() {
            return Vec::new();
        }
        self.cover(None);
        self.focus = number;
        let place = self.open_places().into_iter().find(|at| at.phase == number);
        self.select(place);
        self.start(Some(number))
    }

    fn select(&mut self, place: Option<Selected>) {
        if self.selected != place || place.is_none() {
            self.scroll = 0;
        }
        self.selected = place;
    }

    fn scroll_to(&mut self, row: usize) {
        let (total, visible) = page::extent(self);
        self.scroll = row.min(total.saturating_sub(visible));
    }
}

impl Run {
    /// Whether results of a phase are expected, once tests run.
    #[must_use]
    pub(super) fn covers(&self, phase: u32) -> bool {
        self.testing && !self.cancelled && self.phase.is_none_or(|only| only == phase)
    }
}

/// The mark of a phase after a run.
fn mark(report: &PhaseReport, before: Mark) -> Mark {
    match report.status {
        PhaseStatus::Passed => Mark::Passed,
        PhaseStatus::Failed | PhaseStatus::DoesNotCompile => Mark::Failed,
        PhaseStatus::NotImplemented => Mark::Open,
        PhaseStatus::CheckerFault | PhaseStatus::Partial => before,
    }
}

#[cfg(test)]
mod tests;
