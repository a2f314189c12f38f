use config_cli::{Config, Error, Errors};

fn name(config: Result<Config, Errors>) -> Result<&'static str, Error> {
    let config = config.unwrap();
    config.get::<&str>("name")
}

fn main() {
    let _ = name(Config::builder().without_schema().build());
}
