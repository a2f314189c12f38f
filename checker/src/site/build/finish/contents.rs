//! The table of contents, as each page shows it.

use std::fmt::Write;

use mdbook_driver::book::{Book, BookItem, Chapter};

use super::page_of;
use crate::site::preprocess::escape;

/// The book's parts and chapters, in order.
pub(in crate::site::build) struct Contents {
    entries: Vec<Entry>,
}

enum Entry {
    Chapter(Link),
    Part(String),
    Separator,
}

struct Link {
    /// The name as HTML.
    name: String,
    number: Option<String>,
    /// The page below the root; chapters that are still to be written have none.
    page: Option<String>,
    below: Vec<Entry>,
}

/// A heading of the page that is shown.
pub(super) struct Section<'a> {
    pub(super) id: &'a str,
    /// The words as HTML.
    pub(super) title: String,
}

impl Contents {
    /// The contents of a book.
    pub(in crate::site::build) fn of(book: &Book) -> Contents {
        Contents {
            entries: entries(&book.items),
        }
    }

    /// The pages of all chapters, in order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let mut found = Vec::new();
        collect(&self.entries, &mut found);
        found.into_iter()
    }

    /// The list for a page at `current`, from which `root` leads to the site's root. The page's
    /// own entry is marked and followed by its sections.
    pub(super) fn html(
        &self,
        current: Option<&str>,
        root: &str,
        sections: &[Section<'_>],
    ) -> String {
        let mut writer = Writer {
            current,
            root,
            sections,
            html: String::new(),
        };
        writer.list("chapter", &self.entries);
        writer.html
    }
}

fn entries(items: &[BookItem]) -> Vec<Entry> {
    items
        .iter()
        .map(|item| match item {
            BookItem::Chapter(chapter) => Entry::Chapter(link(chapter)),
            BookItem::PartTitle(title) => Entry::Part(escape(title)),
            BookItem::Separator => Entry::Separator,
        })
        .collect()
}

fn link(chapter: &Chapter) -> Link {
    Link {
        name: escape(&chapter.name),
        number: chapter.number.as_ref().map(ToString::to_string),
        page: chapter.path.as_deref().and_then(page_of),
        below: entries(&chapter.sub_items),
    }
}

fn collect<'a>(entries: &'a [Entry], found: &mut Vec<&'a str>) {
    for entry in entries {
        if let Entry::Chapter(link) = entry {
            found.extend(link.page.as_deref());
            collect(&link.below, found);
        }
    }
}

struct Writer<'a> {
    current: Option<&'a str>,
    root: &'a str,
    sections: &'a [Section<'a>],
    html: String,
}

impl Writer<'_> {
    fn list(&mut self, class: &str, entries: &[Entry]) {
        let _ = write!(self.html, "<ol class=\"{class}\">");
        for entry in entries {
            match entry {
                Entry::Chapter(link) => self.chapter(link),
                Entry::Part(title) => {
                    let _ = write!(self.html, "<li class=\"part-title\">{title}</li>");
                }
                Entry::Separator => self
                    .html
                    .push_str("<li class=\"spacer\" aria-hidden=\"true\"></li>"),
            }
        }
        self.html.push_str("</ol>");
    }

    fn chapter(&mut self, link: &Link) {
        self.html
            .push_str("<li><span class=\"chapter-link-wrapper\">");
        let is_current = link.page.is_some() && link.page.as_deref() == self.current;
        let end = match &link.page {
            Some(page) => {
                let here = if is_current {
                    " aria-current=\"page\""
                } else {
                    ""
                };
                let _ = write!(self.html, "<a href=\"{}{page}\"{here}>", self.root);
                "</a>"
            }
            None => {
                self.html.push_str("<span>");
                "</span>"
            }
        };
        if let Some(number) = &link.number {
            let _ = write!(self.html, "<strong aria-hidden=\"true\">{number}</strong> ");
        }
        self.html.push_str(&link.name);
        self.html.push_str(end);
        self.html.push_str("</span>");
        if is_current && !self.sections.is_empty() {
            self.html.push_str("<ol class=\"on-this-page\">");
            for section in self.sections {
                let Section { id, title } = section;
                let _ = write!(self.html, "<li><a href=\"#{id}\">{title}</a></li>");
            }
            self.html.push_str("</ol>");
        }
        if !link.below.is_empty() {
            self.list("section", &link.below);
        }
        self.html.push_str("</li>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_is_shown_is_marked_and_lists_its_sections() {
        let mut module = Chapter::new("A & B", String::new(), "m/index.md", Vec::new());
        let page = Chapter::new("Inside", String::new(), "m/x.md", Vec::new());
        module.sub_items.push(BookItem::Chapter(page));
        let mut book = Book::new();
        book.items = vec![
            BookItem::Chapter(module),
            BookItem::Separator,
            BookItem::PartTitle("Part".into()),
            BookItem::Chapter(Chapter::new_draft("Later", Vec::new())),
        ];
        let contents = Contents::of(&book);
        let sections = [Section {
            id: "one",
            title: "<code>One</code>".into(),
        }];
        assert_eq!(
            contents.html(Some("m/x.html"), "../", &sections),
            "<ol class=\"chapter\"><li><span class=\"chapter-link-wrapper\">\
             <a href=\"../m/index.html\">A &amp; B</a></span><ol class=\"section\"><li>\
             <span class=\"chapter-link-wrapper\">\
             <a href=\"../m/x.html\" aria-current=\"page\">Inside</a></span>\
             <ol class=\"on-this-page\"><li><a href=\"#one\"><code>One</code></a></li></ol></li></ol>\
             </li><li class=\"spacer\" aria-hidden=\"true\"></li><li class=\"part-title\">Part</li>\
             <li><span class=\"chapter-link-wrapper\"><span>Later</span></span></li></ol>"
        );
        let paths: Vec<&str> = contents.paths().collect();
        assert_eq!(paths, ["m/index.html", "m/x.html"]);
    }
}
