//! Writes 20 MiB to a file, and syncs it until that succeeds.
//!
//! `sync_twice FILE` is for a disk that fails; the lecture *Names, errors and locks* makes one.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{Read, Seek, Write};

const MIB: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("which file?")?;
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(path)?;
    for _ in 0..20 {
        file.write_all(&vec![b'x'; MIB])?;
    }
    println!("20 writes: Ok");
    for _ in 0..3 {
        match file.sync_data() {
            Ok(()) => println!("sync_data: Ok"),
            Err(error) => println!("sync_data: {error}"),
        }
    }
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    let kept = bytes.iter().filter(|byte| **byte == b'x').count();
    println!("read back: {kept} bytes of {}", bytes.len());
    Ok(())
}
