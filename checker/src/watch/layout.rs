//! Where things stand on the screen.

use ratatui::layout::Rect;

/// Below this many columns or rows there is no room for anything useful.
pub(super) const MIN_SIZE: (u16, u16) = (40, 10);
/// From this many columns on, the phases stand in a column of their own.
const WIDE: u16 = 76;
/// The columns of the phases.
const SIDE: u16 = 28;

/// The areas of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Areas {
    /// Title and status.
    pub(super) header: Rect,
    /// The rule below the header.
    pub(super) rule: Rect,
    /// The phases: a column, or one row in a narrow terminal.
    pub(super) phases: Rect,
    /// Whether the phases are a column.
    pub(super) wide: bool,
    /// The page.
    pub(super) page: Rect,
    /// The line of news.
    pub(super) news: Rect,
    /// The keys.
    pub(super) keys: Rect,
}

/// The areas of a terminal with this many columns and rows; `None` if it is too small.
#[must_use]
pub(super) fn areas((columns, rows): (u16, u16)) -> Option<Areas> {
    if columns < MIN_SIZE.0 || rows < MIN_SIZE.1 {
        return None;
    }
    let row = |y| Rect::new(0, y, columns, 1);
    let wide = columns >= WIDE;
    let (phases, page) = if wide {
        let height = rows - 4;
        let left = SIDE + 2;
        (
            Rect::new(0, 2, SIDE, height),
            Rect::new(left, 2, columns - left - 1, height),
        )
    } else {
        (row(2), Rect::new(1, 3, columns - 2, rows - 5))
    };
    Some(Areas {
        header: row(0),
        rule: row(1),
        phases,
        wide,
        page,
        news: row(rows - 2),
        keys: row(rows - 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_stay_inside_the_terminal_at_every_size() {
        for columns in 0..140 {
            for rows in 0..50 {
                let Some(areas) = areas((columns, rows)) else {
                    assert!(columns < MIN_SIZE.0 || rows < MIN_SIZE.1);
                    continue;
                };
                let screen = Rect::new(0, 0, columns, rows);
                for area in [
                    areas.header,
                    areas.rule,
                    areas.phases,
                    areas.page,
                    areas.news,
                ] {
                    assert_eq!(area.intersection(screen), area);
                    assert!(area.area() > 0);
                }
                assert_eq!(areas.page.intersection(areas.news).area(), 0);
                assert_eq!(areas.page.intersection(areas.phases).area(), 0);
            }
        }
    }
}
