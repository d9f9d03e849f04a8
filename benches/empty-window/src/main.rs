//! The least that a Tauri window can be: what Duet's start and memory are measured against.
//!
//! Nothing of Duet's is in it. It is built from the same lock file, with the same features and
//! profile, so that a slower web view or toolchain moves both figures and not their ratio.

/// Opens the window and ends when it is closed.
#[expect(
    clippy::disallowed_methods,
    reason = "Tauri's own macro ends the process"
)]
fn main() {
    tauri::Builder::default()
        .run(tauri::generate_context!())
        .expect("an empty window needs nothing that could be missing where Duet's opened");
}
