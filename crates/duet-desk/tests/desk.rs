//! The desk tests itself: each part answers a real client, so that a test above it that fails does
//! not fail because of the desk.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use duet_desk::{CloseReason, Desk, Keyring, Launch, Options, Window, until};
use futures_util::StreamExt;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, StructureBuilder, Value};
use zbus::{Connection, Proxy, interface};

const LIMIT: Duration = Duration::from_secs(20);

async fn client_of(desk: &Desk) -> Result<Connection> {
    let address = variable(desk, "DBUS_SESSION_BUS_ADDRESS").context("no bus address")?;
    Ok(zbus::connection::Builder::address(address.as_str())?
        .build()
        .await?)
}

fn variable(desk: &Desk, name: &str) -> Option<String> {
    desk.env()
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.clone())
}

fn bare() -> Options {
    Options {
        keyring: Keyring::None,
        notifications: false,
        tray_host: false,
        ..Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_stored_found_and_hidden_by_the_lock() -> Result<()> {
    let mut desk = Desk::start(Options::default()).await?;
    desk.secret_store("Desk test", &[("kind", "test"), ("who", "ana")], b"s3cret")
        .await?;
    desk.secret_store("Other", &[("kind", "other")], b"else")
        .await?;

    let found = desk.secret_search(&[("kind", "test")]).await?;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].label, "Desk test");
    assert_eq!(
        found[0].attributes.get("who").map(String::as_str),
        Some("ana")
    );
    assert_eq!(found[0].value.as_deref(), Some(b"s3cret".as_slice()));
    assert_eq!(
        desk.secret_search(&[]).await?.len(),
        2,
        "no attributes means everything"
    );

    desk.lock_keyring().await?;
    let locked = desk.secret_search(&[("kind", "test")]).await?;
    assert!(
        locked.iter().all(|secret| secret.value.is_none()),
        "{locked:?}"
    );
    let refused = desk.secret_store("Late", &[("kind", "late")], b"x").await;
    assert!(refused.is_err(), "a locked keyring takes nothing");

    desk.kill_keyring().await?;
    assert!(
        desk.secret_search(&[]).await.is_err(),
        "there is no keyring any more"
    );
    desk.start_keyring().await?;
    let kept = desk.secret_search(&[("kind", "test")]).await?;
    assert_eq!(
        kept.first().and_then(|secret| secret.value.as_deref()),
        Some(b"s3cret".as_slice())
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_may_have_a_locked_keyring_or_none_or_no_bus() -> Result<()> {
    let locked = Desk::start(Options {
        keyring: Keyring::Locked,
        ..bare()
    })
    .await?;
    assert!(locked.secret_store("x", &[("a", "b")], b"c").await.is_err());
    let without = Desk::start(bare()).await?;
    assert!(without.secret_search(&[]).await.is_err());
    assert!(client_of(&without).await.is_ok());
    let no_bus = Desk::start(Options {
        bus: false,
        ..bare()
    })
    .await?;
    assert!(client_of(&no_bus).await.is_err());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_recorded_answered_and_taken_back() -> Result<()> {
    let desk = Desk::start(Options {
        keyring: Keyring::None,
        ..Options::default()
    })
    .await?;
    let client = client_of(&desk).await?;
    let daemon = Proxy::new(
        &client,
        "org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications",
    )
    .await?;
    let show = async |replaces: u32, summary: &str| -> Result<u32> {
        let hints = HashMap::from([("urgency", Value::from(1u8))]);
        let actions = vec!["go", "Go there"];
        let all = (
            "test", replaces, "icon", summary, "body", actions, hints, -1i32,
        );
        Ok(daemon.call("Notify", &all).await?)
    };
    let mut answers = daemon.receive_signal("ActionInvoked").await?;
    let mut closings = daemon.receive_signal("NotificationClosed").await?;

    let first = show(0, "First").await?;
    let seen = desk
        .notifications()
        .wait_for(|shown| shown.summary == "First", LIMIT)
        .await?;
    assert_eq!((seen.id, seen.body.as_str()), (first, "body"));
    assert_eq!(seen.actions, [("go".to_owned(), "Go there".to_owned())]);
    assert!(seen.hints.contains_key("urgency"));
    assert!(
        desk.notifications()
            .invoke_action(first, "nowhere")
            .await
            .is_err()
    );
    desk.notifications().invoke_action(first, "go").await?;
    let answer: (u32, String) = answers
        .next()
        .await
        .context("no answer came")?
        .body()
        .deserialize()?;
    assert_eq!(answer, (first, "go".to_owned()));
    let closing: (u32, u32) = closings
        .next()
        .await
        .context("no closing came")?
        .body()
        .deserialize()?;
    assert_eq!(closing, (first, 2));

    let second = show(0, "Second").await?;
    assert_eq!(show(second, "Second, again").await?, second);
    assert_eq!(desk.notifications().open().len(), 1);
    daemon.call_method("CloseNotification", &(second,)).await?;
    let withdrawn = desk
        .notifications()
        .wait_for(|shown| shown.id == second, LIMIT)
        .await?;
    assert_eq!(
        (withdrawn.shown, withdrawn.closed),
        (2, Some(CloseReason::Withdrawn))
    );

    let third = show(0, "Third").await?;
    drop((answers, closings, daemon));
    client.close().await?;
    desk.notifications()
        .wait_for(
            |shown| shown.id == third && shown.closed == Some(CloseReason::SenderGone),
            LIMIT,
        )
        .await?;
    let missing = desk
        .notifications()
        .wait_for(|_| false, Duration::from_millis(50))
        .await;
    assert!(format!("{:?}", missing.expect_err("nothing can match")).contains("Third"));
    Ok(())
}

/// A tray item as libayatana-appindicator makes one, with a menu of four lines.
struct FakeItem {
    icon: Arc<Mutex<String>>,
}

#[interface(name = "org.kde.StatusNotifierItem")]
impl FakeItem {
    #[zbus(property)]
    fn icon_name(&self) -> String {
        self.icon.lock().expect("not poisoned").clone()
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> String {
        String::new()
    }

    #[zbus(property)]
    fn status(&self) -> String {
        "Active".into()
    }

    #[zbus(property)]
    fn menu(&self) -> OwnedObjectPath {
        OwnedObjectPath::try_from("/fake/menu").expect("a path")
    }
}

struct FakeMenu {
    clicked: Arc<AtomicI32>,
    paused: Arc<AtomicBool>,
}

type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn line(id: i32, properties: &[(&str, Value<'static>)], children: Vec<OwnedValue>) -> OwnedValue {
    let properties: HashMap<String, Value<'static>> = properties
        .iter()
        .map(|(name, value)| {
            (
                (*name).to_owned(),
                value.try_clone().expect("no file descriptor"),
            )
        })
        .collect();
    let children: Vec<Value<'static>> = children.into_iter().map(Value::from).collect();
    let node = StructureBuilder::new()
        .add_field(id)
        .add_field(properties)
        .add_field(children)
        .build()
        .expect("three fields");
    OwnedValue::try_from(Value::from(node)).expect("no file descriptor")
}

#[interface(name = "com.canonical.dbusmenu")]
impl FakeMenu {
    fn get_layout(&self, _parent: i32, _depth: i32, _names: Vec<String>) -> (u32, Node) {
        let check = i32::from(self.paused.load(Ordering::SeqCst));
        let inner = line(5, &[("label", Value::from("Inside"))], Vec::new());
        let children = vec![
            line(
                1,
                &[("label", "Nothing".into()), ("enabled", false.into())],
                Vec::new(),
            ),
            line(2, &[("type", "separator".into())], Vec::new()),
            line(3, &[("label", "_Sync now".into())], vec![inner]),
            line(
                4,
                &[
                    ("label", "Pause".into()),
                    ("toggle-type", "checkmark".into()),
                    ("toggle-state", check.into()),
                ],
                Vec::new(),
            ),
        ];
        (1, (0, HashMap::new(), children))
    }

    fn event(&self, id: i32, kind: &str, _data: OwnedValue, _time: u32) {
        if kind == "clicked" {
            self.clicked.store(id, Ordering::SeqCst);
            if id == 4 {
                self.paused.store(true, Ordering::SeqCst);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tray_menu_is_read_and_clicked() -> Result<()> {
    let desk = Desk::start(Options {
        keyring: Keyring::None,
        ..Options::default()
    })
    .await?;
    assert!(
        desk.tray().labels().await.is_err(),
        "nothing is in the tray yet"
    );
    let (clicked, paused) = (
        Arc::new(AtomicI32::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let icon = Arc::new(Mutex::new("idle".to_owned()));
    let client = client_of(&desk).await?;
    let menu = FakeMenu {
        clicked: Arc::clone(&clicked),
        paused: Arc::clone(&paused),
    };
    client.object_server().at("/fake/menu", menu).await?;
    client
        .object_server()
        .at(
            "/fake/item",
            FakeItem {
                icon: Arc::clone(&icon),
            },
        )
        .await?;
    let watcher = Proxy::new(
        &client,
        "org.kde.StatusNotifierWatcher",
        "/StatusNotifierWatcher",
        "org.kde.StatusNotifierWatcher",
    )
    .await?;
    assert!(
        watcher
            .get_property::<bool>("IsStatusNotifierHostRegistered")
            .await?
    );
    watcher
        .call_method("RegisterStatusNotifierItem", &("/fake/item",))
        .await?;
    desk.tray().wait_for_item(LIMIT).await?;

    assert_eq!(
        desk.tray().labels().await?,
        ["Nothing", "Sync now", "Inside", "Pause"]
    );
    let menu = desk.tray().menu().await?;
    assert!(!menu[0].enabled && menu[1].separator && menu[3].depth == 1);
    assert!(
        desk.tray().click("Nothing").await.is_err(),
        "a disabled line takes no click"
    );
    assert!(desk.tray().click("Elsewhere").await.is_err());
    desk.tray().click("Sync now").await?;
    until("the click", LIMIT, || async {
        (clicked.load(Ordering::SeqCst) == 3).then_some(())
    })
    .await?;
    desk.tray().click("Pause").await?;
    desk.tray()
        .wait_for_menu(
            |menu| {
                menu.iter()
                    .any(|entry| entry.label == "Pause" && entry.checked == Some(true))
            },
            LIMIT,
        )
        .await?;

    assert_eq!(desk.tray().icon().await?.name, "idle");
    *icon.lock().expect("not poisoned") = "syncing".to_owned();
    desk.tray()
        .wait_for_icon(|icon| icon.name == "syncing", LIMIT)
        .await?;

    drop(watcher);
    client.close().await?;
    desk.tray().wait_for_none(LIMIT).await?;
    Ok(())
}

/// WebKit's own little browser: a program with a window that is there wherever Duet can be built.
fn mini_browser() -> Result<PathBuf> {
    std::fs::read_dir("/usr/lib")?
        .flatten()
        .map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|file| file.exists())
        .context("no MiniBrowser; it comes in the Debian package libwebkit2gtk-4.1-0")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_driven_and_the_screen_shows_it() -> Result<()> {
    let desk = Desk::start(Options {
        screen: (640, 480),
        dark: true,
        ..bare()
    })
    .await?;
    assert_eq!(
        desk.picture().await?.colors(),
        1,
        "an empty screen is blank"
    );
    let launch = Launch {
        program: mini_browser()?,
        args: vec!["--automation".into()],
        env: Vec::new(),
    };
    let window = Window::open(&desk, &launch).await?;
    let page = "data:text/html,<title>t</title><body><p id=p>before</p><input id=i><input id=d \
                type=date><button id=b onclick='p.textContent=i.value+d.value+event.isTrusted'>go\
                </button>";
    window.driver().goto(page).await?;
    window.type_into("#i", "first").await?;
    window.type_into("#i", "typed ").await?;
    window.set_value("#d", "2026-11-22").await?;
    window.click("#b").await?;
    window
        .wait_js(
            "the click",
            "return p.textContent !== 'before'",
            Vec::new(),
            LIMIT,
        )
        .await?;
    assert_eq!(window.texts("#p").await?, ["typed 2026-11-22true"]);
    assert_eq!(
        window.attributes("input", "type").await?,
        [None, Some("date".into())]
    );
    assert_eq!(window.count("input").await?, 2);
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(window.js(dark, Vec::new()).await?, true);
    let vain = window
        .wait_for("#nothing", Duration::from_millis(100))
        .await;
    assert!(format!("{:?}", vain.expect_err("nothing is there")).contains("typed 2026"));

    let still = Duration::from_millis(200);
    let picture = desk.wait_for_still_picture(8, still, LIMIT).await?;
    assert_eq!((picture.width, picture.height), (640, 480));
    let file = desk.folder().join("screen.png");
    desk.screenshot(&file).await?;
    let mut reader =
        png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file)?)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("a size")?];
    reader.next_frame(&mut pixels)?;
    assert_eq!(reader.info().size(), (640, 480));
    assert_eq!(
        pixels,
        desk.picture().await?.rgb,
        "the file is what the screen shows"
    );

    let shown = desk
        .windows()?
        .into_iter()
        .find(|top| top.shown)
        .context("no top-level window")?;
    assert!(shown.size.0 > 100, "{shown:?}");
    desk.unfocus()?;
    assert!(!desk.windows()?.iter().any(|top| top.focused));
    desk.close_window(shown.id)?;
    until("the window's end", LIMIT, || async {
        desk.windows()
            .ok()?
            .iter()
            .all(|top| top.id != shown.id)
            .then_some(())
    })
    .await?;
    window.close().await?;
    until("the browser's end", LIMIT, || async {
        desk.processes()
            .iter()
            .all(|process| !process.title().contains("WebKit"))
            .then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_live_in_the_desk_and_die_with_it() -> Result<()> {
    let desk = Desk::start(bare()).await?;
    desk.install_script(
        "greet",
        "#!/bin/sh\nprintf '%s' \"$DISPLAY$SECRET_OF_THE_MACHINE\"\n",
    )?;
    let output = desk.command(desk.bin().join("greet")).output().await?;
    assert_eq!(
        String::from_utf8(output.stdout)?,
        variable(&desk, "DISPLAY").context("DISPLAY")?
    );

    let opened = desk.browser().opened().len();
    desk.command(desk.bin().join("xdg-open"))
        .arg("https://example.com/?a=b&c=%20")
        .status()
        .await?;
    let url = desk.browser().wait_for_more_than(opened, LIMIT).await?;
    assert_eq!(url, "https://example.com/?a=b&c=%20");

    // A grandchild in a session of its own: no process group reaches it.
    let mut shell = desk.command("setsid");
    shell.args(["-f", "sleep", "1000"]);
    shell.status().await?;
    let sleeper = until("the sleeper", LIMIT, || async {
        desk.processes()
            .into_iter()
            .find(|process| process.title().contains("sleep 1000"))
    })
    .await?;
    let folder = desk.folder().to_owned();
    assert!(folder.exists());
    drop(desk);
    assert!(
        !std::path::Path::new(&format!("/proc/{}/environ", sleeper.pid)).exists() || {
            // Killed but not yet reaped: a zombie has no environment.
            std::fs::read(format!("/proc/{}/environ", sleeper.pid))
                .unwrap_or_default()
                .is_empty()
        }
    );
    assert!(!folder.exists(), "the desk's folder stays behind");
    Ok(())
}
