//! A semicolon is missing.

fn main() {
    let one = 1
    println!("{one}");
}
