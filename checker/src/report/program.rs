//! The command by which a learner runs this program, which advice has to name.

/// The command where the program is installed.
pub const INSTALLED: &str = "checker";
/// The command in a checkout of the course, an alias in `.cargo/config.toml`.
pub const ALIAS: &str = "cargo checker";

/// Tells a program that was started by the alias so; set in `.cargo/config.toml`.
const VARIABLE: &str = "CHECKER_PROGRAM";

/// The command that started this process.
#[must_use]
pub fn current() -> &'static str {
    for_environment(|name| std::env::var(name).ok())
}

/// The command that an environment tells of. Only the two known ones are ever named.
#[must_use]
pub fn for_environment(variable: impl Fn(&str) -> Option<String>) -> &'static str {
    match variable(VARIABLE) {
        Some(command) if command == ALIAS => ALIAS,
        _ => INSTALLED,
    }
}

/// A message in which every command between backticks begins with `program`.
#[must_use]
pub fn addressed(message: &str, program: &str) -> String {
    message.replace(&format!("`{INSTALLED} "), &format!("`{program} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_alias_changes_what_advice_names() {
        let of = |value: Option<&str>| for_environment(|_| value.map(str::to_owned));
        assert_eq!(of(Some("cargo checker")), "cargo checker");
        for other in [None, Some(""), Some("checker"), Some("rm -rf /")] {
            assert_eq!(of(other), "checker");
        }
    }

    #[test]
    fn the_alias_of_a_checkout_names_itself_to_the_program() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.cargo/config.toml");
        let config: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        assert_eq!(config["env"][VARIABLE].as_str(), Some(ALIAS));
        let (_, alias) = ALIAS.split_once(' ').unwrap();
        assert!(config["alias"].get(alias).is_some());
    }

    #[test]
    fn commands_in_messages_are_addressed_and_prose_is_left_alone() {
        let message = "`checker reset a` restores it; the checker and `checker.toml` stay";
        assert_eq!(
            addressed(message, ALIAS),
            "`cargo checker reset a` restores it; the checker and `checker.toml` stay"
        );
        assert_eq!(addressed(message, INSTALLED), message);
    }
}
