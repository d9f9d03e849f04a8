//! Tauri's build step. Capabilities stand beside the shell, not at the root.

fn main() {}
