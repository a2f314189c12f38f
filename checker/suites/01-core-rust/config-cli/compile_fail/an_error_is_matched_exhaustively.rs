//! A match on an error has to expect errors that do not exist yet.
//!
//! phase: 2
//! section: phase-2-merge
//! passes-on-stub: the signatures that the stub gives decide it

use config_cli::Error;

fn is_about_a_key(error: &Error) -> bool {
    match error { //~ E0004
        Error::InvalidKey { .. }
        | Error::Io { .. }
        | Error::UnknownFormat { .. }
        | Error::Parse { .. }
        | Error::Variable { .. } => false,
        Error::Missing { .. }
        | Error::Type { .. }
        | Error::Duplicate { .. }
        | Error::Schema { .. }
        | Error::Required { .. }
        | Error::UnknownKey { .. }
        | Error::WrongKind { .. }
        | Error::NotAllowed { .. }
        | Error::NotRepresentable { .. }
        | Error::CannotSet { .. } => true,
    }
}

fn main() {
    if let Err(error) = "a..b".parse::<config_cli::KeyPath>() {
        println!("{}", is_about_a_key(&error));
    }
}
