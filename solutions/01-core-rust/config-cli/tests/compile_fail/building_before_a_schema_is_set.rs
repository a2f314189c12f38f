use config_cli::Config;

fn main() {
    let config = Config::builder().set("a", "1").build();
    println!("{}", config.is_ok());
}
