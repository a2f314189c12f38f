//! The routes that act and tell, a file each.

pub(super) mod check;
pub(super) mod hint;
pub(super) mod history;
pub(super) mod open;
pub(super) mod run;
pub(super) mod solution;
pub(super) mod state;
