//! A notification daemon that remembers what was shown and answers as a person would.
//!
//! It follows GNOME where daemons differ: a notification goes away when its sender leaves the bus,
//! and after an action it closes unless it is resident. A program that is right here is right there.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, fdo, interface};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Why a notification is no longer shown, with the numbers of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// 1: its time ran out.
    Expired,
    /// 2: a person dismissed it, or chose an action.
    Dismissed,
    /// 3: the program took it back with `CloseNotification`.
    Withdrawn,
    /// The program left the bus, and GNOME then removes what it showed.
    SenderGone,
}

impl CloseReason {
    fn number(self) -> u32 {
        match self {
            Self::Expired => 1,
            Self::Dismissed => 2,
            Self::Withdrawn => 3,
            Self::SenderGone => 4,
        }
    }
}

/// One notification as it was asked for, and what became of it.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The number given back to the program.
    pub id: u32,
    /// The program's name for itself.
    pub app_name: String,
    /// The icon's name or path.
    pub icon: String,
    /// The title line.
    pub summary: String,
    /// The text below it.
    pub body: String,
    /// Key and label of every action.
    pub actions: Vec<(String, String)>,
    /// The hints, written out.
    pub hints: BTreeMap<String, String>,
    /// Milliseconds; -1 leaves it to the daemon, 0 is for ever.
    pub expire_timeout: i32,
    /// How many times this id was shown: more than one when it was replaced in place.
    pub shown: u32,
    /// `None` while it is on the screen.
    pub closed: Option<CloseReason>,
    sender: String,
}

#[derive(Debug)]
struct Board {
    list: Mutex<Vec<Notification>>,
    changed: watch::Sender<()>,
}

impl Board {
    fn list(&self) -> MutexGuard<'_, Vec<Notification>> {
        // A test that panicked while it held the lock did not break the list.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks an open notification as closed; false when there is no such one.
    fn close(&self, id: u32, reason: CloseReason) -> bool {
        let closed = self
            .list()
            .iter_mut()
            .find(|shown| shown.id == id && shown.closed.is_none())
            .map(|shown| shown.closed = Some(reason))
            .is_some();
        if closed {
            self.changed.send_replace(());
        }
        closed
    }
}

struct Service {
    board: Arc<Board>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(
        clippy::too_many_arguments,
        clippy::needless_pass_by_value,
        reason = "the signature is the specification's"
    )]
    fn notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        app_name: String,
        replaces_id: u32,
        app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
    ) -> u32 {
        let mut list = self.board.list();
        let replaced = list
            .iter()
            .position(|shown| shown.id == replaces_id && replaces_id != 0);
        let id = if replaced.is_some() {
            replaces_id
        } else {
            list.len() as u32 + 1
        };
        let shown = replaced.map_or(1, |at| list[at].shown + 1);
        let notification = Notification {
            id,
            app_name,
            icon: app_icon,
            summary,
            body,
            actions: actions
                .chunks_exact(2)
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
            hints: hints
                .into_iter()
                .map(|(name, value)| (name, format!("{value:?}")))
                .collect(),
            expire_timeout,
            shown,
            closed: None,
            sender: header.sender().map(ToString::to_string).unwrap_or_default(),
        };
        match replaced {
            Some(at) => list[at] = notification,
            None => list.push(notification),
        }
        drop(list);
        self.board.changed.send_replace(());
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        if self.board.close(id, CloseReason::Withdrawn) {
            Self::notification_closed(&emitter, id, CloseReason::Withdrawn.number()).await?;
        }
        Ok(())
    }

    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "icon-static", "persistence"]
            .map(str::to_owned)
            .to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let words = ["duet-desk", "Duet", env!("CARGO_PKG_VERSION"), "1.2"].map(str::to_owned);
        words.into()
    }

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(
        emitter: &SignalEmitter<'_>,
        id: u32,
        action_key: &str,
    ) -> zbus::Result<()>;
}

/// The daemon of one desk: what it showed, and the hand that clicks on it.
#[derive(Debug)]
pub struct NotificationDaemon {
    board: Arc<Board>,
    bus: Connection,
    watch: tokio::task::JoinHandle<()>,
}

impl NotificationDaemon {
    pub(crate) async fn start(address: &str) -> Result<Self> {
        let board = Arc::new(Board {
            list: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        let bus = zbus::connection::Builder::address(address)?
            .serve_at(
                PATH,
                Service {
                    board: Arc::clone(&board),
                },
            )?
            .name(NAME)?
            .build()
            .await
            .context("serving notifications on the desk's bus")?;
        let dbus = fdo::DBusProxy::new(&bus).await?;
        let mut owners = dbus.receive_name_owner_changed().await?;
        let (of_task, bus_of_task) = (Arc::clone(&board), bus.clone());
        let watch = tokio::spawn(async move {
            while let Some(signal) = owners.next().await {
                let Ok(change) = signal.args() else { continue };
                if change.new_owner.is_some() {
                    continue;
                }
                let gone: Vec<u32> = of_task
                    .list()
                    .iter()
                    .filter(|shown| shown.closed.is_none() && shown.sender == change.name.as_str())
                    .map(|shown| shown.id)
                    .collect();
                for id in gone {
                    of_task.close(id, CloseReason::SenderGone);
                    if let Ok(emitter) = SignalEmitter::new(&bus_of_task, PATH) {
                        // Nobody may be listening any more; that is no error here.
                        let _ = Service::notification_closed(
                            &emitter,
                            id,
                            CloseReason::SenderGone.number(),
                        )
                        .await;
                    }
                }
            }
        });
        Ok(Self { board, bus, watch })
    }

    /// Everything that was ever shown, in order, closed ones too.
    pub fn all(&self) -> Vec<Notification> {
        self.board.list().clone()
    }

    /// What is on the screen now.
    pub fn open(&self) -> Vec<Notification> {
        self.board
            .list()
            .iter()
            .filter(|shown| shown.closed.is_none())
            .cloned()
            .collect()
    }

    /// Waits for the first notification, open or closed, that `wanted` accepts.
    ///
    /// # Errors
    /// When there is none within `limit`; the error lists what was shown instead.
    pub async fn wait_for(
        &self,
        wanted: impl Fn(&Notification) -> bool,
        limit: Duration,
    ) -> Result<Notification> {
        let mut changes = self.board.changed.subscribe();
        let search = async {
            loop {
                if let Some(found) = self
                    .board
                    .list()
                    .iter()
                    .find(|shown| wanted(shown))
                    .cloned()
                {
                    return Ok(found);
                }
                changes
                    .changed()
                    .await
                    .context("the notification daemon is gone")?;
            }
        };
        match tokio::time::timeout(limit, search).await {
            Ok(found) => found,
            Err(_) => bail!(
                "no such notification within {limit:?}; shown were: {:#?}",
                self.all()
            ),
        }
    }

    /// Chooses an action, as a click on its button does, and closes the notification.
    ///
    /// # Errors
    /// When the notification is not on the screen or has no such action.
    pub async fn invoke_action(&self, id: u32, key: &str) -> Result<()> {
        let notification = self
            .open()
            .into_iter()
            .find(|shown| shown.id == id)
            .with_context(|| format!("notification {id} is not on the screen"))?;
        if !notification.actions.iter().any(|(action, _)| action == key) {
            bail!(
                "notification {id} has no action {key}, only {:?}",
                notification.actions
            );
        }
        let emitter = self.emitter()?;
        if notification.hints.contains_key("resident") {
            return Ok(Service::action_invoked(&emitter, id, key).await?);
        }
        // Taken down before the program hears of it: one that leaves the bus at once with its answer
        // would otherwise be seen to leave first.
        let reason = CloseReason::Dismissed;
        if !self.board.close(id, reason) {
            bail!("notification {id} is not on the screen");
        }
        Service::action_invoked(&emitter, id, key).await?;
        Ok(Service::notification_closed(&emitter, id, reason.number()).await?)
    }

    /// Dismisses a notification without an answer.
    ///
    /// # Errors
    /// When it is not on the screen.
    pub async fn close(&self, id: u32) -> Result<()> {
        self.dismiss_as(id, CloseReason::Dismissed).await
    }

    /// Lets a notification's time run out.
    ///
    /// # Errors
    /// When it is not on the screen.
    pub async fn expire(&self, id: u32) -> Result<()> {
        self.dismiss_as(id, CloseReason::Expired).await
    }

    async fn dismiss_as(&self, id: u32, reason: CloseReason) -> Result<()> {
        if !self.board.close(id, reason) {
            bail!("notification {id} is not on the screen");
        }
        Ok(Service::notification_closed(&self.emitter()?, id, reason.number()).await?)
    }

    fn emitter(&self) -> Result<SignalEmitter<'_>> {
        Ok(SignalEmitter::new(&self.bus, PATH)?)
    }
}

impl Drop for NotificationDaemon {
    fn drop(&mut self) {
        self.watch.abort();
    }
}
