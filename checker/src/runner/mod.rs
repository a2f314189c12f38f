//! Runs each hidden test in a process of its own, bounded in every way.
