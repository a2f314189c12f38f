//! Merging layers beforehand, repeating one, or adding an empty one changes nothing.

#![no_main]

use config_cli::{Config, Format};
use libfuzzer_sys::fuzz_target;

fn merge(layers: &[&str]) -> Option<String> {
    let builder = layers.iter().fold(Config::builder(), |builder, layer| {
        builder.text("layer", *layer, Format::Json)
    });
    let config = builder.without_schema().build().ok()?;
    config.dump(Format::Json).ok()
}

fuzz_target!(|layers: [&str; 3]| {
    let [a, b, c] = layers;
    let (Some(all), Some(lowest)) = (merge(&[a, b, c]), merge(&[a, b])) else {
        return;
    };
    assert_eq!(merge(&[&lowest, c]).as_ref(), Some(&all));
    assert_eq!(merge(&[a, b, c, c]).as_ref(), Some(&all));
    assert_eq!(merge(&[a, "{}", b, c]).as_ref(), Some(&all));
});
