//! How far the text of a figure reaches, estimated for the widest of the fonts that readers have.

use roxmltree::Node;

/// A line of text: where it is anchored, and what it says.
struct Line {
    text: String,
    x: f64,
    y: f64,
}

/// The first line of a `<text>` that reaches out of a view box from the origin. Text that is
/// rotated or scaled is left alone.
pub(super) fn outside(node: Node<'_, '_>, width: f64, height: f64) -> Option<String> {
    let (dx, dy) = moved(node)?;
    let class = nearest(node, "class").unwrap_or_default();
    let is_mono = class.contains("f-text-mono");
    let size = size(class);
    let weight = if is_bold(class) { BOLD } else { 1.0 };
    let anchor = nearest(node, "text-anchor").unwrap_or_default();
    lines(node).into_iter().find_map(|line| {
        let (x, y) = (line.x + dx, line.y + dy);
        let length = size * weight * units(&line.text, is_mono);
        let left = match anchor {
            "middle" => x - length / 2.0,
            "end" => x - length,
            _ => x,
        };
        let fits = left >= 0.0
            && left + length <= width
            && y - size * ASCENT >= 0.0
            && y + size * DESCENT <= height;
        (!fits).then_some(line.text)
    })
}

/// What letters take above and below their line, of the font's size.
const ASCENT: f64 = 0.75;
const DESCENT: f64 = 0.2;

/// How much wider bold letters are.
const BOLD: f64 = 1.12;

fn is_bold(class: &str) -> bool {
    ["f-text-accent", "f-text-good", "f-text-bad", "f-text-plot"]
        .iter()
        .any(|bold| class.contains(bold))
}

/// The font's size by class, as `figures.css` has it.
fn size(class: &str) -> f64 {
    let is = |name: &str| class.split_whitespace().any(|class| class == name);
    if is("f-text-small") || is("f-text-muted") {
        13.5
    } else if is("f-text-mono-small") {
        13.0
    } else if is("f-text-mono") {
        14.0
    } else {
        15.0
    }
}

/// The width of a text in units of the font's size. The classes of letters are those of DejaVu
/// Sans, which is the widest of the fonts in `figures.css`.
fn units(text: &str, is_mono: bool) -> f64 {
    text.chars()
        .map(|char| match char {
            _ if is_mono => 0.602,
            'i' | 'j' | 'l' | '\'' => 0.278,
            ' ' | '.' | ',' | ':' | ';' | '|' | '/' | '\\' | 'I' | '·' => 0.325,
            'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '!' | '-' | '`' | '"' => 0.41,
            'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' | '?' | '_' | '*' => 0.56,
            'm' | 'w' | 'M' | 'W' | '%' | '@' | '—' | '…' => 0.94,
            '+' | '<' | '>' | '=' | '≤' | '≥' | '→' | '←' | '×' | '~' => 0.838,
            'a'..='z' | '0'..='9' | '–' => 0.625,
            'A'..='Z' | '&' => 0.72,
            _ => 0.8,
        })
        .sum()
}

/// The sum of the translations around a node; nothing if there is another transformation.
fn moved(node: Node<'_, '_>) -> Option<(f64, f64)> {
    let (mut dx, mut dy) = (0.0, 0.0);
    for transform in node
        .ancestors()
        .filter_map(|node| node.attribute("transform"))
    {
        let numbers = transform
            .trim()
            .strip_prefix("translate(")?
            .strip_suffix(')')?;
        let mut numbers = numbers
            .split([' ', ','])
            .filter(|number| !number.is_empty())
            .map(|number| number.parse::<f64>().ok());
        dx += numbers.next()??;
        dy += numbers.next().unwrap_or(Some(0.0))?;
        if numbers.next().is_some() {
            return None;
        }
    }
    Some((dx, dy))
}

fn nearest<'a>(node: Node<'a, '_>, attribute: &str) -> Option<&'a str> {
    node.ancestors().find_map(|node| node.attribute(attribute))
}

fn number(node: Node<'_, '_>, attribute: &str) -> Option<f64> {
    node.attribute(attribute)?.parse().ok()
}

/// The lines of a `<text>`: a `<tspan>` with an `x` begins a new one.
fn lines(node: Node<'_, '_>) -> Vec<Line> {
    let (mut x, mut y) = (
        number(node, "x").unwrap_or(0.0),
        number(node, "y").unwrap_or(0.0),
    );
    let mut lines = vec![Line {
        text: String::new(),
        x,
        y,
    }];
    for child in node.descendants().skip(1) {
        if child.is_element() {
            y = number(child, "y").unwrap_or(y) + number(child, "dy").unwrap_or(0.0);
            if child.has_attribute("x") {
                x = number(child, "x").unwrap_or(x);
                lines.push(Line {
                    text: String::new(),
                    x,
                    y,
                });
            }
        } else if let (Some(line), Some(text)) = (lines.last_mut(), child.text()) {
            line.text.push_str(text);
        }
    }
    for line in &mut lines {
        line.text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    lines.retain(|line| !line.text.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use roxmltree::Document;

    use super::*;

    /// What reaches out of a figure of 200 by 100.
    fn found(svg: &str) -> Option<String> {
        let document = Document::parse(svg).unwrap();
        let text = document
            .descendants()
            .find(|node| node.has_tag_name("text"));
        outside(text.unwrap(), 200.0, 100.0)
    }

    #[test]
    fn text_inside_of_the_figure_is_left_alone() {
        for svg in [
            "<text class='f-text' x='10' y='50'>twenty letters, more</text>",
            "<text class='f-text' x='100' y='50' text-anchor='middle'>in the middle</text>",
            "<g transform='translate(50, 40)'><text class='f-text' x='-40' y='0'>moved</text></g>",
            "<text class='f-text' x='500' y='50' transform='rotate(90)'>turned</text>",
            "<text class='f-text'><tspan x='9' y='20'>one</tspan><tspan x='9' dy='20'>two</tspan></text>",
        ] {
            assert_eq!(found(svg), None, "{svg}");
        }
    }

    #[test]
    fn text_that_crosses_an_edge_is_named() {
        for svg in [
            "<text class='f-text' x='150' y='50'>cut off</text>",
            "<text class='f-text' x='20' y='50' text-anchor='end'>cut off</text>",
            "<text class='f-text' x='20' y='50' text-anchor='middle'>cut off</text>",
            "<text class='f-text' x='20' y='5'>cut off</text>",
            "<text class='f-text' x='20' y='99'>cut off</text>",
            "<g text-anchor='end' class='f-text'><text x='20' y='50'>cut off</text></g>",
            "<g transform='translate(170)'><text class='f-text' x='0' y='50'>cut off</text></g>",
            "<text class='f-text' x='9' y='50'>in <tspan x='180'>cut off</tspan></text>",
            "<text class='f-text' x='9' y='90'>in <tspan x='9' dy='20'>cut off</tspan></text>",
        ] {
            assert_eq!(found(svg).as_deref(), Some("cut off"), "{svg}");
        }
    }

    #[test]
    fn code_is_wider_than_prose_of_the_same_size() {
        assert!(units("iiii", true) > units("iiii", false));
        assert_eq!(size("f-text-mono-small"), 13.0);
        assert_eq!(size("wide f-text-muted"), 13.5);
    }
}
