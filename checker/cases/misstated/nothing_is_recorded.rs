//! A list that was moved is used.

fn main() {
    let names = vec![String::from("ada")];
    let moved = names;
    println!("{} {}", moved.len(), names.len());
}
