//! Connecting an account: from the click, over the system browser, to a stored account.
//!
//! A flow waits for its return in one of three ways, all of which end in [`App::callback`]: the
//! loopback listener, a deep link that reaches this process, or a deep link that reaches another
//! Duet process and is handed over ([`handoff`]). A callback is untrusted until the one pending
//! flow that it names has been taken, and taking a flow consumes it before any request leaves.

mod finish;
pub mod handoff;

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use duet_google::auth::{
    Callback, CallbackRefused, FLOW_TTL, FlowId, FlowRequest, PendingFlow, PendingFlows, begin,
    flow_id_of, loopback, parse_callback,
};
use duet_google::{Config, Redirect};
use duet_model::account::Tier;
use duet_sync::host::VaultError;
use duet_wire::connect::ConnectView;
use duet_wire::{ErrorCode, Push, WireError};
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::words;

/// Where a deep-link flow is kept over a restart of Duet: in the vault, beside the tokens, because
/// it holds the verifier.
const KEPT_FLOW: &str = "pending-sign-in";

/// The flows that wait, and what the window shows of them.
pub(crate) struct SignIn {
    pending: Mutex<PendingFlows>,
    view: watch::Sender<ConnectView>,
    /// Ends the waiting of the current flow.
    waiting: Mutex<Option<(FlowId, CancellationToken)>>,
    /// The flows that were answered in this run, held while an answer looks for its flow: the kept
    /// copy of a flow outlives the flow for a moment, and for longer where the vault closes.
    answered: tokio::sync::Mutex<Vec<FlowId>>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            pending: Mutex::default(),
            view: watch::Sender::new(ConnectView::Idle),
            waiting: Mutex::default(),
            answered: tokio::sync::Mutex::default(),
        }
    }
}

/// What a person wants when connecting.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// How much to ask for.
    pub tier: Tier,
    /// The account to reconnect, or whose permissions are to change.
    pub account: Option<String>,
    /// The built-in demo account instead of Google.
    pub demo: bool,
    /// Do not open a browser: the person does it by hand.
    pub no_browser: bool,
}

impl SignIn {
    pub(crate) fn view(&self) -> ConnectView {
        self.view.borrow().clone()
    }
}

impl App {
    /// Opens the consent page and waits for the return in the background. The window follows by
    /// [`Push::Connect`].
    ///
    /// # Errors
    /// [`ErrorCode::Keychain`] when there is no place for the tokens, [`ErrorCode::NoClient`] when
    /// there is no OAuth client, [`ErrorCode::NotFound`] for an account that is not connected: all
    /// before the browser opens.
    pub async fn connect(&self, wish: Wish) -> Result<(), WireError> {
        self.check_keychain().await?;
        let config = self.config_for(&wish).await?;
        let waits = Waits::for_config(&config).await?;
        let request = FlowRequest {
            tier: wish.tier,
            login_hint: wish.account.clone(),
            add_account: wish.account.is_none() && !self.accounts().await?.is_empty(),
            redirect_uri: waits.redirect_uri(&config),
        };
        let now = self.inner.host.now();
        let (url, flow) = begin(&config, request, now, &self.inner.host.entropy());
        let id = flow.id.clone();
        let stop = self.waiting_for(&id);
        if matches!(config.redirect, Redirect::DeepLink { .. }) {
            self.keep(&flow).await;
        }
        lock(&self.inner.signin.pending).insert(flow);
        self.show(ConnectView::Waiting {
            tier: wish.tier,
            reconnect: wish.account.clone(),
            url: url.to_string(),
            expires_at: now + FLOW_TTL,
        });
        self.spawn_waiting(waits, id, stop);
        if wish.demo {
            let returned = self.inner.host.demo_consent(url.as_str()).await;
            let returned = returned.map_err(|failure| self.sign_in_failed(failure.message))?;
            self.callback(&returned).await;
        } else if !wish.no_browser
            && let Err(why) = self.inner.host.open_url(url.as_str())
        {
            // The page can still be opened by hand: the window offers the link.
            tracing::warn!(why, "no browser could be opened");
        }
        Ok(())
    }

    /// Waits until the flow that was started last has ended.
    ///
    /// # Errors
    /// The sentence that the flow failed with.
    pub async fn connected(&self) -> Result<String, WireError> {
        let mut view = self.inner.signin.view.subscribe();
        loop {
            match view.borrow_and_update().clone() {
                ConnectView::Done { email } => return Ok(email),
                ConnectView::Failed { message } => {
                    return Err(WireError::new(ErrorCode::Failed, message));
                }
                ConnectView::Idle => {
                    return Err(WireError::new(
                        ErrorCode::Failed,
                        "The sign-in was given up.",
                    ));
                }
                ConnectView::Waiting { .. } | ConnectView::Finishing => {}
            }
            if view.changed().await.is_err() {
                return Err(WireError::new(
                    ErrorCode::Failed,
                    "The sign-in was given up.",
                ));
            }
        }
    }

    /// What is missing of a permission that was asked for, what works without it and how to get it, as
    /// sentences; `None` where the account has it.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is not connected; otherwise when the database cannot be read.
    pub async fn fell_short(&self, email: &str, asked: Tier) -> Result<Option<String>, WireError> {
        let account = self.account(email).await?;
        let short = account.tier < asked;
        Ok(short.then(|| words::lesser(&account.email, asked, account.tier)))
    }

    /// The consent page of the flow that waits, if one does.
    pub fn consent_page(&self) -> Option<String> {
        match self.inner.signin.view() {
            ConnectView::Waiting { url, .. } => Some(url),
            _ => None,
        }
    }

    /// Opens the consent page of the waiting flow once more.
    pub(crate) fn open_again(&self) -> Result<(), WireError> {
        let url = self.consent_page().ok_or_else(|| {
            WireError::new(
                ErrorCode::NotFound,
                "No sign-in is waiting; start it again.",
            )
        })?;
        self.inner.host.open_url(&url).map_err(words::failed)
    }

    /// Reconnects an account, as the notification's button does; what goes wrong shows in the
    /// window.
    pub async fn reconnect(&self, email: &str) {
        let Ok(account) = self.account(email).await else {
            return;
        };
        let wish = Wish {
            tier: account.tier,
            account: Some(account.email),
            ..Wish::default()
        };
        if let Err(error) = self.connect(wish).await {
            self.show(ConnectView::Failed {
                message: error.message,
            });
        }
    }

    /// Gives the waiting flow up, or clears the result of the last one.
    pub async fn connect_cancel(&self) {
        if let Some((id, stop)) = lock(&self.inner.signin.waiting).take() {
            stop.cancel();
            lock(&self.inner.signin.pending).remove(&id);
        }
        self.forget_kept().await;
        self.show(ConnectView::Idle);
    }

    /// A returned address, from wherever it came. Untrusted: whatever is not the one right answer
    /// to a pending flow ends here without a request.
    pub async fn callback(&self, url: &str) -> bool {
        let Some(config) = self.callback_config(url).await else {
            return false;
        };
        let callback = match parse_callback(url, &config) {
            Ok(callback) => callback,
            Err(why) => {
                tracing::warn!(%why, "a returned address was refused");
                return false;
            }
        };
        match self.take(&callback, url).await {
            Ok(flow) => {
                self.stop_waiting(&flow.id);
                self.forget_kept().await;
                self.finish(&config, flow, callback).await;
                true
            }
            Err(CallbackRefused::Unknown) => {
                tracing::warn!("a returned address belongs to no sign-in");
                self.nobody_waits();
                false
            }
            Err(why) => {
                self.show(ConnectView::Failed {
                    message: words::sentence(&why.to_string()),
                });
                false
            }
        }
    }

    /// The flow that an answer names, once.
    async fn take(&self, callback: &Callback, url: &str) -> Result<PendingFlow, CallbackRefused> {
        let now = self.inner.host.now();
        let mut answered = self.inner.signin.answered.lock().await;
        let taken = lock(&self.inner.signin.pending).take(callback, now);
        let flow = match taken {
            Err(CallbackRefused::Unknown) => {
                if flow_id_of(url).is_some_and(|id| answered.contains(&id)) {
                    return Err(CallbackRefused::Unknown);
                }
                self.take_kept(callback, now).await?
            }
            other => other?,
        };
        answered.push(flow.id.clone());
        Ok(flow)
    }

    /// A stray answer must not disturb a flow that waits; where nothing happens at all (a cold
    /// start by an old link), the window says why.
    fn nobody_waits(&self) {
        if self.inner.signin.view() == ConnectView::Idle {
            self.show(ConnectView::Failed {
                message: "That sign-in was already used, took too long, or was not started by \
                          this Duet. Nothing was changed; start it again."
                    .to_owned(),
            });
        }
    }

    async fn config_for(&self, wish: &Wish) -> Result<Config, WireError> {
        let demo = wish.demo || self.is_demo(wish.account.as_deref()).await?;
        if demo {
            return self
                .inner
                .host
                .demo()
                .await
                .map_err(|failure| WireError::new(ErrorCode::Failed, failure.message));
        }
        match &self.inner.config {
            Ok(Some(config)) => Ok(config.clone()),
            Ok(None) => Err(WireError::new(ErrorCode::NoClient, words::NO_CLIENT)),
            Err(why) => Err(WireError::new(ErrorCode::NoClient, why.clone())),
        }
    }

    async fn is_demo(&self, account: Option<&str>) -> Result<bool, WireError> {
        let Some(email) = account else {
            return Ok(false);
        };
        Ok(self.account(email).await?.demo)
    }

    /// Which client a returned address can belong to: the demo's listener and Google's differ.
    async fn callback_config(&self, url: &str) -> Option<Config> {
        let google = self.inner.config.as_ref().ok().and_then(Option::as_ref);
        if let Some(config) = google.filter(|config| parse_callback(url, config).is_ok()) {
            return Some(config.clone());
        }
        match self.inner.host.demo_running().await {
            Some(config) if parse_callback(url, &config).is_ok() => Some(config),
            _ => google.cloned(),
        }
    }

    fn waiting_for(&self, id: &FlowId) -> CancellationToken {
        let stop = self.inner.cancel.child_token();
        let before = lock(&self.inner.signin.waiting).replace((id.clone(), stop.clone()));
        if let Some((old, cancel)) = before {
            cancel.cancel();
            lock(&self.inner.signin.pending).remove(&old);
        }
        stop
    }

    fn stop_waiting(&self, id: &FlowId) {
        let mut waiting = lock(&self.inner.signin.waiting);
        if waiting.as_ref().is_some_and(|(current, _)| current == id)
            && let Some((_, stop)) = waiting.take()
        {
            stop.cancel();
        }
    }

    fn spawn_waiting(&self, waits: Waits, id: FlowId, stop: CancellationToken) {
        let app = self.clone();
        let tasks = self.inner.tasks.clone();
        tasks.spawn(async move {
            let patience = FLOW_TTL.to_std().unwrap_or_default();
            let data_dir = app.inner.data_dir.clone();
            let returned = async {
                match waits.returned(&data_dir, &id).await {
                    Ok(url) => url,
                    Err(error) => {
                        // The end of the wait is told below, and a deep link may still come by
                        // the window's own way.
                        tracing::warn!(%error, "the return could not be waited for");
                        std::future::pending().await
                    }
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                url = returned => {
                    // The answer is handled by a task of its own, because taking the flow ends
                    // this one.
                    let app = app.clone();
                    app.inner.tasks.clone().spawn(async move { app.callback(&url).await });
                }
                () = tokio::time::sleep(patience) => {
                    lock(&app.inner.signin.pending).remove(&id);
                    app.forget_kept().await;
                    if !stop.is_cancelled() {
                        app.show(ConnectView::Failed {
                            message: "Nobody came back from the browser within ten minutes. \
                                      Nothing was changed; start again when you like."
                                .to_owned(),
                        });
                    }
                }
            }
        });
    }

    async fn keep(&self, flow: &PendingFlow) {
        // Only a convenience over restarts: without it the flow still works while Duet runs.
        let bytes = SecretSlice::from(flow.to_sealed_bytes().to_vec());
        if let Err(why) = self.inner.vault.set(KEPT_FLOW, bytes).await {
            tracing::warn!(%why, "the pending sign-in is not kept over a restart");
        }
    }

    async fn forget_kept(&self) {
        if let Err(why) = self.inner.vault.delete(KEPT_FLOW).await {
            tracing::debug!(%why, "no pending sign-in to forget");
        }
    }

    async fn take_kept(
        &self,
        callback: &Callback,
        now: DateTime<Utc>,
    ) -> Result<PendingFlow, CallbackRefused> {
        let bytes = match self.inner.vault.get(KEPT_FLOW).await {
            Ok(bytes) => bytes,
            Err(VaultError::Missing) => return Err(CallbackRefused::Unknown),
            Err(error) => {
                // A start by the link itself, while the keychain is closed: say what is the matter.
                if self.inner.signin.view() == ConnectView::Idle {
                    self.show(ConnectView::Failed {
                        message: words::not_kept(&error),
                    });
                }
                return Err(CallbackRefused::Unknown);
            }
        };
        let flow = PendingFlow::from_sealed_bytes(bytes.expose_secret())
            .map_err(|_| CallbackRefused::Unknown)?;
        let mut kept = PendingFlows::default();
        kept.insert(flow);
        kept.take(callback, now)
    }

    pub(crate) fn show(&self, view: ConnectView) {
        self.inner.signin.view.send_replace(view.clone());
        self.inner.host.push(Push::Connect { connect: view });
    }

    fn sign_in_failed(&self, message: String) -> WireError {
        self.show(ConnectView::Failed {
            message: message.clone(),
        });
        WireError::new(ErrorCode::Failed, message)
    }
}

/// How a flow waits for its return.
enum Waits {
    Loopback(loopback::Listener),
    DeepLink,
}

impl Waits {
    async fn for_config(config: &Config) -> Result<Self, WireError> {
        match &config.redirect {
            Redirect::DeepLink { .. } => Ok(Self::DeepLink),
            Redirect::Loopback { port } => loopback::Listener::bind(*port)
                .await
                .map(Self::Loopback)
                .map_err(|error| {
                    words::failed(format!(
                        "{} If GOOGLE_REDIRECT_URI names a port, another program may hold it; \
                         leave the port out and any free one is taken.",
                        words::sentence(&error.to_string())
                    ))
                }),
        }
    }

    fn redirect_uri(&self, config: &Config) -> String {
        match (self, &config.redirect) {
            (Self::Loopback(listener), _) => listener.redirect_uri(),
            (Self::DeepLink, Redirect::DeepLink { uri }) => uri.clone(),
            (Self::DeepLink, Redirect::Loopback { .. }) => String::new(),
        }
    }

    /// The address that answers this flow. Whatever else arrives is told no and waited past.
    async fn returned(self, data_dir: &std::path::Path, id: &FlowId) -> Result<String, String> {
        match self {
            Self::Loopback(listener) => listener
                .receive(|url| (flow_id_of(url).as_ref() == Some(id)).then(|| url.to_owned()))
                .await
                .map_err(|error| error.to_string()),
            Self::DeepLink => handoff::receive(data_dir, id)
                .await
                .map_err(|error| error.to_string()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
