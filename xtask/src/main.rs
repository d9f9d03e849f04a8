//! The program behind `cargo xtask`. It only hands its arguments to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    duet_xtask::run(std::env::args().skip(1))
}
