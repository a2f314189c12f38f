use config_cli::Secret;

fn main() {
    let password = Secret::new(String::from("hunter2"));
    println!("{password}");
}
