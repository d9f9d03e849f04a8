//! A Python of our own, with packages from PyPI, in a folder of the target.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::cmd;

/// The program of a virtual environment in `home` that has these packages; `modules` are what is
/// imported of them. `who` speaks where PyPI was not reached and the packages of last time have to do:
/// never on the hosted runner, where freshness is the point.
pub(crate) fn ready(home: &Path, who: &str, packages: &[&str], modules: &str) -> Result<PathBuf> {
    let venv = home.join("venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        cmd::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let mut install = Command::new(&python);
    install
        .args(["-m", "pip", "install", "--quiet", "--upgrade"])
        .arg("--disable-pip-version-check")
        .args(packages);
    if let Err(error) = cmd::run(&mut install) {
        let there = cmd::read(Command::new(&python).args(["-c", &format!("import {modules}")]));
        if cmd::is_ci() || there.is_err() {
            return Err(error);
        }
        println!("{who}: PYPI WAS NOT REACHED, the packages are those of last time: {error:#}");
    }
    Ok(python)
}
