//! Programs of a suite that run under Miri.

use super::note::{Note, NoteError};

/// One program that must run clean under Miri.
#[derive(Debug, Clone, PartialEq)]
pub struct MiriProgram {
    /// The file's name without its ending.
    pub name: String,
    /// What its `//!` comment says.
    pub note: Note,
    /// The phase that it belongs to, from 1.
    pub phase: u32,
    /// The program.
    pub source: String,
}

/// A program's comment that cannot be understood. These are faults of the course.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The comment is unusable.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The comment names no phase.
    #[error("its comment has no `phase:` line")]
    NoPhase,
}

/// Reads the `//!` comment of a program and the phase that it names.
///
/// # Errors
/// When no behaviour or no phase is stated.
pub fn comment(source: &str) -> Result<(Note, u32), ProgramError> {
    let note = Note::parse(source.lines().map_while(|line| line.strip_prefix("//!")))?;
    let phase = note.phase.ok_or(ProgramError::NoPhase)?;
    Ok((note, phase))
}

impl MiriProgram {
    /// Reads a program.
    ///
    /// # Errors
    /// When its comment is unusable.
    pub fn parse(name: &str, source: &str) -> Result<MiriProgram, ProgramError> {
        let (note, phase) = comment(source)?;
        Ok(MiriProgram {
            name: name.to_owned(),
            note,
            phase,
            source: source.to_owned(),
        })
    }
}
