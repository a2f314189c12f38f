//! No bytes make a reader panic, and what can be read is the same after a dump.

#![no_main]

use config_cli::{Config, Format, KeyPath, Schema};
use libfuzzer_sys::fuzz_target;

fn load(bytes: &[u8], format: Format) -> Option<Config> {
    Config::builder()
        .text("input", bytes, format)
        .without_schema()
        .build()
        .ok()
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(path) = text.parse::<KeyPath>()
    {
        assert_eq!(path.to_string().parse::<KeyPath>().ok(), Some(path));
    }
    for format in [Format::Toml, Format::Json] {
        let _ = Schema::parse("schema", bytes, format);
        let Some(config) = load(bytes, format) else {
            continue;
        };
        // A format may not be able to hold all that another one can.
        let Ok(text) = config.dump(format) else {
            continue;
        };
        let again = load(text.as_bytes(), format).and_then(|config| config.dump(format).ok());
        assert_eq!(again, Some(text));
    }
});
