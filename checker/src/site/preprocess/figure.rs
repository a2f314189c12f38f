//! Figures: SVG files, checked and put into the page.

use std::collections::{HashMap, HashSet};

use roxmltree::{Document, Node, NodeType};

use super::card::escape;
use super::figure_text;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A rule that a figure breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FigureFault {
    /// It cannot be parsed.
    #[error("it is not well-formed: {0}")]
    Malformed(String),
    /// It is something else.
    #[error("its root is <{0}>, not <svg>")]
    NotSvg(String),
    /// Without this view box it cannot scale, or its text has another size than its neighbors'.
    #[error("its viewBox is not `0 0 {WIDTH} HEIGHT`")]
    ViewBox,
    /// A fixed size does not fit a phone.
    #[error("its root has a fixed {0}; the viewBox gives the proportions")]
    FixedSize(&'static str),
    /// Who cannot see it learns nothing.
    #[error("it has no <{0}> with text, directly in <svg>")]
    NoText(&'static str),
    /// An element that has no place in a figure.
    #[error("<{0}> is not allowed")]
    Element(String),
    /// An attribute that has no place in a figure.
    #[error("the attribute {0} is not allowed")]
    Attribute(String),
    /// A color that does not follow the reader's theme.
    #[error("{attribute}=\"{value}\" does not follow the theme; use a class of figures.css")]
    Color {
        /// The attribute.
        attribute: String,
        /// Its value.
        value: String,
    },
    /// A reference that leaves the file.
    #[error("`{0}` refers to something outside the figure")]
    External(String),
    /// A reference to nothing.
    #[error("`#{0}` is not defined in the figure")]
    Dangling(String),
    /// Two elements with one id.
    #[error("the id `{0}` is given twice")]
    DuplicateId(String),
    /// A class that has no style.
    #[error("figures.css has no class `{0}`")]
    UnknownClass(String),
    /// A shape or a text that would be black in every theme.
    #[error("<{0}> has no class, so that it is black in every theme")]
    NoClass(String),
    /// Text that is cut off in one of the fonts that readers have.
    #[error("the text {0:?} reaches out of the viewBox")]
    TextOutside(String),
}

/// The width of every figure, so that text has one size on all of them.
pub(super) const WIDTH: f64 = 720.0;

/// The classes that a figure may use. They are styled in `figures.css`.
pub(super) const CLASSES: [&str; 37] = [
    "f-area",
    "f-arrow",
    "f-arrow-accent",
    "f-arrow-bad",
    "f-arrow-good",
    "f-axis",
    "f-box",
    "f-box-accent",
    "f-box-bad",
    "f-box-dashed",
    "f-box-good",
    "f-box-muted",
    "f-dashed",
    "f-dot",
    "f-dot-accent",
    "f-grid",
    "f-group",
    "f-line",
    "f-line-accent",
    "f-line-bad",
    "f-line-good",
    "f-plot-1",
    "f-plot-2",
    "f-plot-3",
    "f-ring",
    "f-ring-track",
    "f-text",
    "f-text-accent",
    "f-text-bad",
    "f-text-good",
    "f-text-mono",
    "f-text-mono-small",
    "f-text-muted",
    "f-text-plot-1",
    "f-text-plot-2",
    "f-text-plot-3",
    "f-text-small",
];

/// Gives each figure of a page a prefix for its ids, so that none is taken twice, also when all
/// chapters are printed on one page.
pub(super) struct Names {
    page: String,
    used: HashMap<String, usize>,
}

impl Names {
    /// Names for a page, whose file is given relative to the book.
    pub(super) fn new(page: &str) -> Names {
        Names {
            page: word(page.strip_suffix(".md").unwrap_or(page)),
            used: HashMap::new(),
        }
    }

    /// The prefix of the page's next figure.
    pub(super) fn next(&mut self, path: &str) -> String {
        let stem = word(path.strip_suffix(".svg").unwrap_or(path));
        let count = self.used.entry(stem.clone()).or_default();
        *count += 1;
        match count {
            1 => format!("fig-{}-{stem}", self.page),
            number => format!("fig-{}-{stem}-{number}", self.page),
        }
    }
}

/// A path as a part of an id.
pub(super) fn word(path: &str) -> String {
    path.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Checks a figure and writes it as one line of HTML, its ids prefixed. Otherwise lists the rules
/// that it breaks, each with the line in the figure.
pub(super) fn inline(svg: &str, prefix: &str) -> Result<String, Vec<(u32, FigureFault)>> {
    let document = Document::parse(svg)
        .map_err(|error| vec![(error.pos().row, FigureFault::Malformed(error.to_string()))])?;
    let faults = lint(&document);
    if !faults.is_empty() {
        return Err(faults);
    }
    let root = document.root_element();
    let mut writer = Writer {
        prefix,
        html: format!("<figure class=\"figure\" id=\"{prefix}\">"),
    };
    writer.root(root);
    let title = text_of(root, "title").unwrap_or_default();
    // The picture's name already says the title to who cannot see it.
    writer.html.push_str(&format!(
        "<figcaption aria-hidden=\"true\">{}</figcaption></figure>",
        escape(&title)
    ));
    Ok(writer.html)
}

fn lint(document: &Document<'_>) -> Vec<(u32, FigureFault)> {
    let root = document.root_element();
    let line = |node: Node<'_, '_>| document.text_pos_at(node.range().start).row;
    let mut faults = Vec::new();
    let mut at_root = |fault| faults.push((line(root), fault));
    if root.tag_name().name() != "svg" {
        at_root(FigureFault::NotSvg(root.tag_name().name().to_owned()));
    }
    let height = height(root);
    if height.is_none() {
        at_root(FigureFault::ViewBox);
    }
    for size in ["width", "height"] {
        if root.has_attribute(size) {
            at_root(FigureFault::FixedSize(size));
        }
    }
    for name in ["title", "desc"] {
        if text_of(root, name).is_none() {
            at_root(FigureFault::NoText(name));
        }
    }
    let mut ids = HashSet::new();
    for node in root.descendants() {
        if let Some(id) = node.attribute("id")
            && !ids.insert(id)
        {
            faults.push((line(node), FigureFault::DuplicateId(id.to_owned())));
        }
    }
    for node in root.descendants().filter(Node::is_element) {
        let mut found = element_faults(node, &ids);
        found.extend(class_faults(node));
        if let Some(height) = height.filter(|_| node.tag_name().name() == "text") {
            let outside = figure_text::outside(node, WIDTH, height);
            found.extend(outside.map(FigureFault::TextOutside));
        }
        faults.extend(found.into_iter().map(|fault| (line(node), fault)));
    }
    faults
}

/// The height that the view box states, if it is as it should be.
fn height(root: Node<'_, '_>) -> Option<f64> {
    let numbers: Result<Vec<f64>, _> = root
        .attribute("viewBox")?
        .split_whitespace()
        .map(str::parse)
        .collect();
    match numbers.ok()?.as_slice() {
        [0.0, 0.0, WIDTH, height] if *height > 0.0 => Some(*height),
        _ => None,
    }
}

/// Every class has a style, and everything that is drawn has a class, be it its group's.
fn class_faults(node: Node<'_, '_>) -> Vec<FigureFault> {
    const DRAWN: [&str; 8] = [
        "text", "rect", "circle", "ellipse", "line", "path", "polygon", "polyline",
    ];
    let classes = node.attribute("class").unwrap_or_default();
    let mut faults: Vec<FigureFault> = classes
        .split_whitespace()
        .filter(|class| class.starts_with("f-") && !CLASSES.contains(class))
        .map(|class| FigureFault::UnknownClass(class.to_owned()))
        .collect();
    let name = node.tag_name().name();
    let is_colored = |node: Node<'_, '_>| {
        node.has_attribute("class") || node.has_attribute("fill") || node.has_attribute("stroke")
    };
    if DRAWN.contains(&name) && !node.ancestors().any(is_colored) {
        faults.push(FigureFault::NoClass(name.to_owned()));
    }
    faults
}

/// The words of a child of the root, if it has any.
fn text_of(root: Node<'_, '_>, name: &str) -> Option<String> {
    let child = root
        .children()
        .find(|child| child.tag_name().name() == name)?;
    let words: Vec<&str> = child.text()?.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn element_faults(node: Node<'_, '_>, ids: &HashSet<&str>) -> Vec<FigureFault> {
    const REFUSED: [&str; 8] = [
        "script",
        "style",
        "foreignObject",
        "image",
        "iframe",
        "audio",
        "video",
        "a",
    ];
    const COLORS: [&str; 6] = [
        "fill",
        "stroke",
        "color",
        "stop-color",
        "flood-color",
        "lighting-color",
    ];
    const THEMED: [&str; 4] = ["none", "currentColor", "context-fill", "context-stroke"];
    let mut faults = Vec::new();
    let name = node.tag_name().name();
    if REFUSED.contains(&name) {
        faults.push(FigureFault::Element(name.to_owned()));
    }
    for attribute in node.attributes() {
        let (name, value) = (attribute.name(), attribute.value());
        if ["style", "font-size", "font-family"].contains(&name) || name.starts_with("on") {
            faults.push(FigureFault::Attribute(name.to_owned()));
        }
        let references = references(name, value);
        if COLORS.contains(&name) && !THEMED.contains(&value) && references.is_empty() {
            faults.push(FigureFault::Color {
                attribute: name.to_owned(),
                value: value.to_owned(),
            });
        }
        for reference in references {
            match reference.strip_prefix('#') {
                None => faults.push(FigureFault::External(reference.to_owned())),
                Some(id) if !ids.contains(id) => {
                    faults.push(FigureFault::Dangling(id.to_owned()));
                }
                Some(_) => {}
            }
        }
    }
    faults
}

/// What an attribute refers to: the value of `href`, and every `url(…)`.
fn references<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    if name == "href" || name == "src" {
        return vec![value];
    }
    value
        .split("url(")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap_or(rest))
        .map(|reference| reference.trim_matches(|c: char| c == '\'' || c == '"' || c == ' '))
        .collect()
}

struct Writer<'a> {
    prefix: &'a str,
    html: String,
}

impl Writer<'_> {
    fn root(&mut self, root: Node<'_, '_>) {
        let prefix = self.prefix;
        self.html.push_str(&format!(
            "<svg role=\"img\" aria-labelledby=\"{prefix}-title {prefix}-desc\""
        ));
        self.attributes(root, &["role", "aria-labelledby", "aria-describedby"]);
        self.html.push('>');
        for child in root.children() {
            match child.tag_name().name() {
                name @ ("title" | "desc") => {
                    let text = text_of(root, name).unwrap_or_default();
                    self.html.push_str(&format!(
                        "<{name} id=\"{prefix}-{name}\">{}</{name}>",
                        escape(&text)
                    ));
                }
                _ => self.node(child),
            }
        }
        self.html.push_str("</svg>");
    }

    fn node(&mut self, node: Node<'_, '_>) {
        match node.node_type() {
            NodeType::Element => {
                let name = node.tag_name().name();
                self.html.push('<');
                self.html.push_str(name);
                self.attributes(node, &[]);
                self.html.push('>');
                for child in node.children() {
                    self.node(child);
                }
                self.html.push_str(&format!("</{name}>"));
            }
            NodeType::Text => {
                let text = node.text().unwrap_or_default();
                // White space between elements is layout of the file. A blank line would end the
                // HTML block, so that text stays on one line.
                if !(text.trim().is_empty() && text.contains('\n')) {
                    self.html
                        .push_str(&escape(&text.replace(['\n', '\r'], " ")));
                }
            }
            NodeType::Root | NodeType::Comment | NodeType::PI => {}
        }
    }

    fn attributes(&mut self, node: Node<'_, '_>, left_out: &[&str]) {
        for attribute in node.attributes() {
            let name = attribute.name();
            if left_out.contains(&name) {
                continue;
            }
            let qualifier = if attribute.namespace() == Some(XML) {
                "xml:"
            } else {
                ""
            };
            let value = escape(&self.prefixed(name, attribute.value())).replace('\n', " ");
            self.html
                .push_str(&format!(" {qualifier}{name}=\"{value}\""));
        }
    }

    fn prefixed(&self, name: &str, value: &str) -> String {
        let prefix = self.prefix;
        match name {
            "id" => format!("{prefix}-{value}"),
            "href" => value.replacen('#', &format!("#{prefix}-"), 1),
            _ if name.starts_with("aria-") && name.ends_with("by") => value
                .split_whitespace()
                .map(|id| format!("{prefix}-{id}"))
                .collect::<Vec<_>>()
                .join(" "),
            _ if value.contains("url(") => {
                let bare = value.replace("url('#", "url(#").replace("url(\"#", "url(#");
                let bare = bare.replace("')", ")").replace("\")", ")");
                bare.replace("url(#", &format!("url(#{prefix}-"))
            }
            _ => value.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r##"<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 40" class="wide">
  <title id="t">A &lt;list&gt;</title>

  <desc>Three
    nodes.</desc>
  <!-- a comment -->
  <defs><marker id="arrow"><path d="M0 0" fill="none"/></marker></defs>

  <path class="edge" marker-end="url(#arrow)" d="M0 0"/>
  <use href="#arrow"/>
  <text class="f-text" x="9" y="19">one <tspan>two</tspan></text>
</svg>"##;

    fn faults(svg: &str) -> Vec<FigureFault> {
        inline(svg, "p")
            .unwrap_err()
            .into_iter()
            .map(|(_, fault)| fault)
            .collect()
    }

    fn with(inside: &str) -> String {
        format!("<svg viewBox=\"0 0 720 100\"><title>T</title><desc>D</desc>{inside}</svg>")
    }

    #[test]
    fn a_good_figure_becomes_one_line_with_prefixed_ids() {
        let html = inline(GOOD, "fig-x").unwrap();
        assert_eq!(html.lines().count(), 1);
        for part in [
            "<figure class=\"figure\" id=\"fig-x\">",
            "role=\"img\" aria-labelledby=\"fig-x-title fig-x-desc\"",
            "<title id=\"fig-x-title\">A &lt;list&gt;</title>",
            "<desc id=\"fig-x-desc\">Three nodes.</desc>",
            "marker id=\"fig-x-arrow\"",
            "url(#fig-x-arrow)",
            "href=\"#fig-x-arrow\"",
            "<text class=\"f-text\" x=\"9\" y=\"19\">one <tspan>two</tspan></text>",
            "<figcaption aria-hidden=\"true\">A &lt;list&gt;</figcaption>",
        ] {
            assert!(html.contains(part), "{part} is missing from {html}");
        }
        assert!(!html.contains("comment"), "{html}");
    }

    #[test]
    fn a_figure_needs_a_title_a_description_and_a_view_box() {
        assert_eq!(
            faults("<svg width=\"5\"><title> </title></svg>"),
            [
                FigureFault::ViewBox,
                FigureFault::FixedSize("width"),
                FigureFault::NoText("title"),
                FigureFault::NoText("desc"),
            ]
        );
    }

    #[test]
    fn colors_come_from_classes() {
        assert!(inline(&with("<g fill=\"none\" stroke=\"currentColor\"/>"), "p").is_ok());
        let found = faults(&with(
            "<g fill=\"#fff\"/><g stroke=\"red\"/><g style=\"fill:red\"/>",
        ));
        assert!(
            matches!(
                found.as_slice(),
                [
                    FigureFault::Color { .. },
                    FigureFault::Color { .. },
                    FigureFault::Attribute(_)
                ]
            ),
            "{found:?}"
        );
    }

    #[test]
    fn nothing_outside_the_figure_is_referred_to_or_run() {
        for (inside, expected) in [
            ("<script>x</script>", FigureFault::Element("script".into())),
            ("<style>.a{}</style>", FigureFault::Element("style".into())),
            (
                "<g onclick=\"x\"/>",
                FigureFault::Attribute("onclick".into()),
            ),
            (
                "<use href=\"a.svg#b\"/>",
                FigureFault::External("a.svg#b".into()),
            ),
            (
                "<g fill=\"url(http://h/)\"/>",
                FigureFault::External("http://h/".into()),
            ),
            (
                "<g clip-path=\"url(#none)\"/>",
                FigureFault::Dangling("none".into()),
            ),
            (
                "<g id=\"a\"/><g id=\"a\"/>",
                FigureFault::DuplicateId("a".into()),
            ),
        ] {
            assert_eq!(faults(&with(inside)), [expected], "{inside}");
        }
    }

    #[test]
    fn every_figure_is_equally_wide() {
        for view in [
            "0 0 360 100",
            "10 0 720 100",
            "0 0 720 0",
            "0 0 720",
            "0 0 a b",
        ] {
            let svg = with("").replace("0 0 720 100", view);
            assert_eq!(faults(&svg), [FigureFault::ViewBox], "{view}");
        }
    }

    #[test]
    fn a_class_has_a_style_and_what_is_drawn_has_a_class() {
        let grouped = with("<g class=\"f-line\"><path d=\"M0 0\"/></g><g class=\"ring\"/>");
        assert!(inline(&grouped, "p").is_ok());
        for (inside, expected) in [
            (
                "<rect class=\"f-box f-boxed\"/>",
                FigureFault::UnknownClass("f-boxed".into()),
            ),
            ("<rect/>", FigureFault::NoClass("rect".into())),
            (
                "<text y=\"20\">a</text>",
                FigureFault::NoClass("text".into()),
            ),
            (
                "<text class=\"f-text\" y=\"20\" font-size=\"9\">a</text>",
                FigureFault::Attribute("font-size".into()),
            ),
        ] {
            assert_eq!(faults(&with(inside)), [expected], "{inside}");
        }
    }

    #[test]
    fn the_style_sheet_has_every_class_and_no_other() {
        let sheet =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/theme/figures.css");
        let sheet = std::fs::read_to_string(sheet).unwrap();
        let styled: std::collections::BTreeSet<&str> = sheet
            .split(".f-")
            .skip(1)
            .map(|rest| {
                let end = rest.find(|c: char| c != '-' && !c.is_ascii_alphanumeric());
                &rest[..end.unwrap_or(rest.len())]
            })
            .collect();
        let listed = CLASSES.iter().filter_map(|class| class.strip_prefix("f-"));
        assert_eq!(styled, listed.collect());
    }

    #[test]
    fn text_that_is_cut_off_is_found() {
        let text = "<text class=\"f-text\" x=\"700\" y=\"20\">too long</text>";
        assert_eq!(
            faults(&with(text)),
            [FigureFault::TextOutside("too long".into())]
        );
    }

    #[test]
    fn a_fault_names_its_line_in_the_figure() {
        let svg = with("\n<g/>\n<g fill=\"red\"/>");
        assert_eq!(inline(&svg, "p").unwrap_err()[0].0, 3);
        assert!(matches!(faults("<svg>")[0], FigureFault::Malformed(_)));
    }

    #[test]
    fn no_two_figures_share_a_prefix() {
        let mut names = Names::new("01-core-rust/lru-cache.md");
        assert_eq!(
            names.next("img/list.svg"),
            "fig-01-core-rust-lru-cache-img-list"
        );
        assert_eq!(
            names.next("img/list.svg"),
            "fig-01-core-rust-lru-cache-img-list-2"
        );
        assert_ne!(
            Names::new("a.md").next("x.svg"),
            Names::new("b.md").next("x.svg")
        );
    }
}
