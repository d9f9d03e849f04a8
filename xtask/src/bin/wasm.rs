//! `xtask-wasm NAME IN.wasm OUT`: writes the JavaScript and the stripped WebAssembly for the web view.
//!
//! A program of its own because its library takes most of a minute to build from nothing, and only
//! `cargo xtask ui` needs it.

#![expect(
    clippy::print_stderr,
    reason = "a command-line tool says what went wrong on standard error"
)]

use std::{env, path::Path, process::ExitCode};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [name, input, out] = words.as_slice() else {
        eprintln!("usage: xtask-wasm NAME IN.wasm OUT");
        return ExitCode::from(2);
    };
    match bind(name, Path::new(input), Path::new(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask-wasm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bind(name: &str, input: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(input)
        .out_name(name)
        .web(true)?
        .typescript(false)
        // The names of functions are half of the file and serve only a debugger.
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("wasm-bindgen could not process {}", input.display()))
}
