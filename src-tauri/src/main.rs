//! The binary. Everything it does is in `duet_shell`.

// A release build on Windows opens no console beside the window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    duet_shell::run(std::env::args_os().collect())
}
