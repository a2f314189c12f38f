//! When modules open: until its day, a page of a module says only that.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mdbook_preprocessor::book::{BookItem, Chapter};
use mdbook_preprocessor::config::Config;

use super::NAME;
use crate::catalog::source::slashed;

/// The days on which modules open, from `[preprocessor.course.release]` of `book.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Releases(BTreeMap<String, Date>);

/// A release that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("book.toml, [preprocessor.course.release]: {0}")]
pub struct ReleaseError(String);

impl Releases {
    /// Reads the days from the book's configuration.
    ///
    /// # Errors
    /// When a value is not a date such as `2026-12-01`.
    pub fn of(config: &Config) -> Result<Releases, ReleaseError> {
        let name = format!("preprocessor.{NAME}.release");
        let days: Option<BTreeMap<String, toml::Value>> = config
            .get(&name)
            .map_err(|error| ReleaseError(error.to_string()))?;
        let parsed = days.unwrap_or_default().into_iter().map(|(module, day)| {
            let text = match &day {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            match text.parse::<Date>() {
                Ok(date) => Ok((module, date)),
                Err(_) => Err(ReleaseError(format!(
                    "`{module}` is {day}, which is not a date such as 2026-12-01"
                ))),
            }
        });
        Ok(Releases(parsed.collect::<Result<_, _>>()?))
    }

    /// The modules that are still closed on a day, with the days on which they open.
    #[must_use]
    pub fn closed_on(&self, today: Date) -> Closed {
        let closed = self.0.iter().filter(|(_, day)| **day > today);
        Closed(closed.map(|(module, day)| (module.clone(), *day)).collect())
    }

    /// The modules that are named, although no chapter lies in such a folder: perhaps a slip, which
    /// would open a module too early.
    #[must_use]
    pub fn unknown<'a>(&'a self, items: &[BookItem]) -> Vec<&'a str> {
        let mut unknown: Vec<&str> = self.0.keys().map(String::as_str).collect();
        fn visit(items: &[BookItem], unknown: &mut Vec<&str>) {
            for item in items {
                if let BookItem::Chapter(chapter) = item {
                    let module = module_of(chapter);
                    unknown.retain(|known| module.as_deref() != Some(known));
                    visit(&chapter.sub_items, unknown);
                }
            }
        }
        visit(items, &mut unknown);
        unknown
    }
}

/// Modules that are not open yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed(BTreeMap<String, Date>);

impl Closed {
    /// The names of the modules.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a page or chapter below the book's folder belongs to a closed module.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        let module = path.split_once('/').map(|(module, _)| module);
        module.is_some_and(|module| self.0.contains_key(module))
    }

    /// What a chapter of a closed module says.
    pub(super) fn page(&self, chapter: &Chapter) -> Option<String> {
        let day = self.0.get(&module_of(chapter)?)?;
        Some(format!(
            "# {}\n\n<p class=\"not-open\">This module opens on <time datetime=\"{day}\">{}</time>.</p>\n",
            chapter.name,
            day.strftime("%B %-d, %Y")
        ))
    }
}

fn module_of(chapter: &Chapter) -> Option<String> {
    let path = slashed(chapter.source_path.as_deref()?)?;
    let (module, _) = path.split_once('/')?;
    Some(module.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn releases(table: &str) -> Result<Releases, String> {
        let text = format!("[preprocessor.course.release]\n{table}");
        let config = Config::from_str(&text).unwrap();
        Releases::of(&config).map_err(|error| error.to_string())
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_module_opens_on_its_day() {
        let releases = releases("01-a = 2026-12-01\n02-b = \"2027-01-15\"").unwrap();
        let closed = |today| {
            let closed = releases.closed_on(day(today));
            closed.modules().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(closed("2026-11-30"), ["01-a", "02-b"]);
        assert_eq!(closed("2026-12-01"), ["02-b"]);
        assert_eq!(closed("2027-01-15"), Vec::<String>::new());
    }

    #[test]
    fn a_page_of_a_closed_module_says_when_it_opens() {
        let closed = releases("01-a = 2026-12-01")
            .unwrap()
            .closed_on(day("2026-11-23"));
        let chapter = |path: &str| Chapter::new("The cache", "secret".into(), path, Vec::new());
        assert_eq!(
            closed.page(&chapter("01-a/x.md")).unwrap(),
            "# The cache\n\n<p class=\"not-open\">This module opens on \
             <time datetime=\"2026-12-01\">December 1, 2026</time>.</p>\n"
        );
        assert_eq!(closed.page(&chapter("02-b/x.md")), None);
        assert_eq!(closed.page(&chapter("01-a.md")), None);
        assert!(closed.covers("01-a/figures/x.svg"));
        assert!(!closed.covers("01-a"));
    }

    #[test]
    fn what_is_no_date_is_an_error_that_names_the_module() {
        for value in ["\"soon\"", "7", "12:00:00", "true"] {
            let error = releases(&format!("01-a = {value}")).unwrap_err();
            assert!(error.contains("`01-a`"), "{error}");
        }
    }

    #[test]
    fn a_module_that_the_book_does_not_have_is_noticed() {
        let releases = releases("01-a = 2026-12-01\n01-b = 2026-12-01").unwrap();
        let chapter = Chapter::new("A", String::new(), "01-a/x.md", Vec::new());
        assert_eq!(releases.unknown(&[BookItem::Chapter(chapter)]), ["01-b"]);
    }
}
