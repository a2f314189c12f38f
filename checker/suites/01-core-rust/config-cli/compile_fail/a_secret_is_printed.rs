//! A secret cannot be printed by mistake: it has no `Display`.
//!
//! phase: 5
//! section: phase-5-provenance
//! passes-on-stub: the traits that the stub implements decide it

use config_cli::Secret;

fn main() {
    let password = Secret::new("hunter2".to_owned());
    println!("{password}"); //~ E0277
}
