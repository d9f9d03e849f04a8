//! Tauri's build step. Capabilities stand beside the shell, not at the root, and the window's one
//! command is declared, so that nothing else can be granted.

fn main() {
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(tauri_build::AppManifest::new().commands(&["rpc"]));
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}
