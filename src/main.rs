//! The `louma` program: see `louma --help`.

use clap::Parser;

fn main() -> std::process::ExitCode {
    let command = louma::cli::Louma::parse();
    match louma::cli::run(command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("出错了：{err:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
