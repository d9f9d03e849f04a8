//! Tauri's build step for the empty window.

use std::{fs, path::Path};

fn main() {
    // Tauri embeds this folder and refuses to build without it. `cargo xtask bench` fills it; until
    // then the workspace has to build all the same.
    let page = Path::new("page/dist");
    if !page.join("index.html").exists() {
        fs::create_dir_all(page).expect("the package's own folder is writable");
        fs::write(
            page.join("index.html"),
            "<!doctype html><title>Not built</title>\n",
        )
        .expect("the package's own folder is writable");
    }
    tauri_build::build();
}
