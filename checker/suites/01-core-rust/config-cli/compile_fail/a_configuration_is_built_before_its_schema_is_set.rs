//! A configuration cannot be built before it is told its schema, or that there is none.
//!
//! phase: 3
//! section: phase-3-environment
//! passes-on-stub: the signatures that the stub gives decide it

use config_cli::{Config, Errors};

fn main() -> Result<(), Errors> {
    Config::builder().defaults("port = 80").build()?; //~ E0599
    Ok(())
}
