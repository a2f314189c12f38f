use config_cli::Error;

fn shown(error: Error) -> String {
    match error {
        Error::Missing { key, .. }
        | Error::Type { key, .. }
        | Error::Duplicate { key, .. }
        | Error::Schema { key, .. }
        | Error::Required { key }
        | Error::UnknownKey { key, .. }
        | Error::WrongKind { key, .. }
        | Error::NotAllowed { key, .. }
        | Error::NotRepresentable { key, .. }
        | Error::CannotSet { key, .. } => key,
        Error::InvalidKey { text, .. } => text,
        Error::Io { name, .. } | Error::UnknownFormat { name } => name,
        Error::Parse { message, .. } | Error::Variable { message, .. } => message,
    }
}

fn main() {
    let key = String::from("a");
    println!("{}", shown(Error::Required { key }));
}
