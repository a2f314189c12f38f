//! Interners, small enough to run under Miri:
//! `cargo +nightly miri test -p tally --test intern`.

use std::rc::Rc;

use tally::intern::{ArenaInterner, BufferInterner, RcInterner};

const NAMES: [&str; 6] = ["", "/", "/orders/17", "/größe", "日本語", "/orders/1"];

#[test]
fn names_come_back_as_they_went_in_while_the_buffer_grows() {
    let mut interner: BufferInterner = BufferInterner::default();
    let mut symbols = Vec::new();
    for round in 0..8 {
        for name in NAMES {
            let name = format!("{name}{round}");
            let symbol = interner.intern(&name).expect("there is room");
            symbols.push((symbol, name));
        }
        for (symbol, name) in &symbols {
            assert_eq!(interner.resolve(*symbol), Some(&name[..]));
            assert_eq!(interner.intern(name), Ok(*symbol));
        }
    }
}

#[test]
fn a_symbol_of_another_interner_is_none_or_another_name_and_never_a_broken_one() {
    let mut long: BufferInterner = BufferInterner::default();
    let mut short: BufferInterner = BufferInterner::default();
    short.intern("é").expect("there is room");
    for name in NAMES {
        let symbol = long.intern(name).expect("there is room");
        assert!(matches!(short.resolve(symbol), None | Some("é")));
    }
}

#[test]
fn symbols_count_from_zero() {
    let mut interner: ArenaInterner = ArenaInterner::default();
    for (index, name) in NAMES.into_iter().enumerate() {
        assert_eq!(
            interner.intern(name).map(|symbol| symbol.index()),
            Ok(index)
        );
    }
}

#[test]
fn a_shared_name_outlives_its_interner() {
    let mut interner: RcInterner = RcInterner::default();
    let name = interner.intern("/orders");
    assert!(Rc::ptr_eq(&name, &interner.intern("/orders")));
    drop(interner);
    assert_eq!((&*name, Rc::strong_count(&name)), ("/orders", 1));
}
