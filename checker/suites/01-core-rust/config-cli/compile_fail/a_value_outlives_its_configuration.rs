//! A value that is borrowed from a configuration cannot outlive it.
//!
//! phase: 2
//! section: phase-2-merge
//! passes-on-stub: the signatures that the stub gives decide it

use config_cli::{Config, Errors};

fn main() -> Result<(), Errors> {
    let config = Config::builder().defaults("host = 'h'").without_schema().build()?;
    let host: Option<&str> = config.get("host").ok();
    drop(config); //~ E0505
    println!("{host:?}");
    Ok(())
}
