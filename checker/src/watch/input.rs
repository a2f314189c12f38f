//! What keys mean, and the thread that reads them.

use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Leave the program.
    Quit,
    /// Close what lies on top, or else leave the program.
    Escape,
    /// Show the next hint.
    Hint,
    /// Go to the next open test.
    Next,
    /// List the exercises.
    List,
    /// Check every phase.
    All,
    /// Check the current phase again.
    Again,
    /// Explain the keys.
    Help,
    /// Take the chosen entry.
    Enter,
    /// Go to a phase.
    Phase(u32),
    /// Move by this many rows.
    Rows(isize),
    /// Move by this many pages.
    Pages(isize),
    /// Move to the first row.
    Top,
    /// Move to the last row.
    Bottom,
}

/// What the terminal reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A key with a meaning.
    Key(Action),
    /// The size changed, to columns and rows.
    Resized(u16, u16),
    /// Nothing more will come: the terminal is gone.
    Closed,
}

/// What a key asks for, if anything.
#[must_use]
pub fn action(key: KeyEvent) -> Option<Action> {
    // Windows reports when a key is let go, too.
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let action = match key.code {
        KeyCode::Char('c' | 'd') if control => Action::Quit,
        KeyCode::Char('f') if control => Action::Pages(1),
        KeyCode::Char('b') if control => Action::Pages(-1),
        KeyCode::Char(_) if control => return None,
        KeyCode::Char('q') => Action::Quit,
        KeyCode::Esc => Action::Escape,
        KeyCode::Char('h') => Action::Hint,
        KeyCode::Char('n') => Action::Next,
        KeyCode::Char('l') => Action::List,
        KeyCode::Char('a') => Action::All,
        KeyCode::Char('r') => Action::Again,
        KeyCode::Char('?') => Action::Help,
        KeyCode::Enter => Action::Enter,
        KeyCode::Up | KeyCode::Char('k') => Action::Rows(-1),
        KeyCode::Down | KeyCode::Char('j') => Action::Rows(1),
        KeyCode::PageUp => Action::Pages(-1),
        KeyCode::PageDown | KeyCode::Char(' ') => Action::Pages(1),
        KeyCode::Home | KeyCode::Char('g') => Action::Top,
        KeyCode::End | KeyCode::Char('G') => Action::Bottom,
        KeyCode::Char(c) => Action::Phase(c.to_digit(10).filter(|digit| *digit > 0)?),
        _ => return None,
    };
    Some(action)
}

/// Reads the terminal until it ends or nobody listens any more.
pub fn read(mut send: impl FnMut(Input) -> bool) {
    loop {
        let input = match event::read() {
            Ok(event::Event::Key(key)) => action(key).map(Input::Key),
            Ok(event::Event::Resize(columns, rows)) => Some(Input::Resized(columns, rows)),
            Ok(_) => None,
            Err(_) => Some(Input::Closed),
        };
        let Some(input) = input else { continue };
        if !send(input) || input == Input::Closed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Action> {
        action(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn the_documented_keys_have_their_meaning() {
        let none = KeyModifiers::NONE;
        assert_eq!(press(KeyCode::Char('h'), none), Some(Action::Hint));
        assert_eq!(
            press(KeyCode::Char('?'), KeyModifiers::SHIFT),
            Some(Action::Help)
        );
        assert_eq!(press(KeyCode::Esc, none), Some(Action::Escape));
        assert_eq!(press(KeyCode::PageDown, none), Some(Action::Pages(1)));
        assert_eq!(press(KeyCode::Char('3'), none), Some(Action::Phase(3)));
        assert_eq!(press(KeyCode::Char('0'), none), None);
        assert_eq!(press(KeyCode::Char('x'), none), None);
    }

    #[test]
    fn control_c_quits_and_other_control_keys_are_not_taken_for_letters() {
        let control = KeyModifiers::CONTROL;
        assert_eq!(press(KeyCode::Char('c'), control), Some(Action::Quit));
        assert_eq!(press(KeyCode::Char('a'), control), None);
    }

    #[test]
    fn a_key_that_is_let_go_means_nothing() {
        let key = KeyEvent {
            kind: KeyEventKind::Release,
            ..KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE)
        };
        assert_eq!(action(key), None);
    }
}
