//! The window and what it paints first.
//!
//! The first week travels with the page as an initialisation script, so that it is drawn without a
//! round trip (RIVALS.md 1.1: one finished payload). The background is set before anything loads, in
//! the theme that will be used, so that no frame is blank or in the wrong light.

use duet_app::Boot;
use duet_model::settings::Theme;
use duet_wire::WireError;
use tauri::utils::config::Color;
use tauri::{WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_window_state::StateFlags;

use super::LABEL;

/// What a week wants, in logical pixels.
const ROOMY: (f64, f64) = (1280.0, 800.0);

/// The two backgrounds of `ui/styles/tokens.css` (`--bg`), as the system paints them before the
/// page is there.
const LIGHT: Color = Color(250, 249, 247, 255);
const DARK: Color = Color(18, 19, 24, 255);

/// Size and whether it is maximised; a remembered position is ignored or wrong on Wayland.
pub(super) fn window_state() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    let mut flags = StateFlags::SIZE | StateFlags::MAXIMIZED;
    if std::env::var_os("WAYLAND_DISPLAY").is_none() {
        flags |= StateFlags::POSITION;
    }
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(flags)
        .build()
}

/// Opens the window.
pub(super) fn window(
    shell: &tauri::App,
    boot: Result<&Boot, &WireError>,
    hidden: bool,
) -> tauri::Result<()> {
    let theme = boot
        .ok()
        .map_or(Theme::System, |boot| boot.overview.settings.theme);
    let fixed = match theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    };
    let (width, height) = fitting(shell);
    let window = WebviewWindowBuilder::new(shell, LABEL, WebviewUrl::App("index.html".into()))
        .title("Duet")
        .inner_size(width, height)
        .min_inner_size(480.0, 360.0)
        .theme(fixed)
        .visible(false)
        .initialization_script(script(boot, plain_font()))
        // Only Duet's own page: a link that gets clicked goes nowhere in here.
        .on_navigation(|url| {
            url.scheme() == "tauri" || url.host_str().is_some_and(|host| host == "tauri.localhost")
        })
        .build()?;
    let dark = fixed.or_else(|| window.theme().ok()) == Some(tauri::Theme::Dark);
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))?;
    if !hidden {
        window.show()?;
    }
    Ok(())
}

/// The size of a first start: roomy, but never larger than the screen.
fn fitting(shell: &tauri::App) -> (f64, f64) {
    let screen = shell.primary_monitor().ok().flatten().map(|monitor| {
        let size = monitor.size().to_logical::<f64>(monitor.scale_factor());
        (size.width, size.height)
    });
    let (width, height) = screen.unwrap_or(ROOMY);
    (ROOMY.0.min(width), ROOMY.1.min(height))
}

/// The script that hands the first view over. Inside a script, `<` cannot end it, but it is escaped
/// all the same: titles are whatever strangers write.
fn script(boot: Result<&Boot, &WireError>, plain_font: bool) -> String {
    let json = boot
        .ok()
        .and_then(|boot| serde_json::to_string(boot).ok())
        .unwrap_or_else(|| "null".to_owned())
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    // A page that is loaded again, after a fault, asks anew: this picture is as old as the window.
    format!(
        "window.__DUET_PLAIN_FONT__ = {plain_font}; if (performance.navigation.type !== 1) window.__DUET_BOOT__ = {json};"
    )
}

/// Does the desktop leave the choice of a font to the system? Then the page asks for "sans-serif",
/// which is the same one: to find it by way of the desktop's setting takes WebKit 25 ms longer.
#[cfg(target_os = "linux")]
fn plain_font() -> bool {
    use gtk::prelude::GtkSettingsExt;
    gtk::Settings::default()
        .and_then(|settings| settings.gtk_font_name())
        .is_none_or(|name| names_no_family(&name))
}

#[cfg(not(target_os = "linux"))]
fn plain_font() -> bool {
    false
}

/// Is a font setting such as `Sans 10` only the word for any font without serifs?
#[cfg(any(target_os = "linux", test))]
fn names_no_family(setting: &str) -> bool {
    let family = setting.trim_end_matches(|end: char| end.is_ascii_digit() || " .".contains(end));
    ["", "sans", "sans-serif"].contains(&family.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::names_no_family;

    #[test]
    fn a_setting_without_a_family_is_told_from_one_with_it() {
        for plain in ["Sans 10", "sans-serif 10.5", "Sans", ""] {
            assert!(names_no_family(plain), "{plain}");
        }
        for chosen in [
            "Cantarell 11",
            "Noto Sans 10",
            "Sans Bold 10",
            "Inter 4.1 10",
        ] {
            assert!(!names_no_family(chosen), "{chosen}");
        }
    }
}
