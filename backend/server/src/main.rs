//! The `rollcall` binary: one program that serves, sets up, imports, rebuilds and explains its settings.
//!
//! [`commands`] holds one file per command; each opens the instance in its data folder, makes use cases of `rollcall-app` run,
//! and closes it. [`ambient`] is where the clock and the system's randomness come in, [`demo`] the demonstration's data.

mod ambient;
mod commands;
mod demo;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let cli = commands::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rollcall: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
