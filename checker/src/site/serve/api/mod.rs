//! The routes that act and tell, a file each.

pub(super) mod check;
pub(super) mod history;
pub(super) mod state;
