//! The appendix page of one exercise's benchmarks: a table and a plot for each operation.

use std::fmt::Write;

use super::results::{Group, Measurement, OURS};

/// What the figures were measured on.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The processor.
    pub processor: String,
    /// The number of cores that the run could use.
    pub cores: usize,
    /// The operating system and its architecture.
    pub system: String,
    /// The compiler.
    pub rustc: String,
}

impl Machine {
    /// Reads what this machine tells of itself.
    #[must_use]
    pub fn this() -> Machine {
        let processor = std::fs::read_to_string("/proc/cpuinfo")
            .ok()
            .and_then(|text| {
                let line = text.lines().find(|line| line.starts_with("model name"))?;
                Some(line.split_once(':')?.1.trim().to_owned())
            });
        let rustc = std::process::Command::new("rustc")
            .arg("--version")
            .output()
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        Machine {
            processor: processor.unwrap_or_else(|| "an unnamed processor".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            rustc: rustc.unwrap_or_else(|| "an unknown rustc".to_owned()),
        }
    }
}

/// The page as Markdown and its plots as pairs of file name and SVG.
#[derive(Debug, Clone)]
pub struct Page {
    /// The page.
    pub markdown: String,
    /// The plots, to be put beside the page in `figures/`.
    pub plots: Vec<(String, String)>,
}

/// Writes the page of an exercise.
#[must_use]
pub fn page(id: &str, title: &str, groups: &[Group], machine: &Machine) -> Page {
    let mut markdown = String::new();
    let mut plots = Vec::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        markdown,
        "# Benchmarks: {title}\n\n\
         Measured by `cargo checker bench {id} --solution --record`: every implementation in \
         the same run, medians of [criterion](https://docs.rs/criterion). The ratio says how \
         many times as fast the reference solution is; below 1 the peer is faster.\n\n\
         Machine: {}, {} cores, {}, {}.",
        machine.processor, machine.cores, machine.system, machine.rustc
    );
    for group in groups {
        let file = format!("{id}-{}.svg", slug(&group.operation));
        let _ = writeln!(
            markdown,
            "\n## {}\n\n{{{{#figure figures/{file}}}}}\n\n\
             | implementation | time per operation | ratio |\n|---|---:|---:|",
            heading(&group.operation)
        );
        for measurement in &group.measurements {
            let ratio = measurement
                .ratio
                .map_or_else(String::new, |r| format!("{r:.2}"));
            let _ = writeln!(
                markdown,
                "| {} | {} | {ratio} |",
                name(measurement),
                duration(per_operation(measurement))
            );
        }
        plots.push((file, plot(group)));
    }
    Page { markdown, plots }
}

/// The name of a group as a heading: `evicting_put` is "Evicting put".
fn heading(operation: &str) -> String {
    let mut words = operation.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn slug(text: &str) -> String {
    let plain = text.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    });
    plain.collect()
}

fn name(measurement: &Measurement) -> String {
    match measurement.implementation.as_str() {
        OURS => "reference solution".to_owned(),
        peer => format!("`{peer}`"),
    }
}

fn per_operation(measurement: &Measurement) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let elements = measurement.elements.unwrap_or(1).max(1) as f64;
    measurement.nanos / elements
}

/// A duration in the unit that reads best.
#[must_use]
pub fn duration(nanos: f64) -> String {
    match nanos {
        n if n < 1e3 => format!("{n:.1} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

/// Horizontal bars, one an implementation, in the classes of the book's figures.
fn plot(group: &Group) -> String {
    const WIDTH: f64 = 720.0;
    const LEFT: f64 = 150.0;
    const ROW: f64 = 34.0;
    let most = group
        .measurements
        .iter()
        .map(per_operation)
        .fold(f64::MIN_POSITIVE, f64::max);
    let scale = (WIDTH - LEFT - 110.0) / most;
    #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
    let row = |index: usize| 10.0 + ROW * index as f64;
    let height = row(group.measurements.len()) + 6.0;
    let title = format!("Time per operation: {}", group.operation.replace('_', " "));
    let words: Vec<String> = group
        .measurements
        .iter()
        .map(|m| {
            format!(
                "{} {}",
                name(m).replace('`', ""),
                duration(per_operation(m))
            )
        })
        .collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title>{title}</title>\n<desc>Shorter is faster: {}.</desc>\n",
        words.join(", ")
    );
    for (index, measurement) in group.measurements.iter().enumerate() {
        let time = per_operation(measurement);
        let (top, width) = (row(index), (time * scale).max(2.0));
        let class = if measurement.implementation == OURS {
            "f-box-accent"
        } else {
            "f-box"
        };
        let _ = writeln!(
            svg,
            "<text class=\"f-text\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"24\"/>\n\
             <text class=\"f-text-small\" x=\"{:.1}\" y=\"{}\">{}</text>",
            LEFT - 10.0,
            top + 17.0,
            name(measurement).replace('`', ""),
            LEFT + width + 8.0,
            top + 17.0,
            duration(time),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<Group> {
        let row = |implementation: &str, nanos, ratio| Measurement {
            implementation: implementation.into(),
            nanos,
            elements: Some(10),
            ratio: Some(ratio),
        };
        vec![Group {
            operation: "evicting_put".into(),
            measurements: vec![row(OURS, 250.0, 1.0), row("lru", 300.0, 1.2)],
        }]
    }

    #[test]
    fn a_page_has_a_table_and_a_plot_for_each_operation() {
        let page = page("lru-cache", "An LRU cache", &groups(), &Machine::this());
        assert!(page.markdown.contains("## Evicting put"));
        assert!(
            page.markdown
                .contains("{{#figure figures/lru-cache-evicting-put.svg}}")
        );
        assert!(page.markdown.contains("| `lru` | 30.0 ns | 1.20 |"));
        assert_eq!(page.plots.len(), 1);
        assert!(
            page.plots[0]
                .1
                .contains("<desc>Shorter is faster: reference solution 25.0 ns")
        );
    }

    #[test]
    fn durations_are_shown_in_the_unit_that_reads_best() {
        let shown = [12.3, 4_560.0, 7.5e6, 2.0e9].map(duration);
        assert_eq!(shown, ["12.3 ns", "4.56 µs", "7.50 ms", "2.00 s"]);
    }
}
