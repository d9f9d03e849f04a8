//! How the web view draws: drivers that show an empty window, machines without a graphics card, and
//! desktops that are not there.

use std::path::Path;

/// Sets the variables that the machine's graphics need, unless the person has set them otherwise.
///
/// WebKit reads them when its first view is made, and the processes it starts inherit them
/// (DEPENDENCIES.md 2.7). Starting the program anew with another environment would do as well, and
/// cost a tenth of the whole start.
///
/// Must be called before anything has started a thread.
pub(crate) fn prepare(safe: bool) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let nvidia = Path::new("/proc/driver/nvidia").exists();
    for (name, value) in wanted(safe, nvidia, card(Path::new("/dev"))) {
        if std::env::var_os(name).is_some() {
            continue;
        }
        #[expect(unsafe_code, reason = "there is no other way to set a variable")]
        // SAFETY: no other thread runs yet, so nobody reads the environment meanwhile.
        unsafe {
            std::env::set_var(name, value);
        }
    }
}

fn wanted(safe: bool, nvidia: bool, card: bool) -> Vec<(&'static str, &'static str)> {
    let mut wanted = Vec::new();
    if safe || nvidia {
        wanted.push(("WEBKIT_DISABLE_DMABUF_RENDERER", "1"));
    }
    if nvidia {
        wanted.push(("__NV_DISABLE_EXPLICIT_SYNC", "1"));
    }
    // Without a card OpenGL is emulated on the processor, and each kind of shape compiles a shader
    // first: 0.2 s of the start and more than 100 MiB. Painting on the processor straight away needs neither.
    if safe || !card {
        wanted.push(("WEBKIT_DISABLE_COMPOSITING_MODE", "1"));
    }
    wanted
}

/// Is there anything that could draw in hardware? Mesa's drivers sit behind `dri`, NVIDIA's own
/// behind `nvidia0`, the one of Windows' Linux behind `dxg`.
fn card(devices: &Path) -> bool {
    let renders = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("renderD") || name.starts_with("card")
    };
    let dri =
        std::fs::read_dir(devices.join("dri")).is_ok_and(|entries| entries.flatten().any(renders));
    dri || devices.join("nvidia0").exists() || devices.join("dxg").exists()
}

/// Is there a display to open a window on?
pub(crate) fn is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(test)]
mod tests {
    use super::{card, wanted};

    #[test]
    fn an_ordinary_driver_needs_nothing() {
        assert!(wanted(false, false, true).is_empty());
        assert_eq!(wanted(true, true, true).len(), 3);
    }

    #[test]
    fn without_a_card_the_processor_paints() {
        assert_eq!(
            wanted(false, false, false),
            [("WEBKIT_DISABLE_COMPOSITING_MODE", "1")]
        );
    }

    #[test]
    fn a_card_is_seen_by_its_device() {
        for (device, there) in [
            ("dri/renderD128", true),
            ("dri/card0", true),
            ("nvidia0", true),
            ("dxg", true),
            ("dri/by-path", false),
            ("null", false),
        ] {
            let devices = tempfile::tempdir().unwrap();
            let file = devices.path().join(device);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
            assert_eq!(card(devices.path()), there, "{device}");
        }
    }
}
