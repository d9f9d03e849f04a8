//! The windows on the desk's screen, as a window manager sees them: there is none on a desk, so
//! what a person does with the title bar (close, bring to the front) is asked for here.

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, InputFocus, MapState,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use crate::desk::Desk;

/// One top-level window with a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopLevel {
    /// The X server's number for it.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// Whether it is on the screen, rather than hidden.
    pub shown: bool,
    /// Whether the keyboard goes to it.
    pub focused: bool,
    /// Width and height in pixels.
    pub size: (u16, u16),
}

impl Desk {
    /// Every top-level window that has a title, hidden ones too.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn windows(&self) -> Result<Vec<TopLevel>> {
        let (x, root) = self.connect()?;
        let utf8 = atom(&x, "UTF8_STRING")?;
        let name = atom(&x, "_NET_WM_NAME")?;
        let focus = x.get_input_focus()?.reply()?.focus;
        let mut found = Vec::new();
        for id in x.query_tree(root)?.reply()?.children {
            // A window may go away between the list and the look at it.
            let Ok(title) = x.get_property(false, id, name, utf8, 0, 1_000)?.reply() else {
                continue;
            };
            let Ok(attributes) = x.get_window_attributes(id)?.reply() else {
                continue;
            };
            let Ok(geometry) = x.get_geometry(id)?.reply() else {
                continue;
            };
            if title.value.is_empty() {
                continue;
            }
            found.push(TopLevel {
                id,
                title: String::from_utf8_lossy(&title.value).into_owned(),
                shown: attributes.map_state == MapState::VIEWABLE,
                focused: is_inside(&x, focus, id)?,
                size: (geometry.width, geometry.height),
            });
        }
        Ok(found)
    }

    /// Asks a window to close, as the button in its title bar does.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn close_window(&self, id: u32) -> Result<()> {
        let (x, _) = self.connect()?;
        let data = [atom(&x, "WM_DELETE_WINDOW")?, x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, id, atom(&x, "WM_PROTOCOLS")?, data);
        x.send_event(false, id, EventMask::NO_EVENT, message)?
            .check()?;
        Ok(())
    }

    /// Takes the keyboard away from every window, as another program coming to the front does.
    ///
    /// # Errors
    /// When the X server does not answer.
    pub fn unfocus(&self) -> Result<()> {
        let (x, root) = self.connect()?;
        let other: Window = x.generate_id()?;
        let look = CreateWindowAux::new().override_redirect(1);
        let class = WindowClass::INPUT_ONLY;
        x.create_window(
            0,
            other,
            root,
            0,
            0,
            1,
            1,
            0,
            class,
            x11rb::COPY_FROM_PARENT,
            &look,
        )?;
        x.map_window(other)?.check()?;
        x.set_input_focus(InputFocus::POINTER_ROOT, other, x11rb::CURRENT_TIME)?
            .check()?;
        // The window goes with this connection, and the focus falls back to the root.
        Ok(())
    }

    fn connect(&self) -> Result<(RustConnection, Window)> {
        let display = self
            .env()
            .iter()
            .find(|(name, _)| name == "DISPLAY")
            .map(|(_, value)| value.as_str());
        let (x, screen) =
            RustConnection::connect(display).context("connecting to the desk's X server")?;
        let root = x.setup().roots[screen].root;
        Ok((x, root))
    }
}

fn atom(x: &RustConnection, name: &str) -> Result<u32> {
    Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom)
}

/// Whether `inner` is `outer` or lies in it: toolkits give the focus to a child of their window.
fn is_inside(x: &RustConnection, inner: Window, outer: Window) -> Result<bool> {
    let mut at = inner;
    // None and PointerRoot are no windows.
    while at > u32::from(AtomEnum::PRIMARY) {
        if at == outer {
            return Ok(true);
        }
        let Ok(tree) = x.query_tree(at)?.reply() else {
            return Ok(false);
        };
        at = tree.parent;
    }
    Ok(false)
}
