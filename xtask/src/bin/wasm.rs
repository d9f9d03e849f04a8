//! `xtask-wasm IN.wasm OUT`: writes the JavaScript and the stripped WebAssembly for the web view.
//!
//! A program of its own because its library takes most of a minute to build from nothing, and only
//! `cargo xtask ui` needs it.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut words = env::args_os().skip(1).map(PathBuf::from);
    let input = words.next().context("usage: xtask-wasm IN.wasm OUT")?;
    let out = words.next().context("usage: xtask-wasm IN.wasm OUT")?;
    Bindgen::new()
        .input_path(&input)
        .out_name("duet-ui")
        .web(true)?
        .typescript(false)
        // The names of functions are half of the file and serve only a debugger.
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&out)
        .with_context(|| format!("wasm-bindgen could not process {}", input.display()))
}
