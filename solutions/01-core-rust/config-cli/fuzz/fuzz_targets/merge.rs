//! Merging is associative, and explains every value that it leaves.

#![no_main]

use config_cli::{Config, Format};
use libfuzzer_sys::fuzz_target;

fn merge(layers: &[&str]) -> Option<Config> {
    let builder = layers.iter().fold(Config::builder(), |builder, layer| {
        builder.text("layer", *layer, Format::Json)
    });
    builder.without_schema().build().ok()
}

fn dump(layers: &[&str]) -> Option<String> {
    merge(layers)?.dump(Format::Json).ok()
}

fuzz_target!(|layers: [&str; 3]| {
    let [a, b, c] = layers;
    let (Some(all), Some(left), Some(right)) = (dump(&[a, b, c]), dump(&[a, b]), dump(&[b, c]))
    else {
        return;
    };
    assert_eq!(dump(&[&left, c]).as_ref(), Some(&all));
    assert_eq!(dump(&[a, &right]).as_ref(), Some(&all));
    assert_eq!(dump(&[&all, &all]).as_ref(), Some(&all));
    let mut builder = Config::builder();
    let Some(config) = merge(&layers) else {
        return;
    };
    for line in all.lines().filter_map(|line| line.split('"').nth(1)) {
        for explanation in config.explain(line).into_iter().flatten() {
            builder = builder.set(explanation.key, explanation.value);
        }
    }
    let _ = builder.without_schema().build();
});
