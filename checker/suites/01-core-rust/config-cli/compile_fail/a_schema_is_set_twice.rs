//! A configuration is told its schema once: a second one would silently replace the first.
//!
//! phase: 3
//! section: phase-3-environment
//! passes-on-stub: the signatures that the stub gives decide it

use config_cli::{Config, Schema};

fn main() {
    let _builder = Config::builder()
        .schema(Schema::new())
        .without_schema(); //~ E0599
}
