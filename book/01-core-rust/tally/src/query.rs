//! A question about a log, which cannot be asked before it is complete.

use std::cmp::Reverse;
use std::fmt;
use std::io::BufRead;
use std::str::FromStr;

use crate::error::{BadLines, Error, UnknownWord};
use crate::group::{Groups, TopK};
use crate::intern::{BufferInterner, Symbol};
use crate::line::LineReader;
use crate::metric::Metric;
use crate::model::{Entry, Status, StatusClass};

// ANCHOR: by
/// What entries are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The path, without the query.
    Path,
    /// The method.
    Method,
    /// The status code.
    Status,
    /// The class of the status code.
    Class,
    /// The address of the client.
    Client,
}
// ANCHOR_END: by

impl By {
    /// Hands the name of the entry's group to `use_name`.
    ///
    /// Most names borrow from the entry. The text of a status is made here and lives no longer
    /// than this call, which is why the name is not returned.
    fn with_name<T>(self, entry: &Entry<'_>, use_name: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Path => use_name(entry.path),
            Self::Method => use_name(entry.method.as_str()),
            Self::Status => use_name(&entry.status.to_string()),
            Self::Class => use_name(entry.status.class().as_str()),
            Self::Client => use_name(entry.client),
        }
    }
}

// ANCHOR: by-text
impl FromStr for By {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "path" => Ok(Self::Path),
            "method" => Ok(Self::Method),
            "status" => Ok(Self::Status),
            "class" => Ok(Self::Class),
            "client" => Ok(Self::Client),
            _ => Err(UnknownWord {
                expected: "path, method, status, class or client",
            }),
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Path => "path",
            Self::Method => "method",
            Self::Status => "status",
            Self::Class => "class",
            Self::Client => "client",
        })
    }
}
// ANCHOR_END: by-text

// ANCHOR: status-pattern
/// One status, like `404`, or a class of them, like `4xx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// This status only.
    Exactly(Status),
    /// Every status of this class.
    AnyOf(StatusClass),
}

impl StatusPattern {
    /// Whether `status` is one of these.
    #[must_use]
    pub fn matches(self, status: Status) -> bool {
        match self {
            Self::Exactly(wanted) => status == wanted,
            Self::AnyOf(class) => status.class() == class,
        }
    }
}

impl FromStr for StatusPattern {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(class) = StatusClass::ALL.into_iter().find(|c| c.as_str() == text) {
            return Ok(Self::AnyOf(class));
        }
        text.parse().map(Self::Exactly).map_err(|_| UnknownWord {
            expected: "a status like 404 or a class like 4xx",
        })
    }
}
// ANCHOR_END: status-pattern

// ANCHOR: states
/// The state of a [`Query`] that does not know its groups yet.
#[derive(Clone, Copy, Debug)]
pub struct Ungrouped;

/// The state of a [`Query`] that can be run.
#[derive(Clone, Copy, Debug)]
pub struct Grouped(By);
// ANCHOR_END: states

// ANCHOR: query
/// A question about a log.
///
/// A new query is [`Ungrouped`] and cannot be run. [`group_by`](Query::group_by) turns it into a
/// [`Grouped`] one, which can.
///
/// # Examples
///
/// ```
/// use tally::metric::{Count, Metric};
/// use tally::query::{By, Query};
///
/// let query = Query::new().group_by(By::Class);
/// let answer = query.run(tally::sample::log(1, 500).as_bytes(), Count::default)?;
/// let requests: u64 = answer.rows().map(|(_class, count)| count.finish()).sum();
/// assert_eq!(requests, 500);
/// # Ok::<(), tally::error::Error>(())
/// ```
pub struct Query<State = Ungrouped> {
    filters: Vec<Filter>,
    bad_lines: BadLines,
    state: State,
}

type Filter = Box<dyn Fn(&Entry<'_>) -> bool>;
// ANCHOR_END: query

impl<State: fmt::Debug> fmt::Debug for Query<State> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("filters", &self.filters.len())
            .field("bad_lines", &self.bad_lines)
            .field("state", &self.state)
            .finish()
    }
}

impl Default for Query {
    fn default() -> Self {
        Self::new()
    }
}

// ANCHOR: ungrouped
impl Query<Ungrouped> {
    /// A question about all entries, that skips bad lines.
    #[must_use]
    pub fn new() -> Self {
        Self {
            filters: Vec::new(),
            bad_lines: BadLines::default(),
            state: Ungrouped,
        }
    }

    /// Asks for each group of entries.
    #[must_use]
    pub fn group_by(self, by: By) -> Query<Grouped> {
        Query {
            filters: self.filters,
            bad_lines: self.bad_lines,
            state: Grouped(by),
        }
    }
}
// ANCHOR_END: ungrouped

// ANCHOR: any-state
impl<State> Query<State> {
    /// Asks only about entries for which `filter` holds, as well as all filters before it.
    #[must_use]
    pub fn only(mut self, filter: impl Fn(&Entry<'_>) -> bool + 'static) -> Self {
        self.filters.push(Box::new(filter));
        self
    }

    /// Says what to do about a line that is not an entry.
    #[must_use]
    pub fn on_bad_line(self, bad_lines: BadLines) -> Self {
        Self { bad_lines, ..self }
    }
}
// ANCHOR_END: any-state

// ANCHOR: grouped
impl Query<Grouped> {
    /// Reads a log and answers the question, with a metric from `make` for each group.
    ///
    /// Memory grows with the number of groups and not with the length of the log.
    ///
    /// # Errors
    ///
    /// Fails if the log cannot be read, if it has more names of groups than fit into 4 GiB, and,
    /// with [`BadLines::Stop`], at the first bad line.
    pub fn run<M: Metric>(
        &self,
        log: impl BufRead,
        make: impl Fn() -> M,
    ) -> Result<Answer<M>, Error> {
        let mut answer = Answer::default();
        let mut reader = LineReader::new(log);
        loop {
            let entry = match reader.next_entry() {
                Ok(Some(entry)) => entry,
                Ok(None) => return Ok(answer),
                Err(Error::Parse(_)) if self.bad_lines == BadLines::Skip => {
                    answer.skipped += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            answer.entries += 1;
            if self.filters.iter().all(|filter| filter(&entry)) {
                let Grouped(by) = self.state;
                let key = by.with_name(&entry, |name| answer.names.intern(name))?;
                answer.groups.record(key, &entry, &make);
            }
        }
    }
}
// ANCHOR_END: grouped

// ANCHOR: answer
/// A metric for each group.
#[derive(Clone, Debug)]
pub struct Answer<M> {
    // Clients choose the names, so these are hashed with SipHash. Nobody chooses the symbols.
    names: BufferInterner,
    groups: Groups<Symbol, M, foldhash::fast::RandomState>,
    entries: u64,
    skipped: u64,
}
// ANCHOR_END: answer

impl<M> Default for Answer<M> {
    fn default() -> Self {
        Self {
            names: BufferInterner::default(),
            groups: Groups::default(),
            entries: 0,
            skipped: 0,
        }
    }
}

impl<M: Metric> Answer<M> {
    /// The number of entries that were read, whether or not the filters let them pass.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// The number of bad lines that were skipped.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The names of the groups and their metrics, in no particular order.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &M)> {
        let name = |symbol: &Symbol| self.names.resolve(*symbol).unwrap_or_default();
        self.groups
            .iter()
            .map(move |(symbol, metric)| (name(symbol), metric))
    }

    // ANCHOR: top
    /// The `k` groups of which `by` says the most, the greatest first. Groups that are equal in
    /// this come in the order of their names.
    pub fn top<T: Ord>(&self, k: usize, by: impl Fn(&M) -> T) -> Vec<(&str, &M)> {
        let mut names = TopK::new(k);
        names.extend(self.groups.iter().map(|(symbol, metric)| {
            let name = self.names.resolve(*symbol).unwrap_or_default();
            (by(metric), Reverse(name), *symbol)
        }));
        let top = names.into_sorted_vec().into_iter();
        top.filter_map(|(_, Reverse(name), symbol)| Some((name, self.groups.get(&symbol)?)))
            .collect()
    }
    // ANCHOR_END: top

    // ANCHOR: answer-merge
    /// Adds the answer to the same question about another log.
    ///
    /// # Errors
    ///
    /// Fails if the metrics do not measure the same, or if there are too many names.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        for (symbol, metric) in other.groups {
            // Each interner numbers its names in its own order.
            let name = other.names.resolve(symbol).unwrap_or_default();
            let symbol = self.names.intern(name)?;
            self.groups.merge_one(symbol, metric)?;
        }
        self.entries += other.entries;
        self.skipped += other.skipped;
        Ok(())
    }
    // ANCHOR_END: answer-merge
}
