//! Builds the checker anew when the course that it carries changes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBED").is_none() {
        return;
    }
    for path in [
        "../Cargo.toml",
        "../Cargo.lock",
        "../book.toml",
        "../book",
        "../exercises",
        "../solutions",
        "kit",
        "suites",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
}
