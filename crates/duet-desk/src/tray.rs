//! A tray host: the `org.kde.StatusNotifierWatcher` that programs register with, and the hand that
//! opens their menu (`com.canonical.dbusmenu`) and clicks in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedObjectPath, Value};
use zbus::{Connection, Proxy, fdo, interface};

use crate::wait::until;

const NAME: &str = "org.kde.StatusNotifierWatcher";
const PATH: &str = "/StatusNotifierWatcher";

/// One line of a tray menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    /// The menu's own number for it.
    pub id: i32,
    /// The text without mnemonic underscores; empty for a separator.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it is shown.
    pub visible: bool,
    /// Whether it is a line between groups.
    pub separator: bool,
    /// `Some(true)` when it is a check mark that is set.
    pub checked: Option<bool>,
    /// 0 for the menu itself, 1 for its submenus.
    pub depth: usize,
}

/// What an item shows in the tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrayIcon {
    /// A name in the icon theme, or the path of a file.
    pub name: String,
    /// The folder where the name is looked up first.
    pub theme_path: String,
    /// The file that name and folder lead to, with its bytes: they differ when the picture does.
    pub file: Option<(PathBuf, Vec<u8>)>,
    /// The pixels, when the item sends them over the bus: width, height, ARGB bytes.
    pub pixmaps: Vec<(i32, i32, Vec<u8>)>,
    /// `Active`, `Passive` or `NeedsAttention`.
    pub status: String,
}

impl TrayIcon {
    /// What is drawn, however the item sends it: two icons that look alike have equal pictures.
    pub fn picture(&self) -> Option<&[u8]> {
        let sent = self
            .pixmaps
            .iter()
            .max_by_key(|(width, height, _)| width * height);
        match (&self.file, sent) {
            (Some((_, bytes)), _) | (None, Some((_, _, bytes))) => Some(bytes),
            (None, None) => None,
        }
    }
}

/// An item's address on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    owner: String,
    path: String,
}

#[derive(Debug)]
struct Shelf {
    items: Mutex<Vec<Item>>,
    changed: watch::Sender<()>,
}

impl Shelf {
    fn items(&self) -> MutexGuard<'_, Vec<Item>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, item: Item) {
        let mut items = self.items();
        if !items.contains(&item) {
            items.push(item);
        }
    }
}

struct Watcher {
    shelf: Arc<Shelf>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        service: String,
    ) -> fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // KDE's library sends its bus name, Ubuntu's an object path.
        let item = if service.starts_with('/') {
            Item {
                owner: sender,
                path: service,
            }
        } else {
            Item {
                owner: service,
                path: "/StatusNotifierItem".into(),
            }
        };
        let full = format!("{}{}", item.owner, item.path);
        self.shelf.put(item);
        self.shelf.changed.send_replace(());
        Self::status_notifier_item_registered(&emitter, &full).await?;
        Ok(())
    }

    async fn register_status_notifier_host(
        &self,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        _service: String,
    ) -> fdo::Result<()> {
        Self::status_notifier_host_registered(&emitter).await?;
        Ok(())
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.shelf
            .items()
            .iter()
            .map(|item| format!("{}{}", item.owner, item.path))
            .collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// The tray of one desk.
#[derive(Debug)]
pub struct TrayHost {
    shelf: Arc<Shelf>,
    bus: Connection,
    watch: tokio::task::JoinHandle<()>,
}

impl TrayHost {
    pub(crate) async fn start(address: &str) -> Result<Self> {
        let shelf = Arc::new(Shelf {
            items: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        let bus = zbus::connection::Builder::address(address)?
            .serve_at(
                PATH,
                Watcher {
                    shelf: Arc::clone(&shelf),
                },
            )?
            .name(NAME)?
            .build()
            .await
            .context("serving the tray on the desk's bus")?;
        let dbus = fdo::DBusProxy::new(&bus).await?;
        let mut owners = dbus.receive_name_owner_changed().await?;
        let (of_task, bus_of_task) = (Arc::clone(&shelf), bus.clone());
        let watch = tokio::spawn(async move {
            while let Some(signal) = owners.next().await {
                let Ok(change) = signal.args() else { continue };
                if change.new_owner.is_some() {
                    continue;
                }
                let mut gone = Vec::new();
                of_task.items().retain(|item| {
                    let stays = item.owner != change.name.as_str();
                    if !stays {
                        gone.push(format!("{}{}", item.owner, item.path));
                    }
                    stays
                });
                for full in gone {
                    of_task.changed.send_replace(());
                    if let Ok(emitter) = SignalEmitter::new(&bus_of_task, PATH) {
                        // Nobody may be listening; that is no error here.
                        let _ = Watcher::status_notifier_item_unregistered(&emitter, &full).await;
                    }
                }
            }
        });
        Ok(Self { shelf, bus, watch })
    }

    /// How many items are in the tray.
    pub fn count(&self) -> usize {
        self.shelf.items().len()
    }

    /// Waits until an item is in the tray.
    ///
    /// # Errors
    /// When none registers within `limit`.
    pub async fn wait_for_item(&self, limit: Duration) -> Result<()> {
        self.wait_for_count(|count| count > 0, limit).await
    }

    /// Waits until the tray is empty.
    ///
    /// # Errors
    /// When an item is still there after `limit`.
    pub async fn wait_for_none(&self, limit: Duration) -> Result<()> {
        self.wait_for_count(|count| count == 0, limit).await
    }

    async fn wait_for_count(&self, wanted: impl Fn(usize) -> bool, limit: Duration) -> Result<()> {
        let mut changes = self.shelf.changed.subscribe();
        let wait = async {
            while !wanted(self.count()) {
                changes.changed().await.context("the tray host is gone")?;
            }
            Ok(())
        };
        match tokio::time::timeout(limit, wait).await {
            Ok(done) => done,
            Err(_) => bail!("the tray holds {} items after {limit:?}", self.count()),
        }
    }

    fn newest(&self) -> Result<Item> {
        self.shelf
            .items()
            .last()
            .cloned()
            .context("nothing is in the tray")
    }

    async fn item(&self) -> Result<Proxy<'static>> {
        let item = self.newest()?;
        self.proxy(item.owner, item.path, "org.kde.StatusNotifierItem")
            .await
    }

    async fn proxy(
        &self,
        owner: String,
        path: String,
        interface: &'static str,
    ) -> Result<Proxy<'static>> {
        let proxy: Proxy<'static> = zbus::proxy::Builder::new(&self.bus)
            .destination(owner)?
            .path(path)?
            .interface(interface)?
            // Items announce changes by their own signals, not by PropertiesChanged.
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        Ok(proxy)
    }

    async fn menu_proxy(&self) -> Result<Proxy<'static>> {
        let owner = self.newest()?.owner;
        let path: OwnedObjectPath = self.item().await?.get_property("Menu").await?;
        self.proxy(owner, path.to_string(), "com.canonical.dbusmenu")
            .await
    }

    /// The menu of the newest item, submenus after the line that opens them.
    ///
    /// # Errors
    /// When nothing is in the tray or its menu does not answer.
    pub async fn menu(&self) -> Result<Vec<MenuEntry>> {
        let menu = self.menu_proxy().await?;
        let reply = menu
            .call_method("GetLayout", &(0i32, -1i32, Vec::<&str>::new()))
            .await?;
        let body = reply.body();
        type Layout<'v> = (u32, (i32, HashMap<String, Value<'v>>, Vec<Value<'v>>));
        let (_, (_, _, children)): Layout<'_> =
            body.deserialize().context("the layout of the tray menu")?;
        let mut entries = Vec::new();
        for child in &children {
            collect(child, 0, &mut entries)?;
        }
        Ok(entries)
    }

    /// The visible texts of the menu, without separators.
    ///
    /// # Errors
    /// As [`TrayHost::menu`].
    pub async fn labels(&self) -> Result<Vec<String>> {
        let menu = self.menu().await?;
        Ok(menu
            .into_iter()
            .filter(|entry| entry.visible && !entry.separator)
            .map(|entry| entry.label)
            .collect())
    }

    /// Waits until the menu satisfies `wanted` and gives it.
    ///
    /// # Errors
    /// When it does not within `limit`; the error shows the menu as it is.
    pub async fn wait_for_menu(
        &self,
        wanted: impl Fn(&[MenuEntry]) -> bool,
        limit: Duration,
    ) -> Result<Vec<MenuEntry>> {
        let found = until("the tray menu", limit, || async {
            self.menu().await.ok().filter(|menu| wanted(menu))
        })
        .await;
        match found {
            Ok(menu) => Ok(menu),
            Err(error) => Err(error.context(format!("the menu is {:?}", self.menu().await))),
        }
    }

    /// Clicks the line with this text.
    ///
    /// # Errors
    /// When there is none, or it is disabled.
    pub async fn click(&self, label: &str) -> Result<()> {
        let entries = self.menu().await?;
        let entry = entries
            .iter()
            .find(|entry| entry.visible && entry.label == label)
            .with_context(|| format!("no line {label:?} in the tray menu {entries:?}"))?;
        if !entry.enabled {
            bail!("the line {label:?} of the tray menu is disabled");
        }
        let menu = self.menu_proxy().await?;
        menu.call_method("Event", &(entry.id, "clicked", Value::from(0i32), 0u32))
            .await?;
        Ok(())
    }

    /// What the newest item shows.
    ///
    /// # Errors
    /// When nothing is in the tray or it does not answer.
    pub async fn icon(&self) -> Result<TrayIcon> {
        let item = self.item().await?;
        let name: String = item.get_property("IconName").await.unwrap_or_default();
        let theme_path: String = item.get_property("IconThemePath").await.unwrap_or_default();
        let file = icon_file(&name, &theme_path)
            .and_then(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes)));
        Ok(TrayIcon {
            file,
            pixmaps: item.get_property("IconPixmap").await.unwrap_or_default(),
            status: item.get_property("Status").await.unwrap_or_default(),
            name,
            theme_path,
        })
    }

    /// Waits until the icon satisfies `wanted` and gives it.
    ///
    /// # Errors
    /// When it does not within `limit`.
    pub async fn wait_for_icon(
        &self,
        wanted: impl Fn(&TrayIcon) -> bool,
        limit: Duration,
    ) -> Result<TrayIcon> {
        let found = until("the tray icon", limit, || async {
            self.icon().await.ok().filter(|icon| wanted(icon))
        })
        .await;
        match found {
            Ok(icon) => Ok(icon),
            Err(error) => {
                let now = self
                    .icon()
                    .await
                    .map(|icon| (icon.name, icon.theme_path, icon.status));
                Err(error.context(format!("the icon is {now:?}")))
            }
        }
    }
}

impl Drop for TrayHost {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// The file an icon name leads to: a path is itself, a name is looked up in the item's own folder.
fn icon_file(name: &str, theme_path: &str) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    let direct = Path::new(name);
    if direct.is_absolute() && direct.is_file() {
        return Some(direct.to_owned());
    }
    [
        name.to_owned(),
        format!("{name}.png"),
        format!("{name}.svg"),
    ]
    .iter()
    .map(|file| Path::new(theme_path).join(file))
    .find(|path| path.is_file())
}

/// Reads one layout node `(ia{sv}av)` and what is below it.
fn collect(node: &Value<'_>, depth: usize, entries: &mut Vec<MenuEntry>) -> Result<()> {
    let node = match node {
        Value::Value(inner) => inner,
        other => other,
    };
    let Value::Structure(node) = node else {
        bail!("a menu node is not a structure")
    };
    let [
        Value::I32(id),
        Value::Dict(properties),
        Value::Array(children),
    ] = node.fields()
    else {
        bail!("a menu node is not (ia{{sv}}av)");
    };
    let properties: HashMap<String, Value<'_>> = properties.try_clone()?.try_into()?;
    let text = |name: &str| match properties.get(name) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    let yes = |name: &str| !matches!(properties.get(name), Some(Value::Bool(false)));
    entries.push(MenuEntry {
        id: *id,
        label: without_mnemonic(&text("label")),
        enabled: yes("enabled"),
        visible: yes("visible"),
        separator: text("type") == "separator",
        checked: (!text("toggle-type").is_empty())
            .then(|| matches!(properties.get("toggle-state"), Some(Value::I32(1)))),
        depth,
    });
    for child in children.iter() {
        collect(child, depth + 1, entries)?;
    }
    Ok(())
}

/// `_Quit` is shown as "Quit" and `a__b` as "a_b".
fn without_mnemonic(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    let mut characters = label.chars();
    while let Some(character) = characters.next() {
        if character == '_' {
            text.extend(characters.next());
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mnemonics_are_not_shown() {
        for (label, shown) in [("_Quit", "Quit"), ("Sync now", "Sync now"), ("a__b", "a_b")] {
            assert_eq!(without_mnemonic(label), shown);
        }
    }
}
