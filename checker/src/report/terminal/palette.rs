//! The few styles that the checker uses. Each also reads well without color.

use anstyle::{AnsiColor, Style};

/// Unmarked text.
pub const PLAIN: Style = Style::new();
/// Headlines.
pub const STRONG: Style = Style::new().bold();
/// What is there when one looks for it.
pub const DIM: Style = Style::new().dimmed();
/// What passed, and what was expected.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What failed, and what came instead.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What needs a look but is no failure.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// Code within prose, and commands to type.
pub const CODE: Style = AnsiColor::Cyan.on_default();
