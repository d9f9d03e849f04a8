//! `duet doctor`: looks at everything that can be wrong, and says it in words that can be pasted
//! anywhere: addresses are masked, and nothing secret is ever read out.

mod events;

use duet_google::{Config, Redirect};
use duet_model::account::{Account, AccountState};
use duet_model::zones::ZoneDb;
use duet_sync::host::{VaultError, token_key};
use duet_wire::accounts::{CalendarState, CalendarView};
use duet_wire::doctor::{Check, DoctorReport, Verdict};

use crate::app::{App, Opening};
use crate::words;

impl App {
    /// Makes all checks. None of them waits for the network or changes anything, but for a secret
    /// that the keychain is handed and asked back for.
    pub async fn doctor(&self) -> DoctorReport {
        let mut checks = vec![
            check_client(&self.inner.config),
            check_vault(self.probe_keychain().await),
            check_zone(&self.inner.host.zone(), &self.inner.zones),
        ];
        checks.extend(self.check_database().await);
        checks.extend(self.check_accounts().await);
        report(checks)
    }

    async fn check_database(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if let Err(error) = self.inner.store.try_write().await {
            checks.push(check(
                "database",
                Verdict::Problem,
                words::store(&error).message,
            ));
            return checks;
        }
        match self.inner.store.integrity().await {
            Ok(findings) if findings.is_empty() => {
                let blocks = self.inner.store.block_count().await.unwrap_or_default();
                checks.push(check(
                    "database",
                    Verdict::Ok,
                    format!("Sound; {} from Google.", words::count(blocks, "block")),
                ));
            }
            Ok(findings) => checks.extend(findings.into_iter().take(10).map(|finding| {
                check(
                    "database",
                    Verdict::Problem,
                    format!("{finding}. Quit Duet, copy the data folder, and start again."),
                )
            })),
            Err(error) => checks.push(check(
                "database",
                Verdict::Problem,
                words::store(&error).message,
            )),
        }
        checks
    }

    async fn check_accounts(&self) -> Vec<Check> {
        let (Ok(accounts), Ok(calendars), Ok(views)) = (
            self.inner.store.accounts().await,
            self.inner.store.calendars().await,
            self.calendars().await,
        ) else {
            return Vec::new();
        };
        if accounts.is_empty() {
            return vec![check(
                "account",
                Verdict::Note,
                "No account is connected.".to_owned(),
            )];
        }
        let mut checks = Vec::new();
        for account in &accounts {
            checks.push(self.check_account(account));
            checks.extend(self.check_key(account).await);
            checks.extend(check_calendars(account, &views));
            checks.extend(self.check_events(account, &calendars).await);
        }
        checks
    }

    fn check_account(&self, account: &Account) -> Check {
        let who = words::mask(&account.email);
        let now = self.inner.host.now();
        let scopes = account.scopes.len();
        match (account.state(), account.last_synced_at) {
            (AccountState::Reconnect, _) => check(
                "account",
                Verdict::Problem,
                format!(
                    "{who}: Google no longer accepts Duet's key. Reconnect it: `duet connect --account …`, or the button in the window."
                ),
            ),
            (AccountState::Error, _) => {
                let why = account
                    .last_error
                    .as_ref()
                    .map(|f| words::hide(&f.message, &account.email));
                check(
                    "account",
                    Verdict::Problem,
                    format!("{who}: {}", why.unwrap_or_default()),
                )
            }
            (AccountState::Connected, Some(at)) if at > now => check(
                "clock",
                Verdict::Problem,
                format!(
                    "{who} was synced in the future: this computer's clock was set back. Check the clock; ages are wrong until it has caught up."
                ),
            ),
            (AccountState::Connected, Some(at)) => check(
                "account",
                Verdict::Ok,
                format!(
                    "{who}: synced {} ago, {} granted ({:?}).",
                    words::count((now - at).num_minutes(), "minute"),
                    words::count(scopes, "permission"),
                    account.tier
                ),
            ),
            (AccountState::Connected, None) => check(
                "account",
                Verdict::Note,
                format!("{who}: connected, not synced yet."),
            ),
        }
    }

    /// Is the account's key where it should be, in the keychain or sealed? Silent where the keychain itself does not work,
    /// which a check of its own tells.
    async fn check_key(&self, account: &Account) -> Option<Check> {
        let who = words::mask(&account.email);
        match self.inner.vault.get(&token_key(&account.email)).await {
            Ok(_) => Some(check(
                "key",
                Verdict::Ok,
                format!("{who}: its key is there and can be read."),
            )),
            Err(VaultError::Missing) => Some(check(
                "key",
                Verdict::Problem,
                format!(
                    "{who}: its key is gone. Reconnect it: `duet connect --account …`, or the \
                     button in the window."
                ),
            )),
            Err(_) => None,
        }
    }
}

/// Which of an account's calendars that count are not known right now.
fn check_calendars(account: &Account, calendars: &[CalendarView]) -> Option<Check> {
    let own = |it: &&CalendarView| it.busy && it.account == account.email;
    let counting: Vec<&CalendarView> = calendars.iter().filter(own).collect();
    let unknown: Vec<&&CalendarView> = counting
        .iter()
        .filter(|it| matches!(it.state, CalendarState::Stale | CalendarState::Failing))
        .collect();
    let why = unknown.iter().find_map(|it| it.last_error.as_deref());
    let why = why.map_or_else(
        || "They were not checked lately; sync now.".to_owned(),
        |why| words::hide(why, &account.email),
    );
    (!unknown.is_empty()).then(|| {
        check(
            "calendars",
            Verdict::Note,
            format!(
                "{}: {} of {} calendars that count are not known right now and drawn as unknown. \
                 {why}",
                words::mask(&account.email),
                unknown.len(),
                counting.len()
            ),
        )
    })
}

/// The checks that need no database, where it cannot be opened, and `why` it cannot: a doctor who
/// only sees the healthy is of no use.
pub async fn doctor_without_database(opening: &Opening, why: String) -> DoctorReport {
    report(vec![
        check_client(&opening.config),
        check_vault(words::probe(&opening.vault).await),
        check_zone(&opening.host.zone(), &opening.zones),
        check("database", Verdict::Problem, why),
    ])
}

fn report(checks: Vec<Check>) -> DoctorReport {
    DoctorReport {
        checks,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn check_client(config: &Result<Option<Config>, String>) -> Check {
    match config {
        Ok(Some(config)) => {
            let way = match &config.redirect {
                Redirect::DeepLink { .. } => "by deep link",
                Redirect::Loopback { .. } => "on 127.0.0.1",
            };
            let secret = if config.client_secret.is_some() {
                "with"
            } else {
                "without"
            };
            check(
                "client",
                Verdict::Ok,
                format!("An OAuth client {secret} a secret; the browser comes back {way}."),
            )
        }
        Ok(None) => check("client", Verdict::Note, words::NO_CLIENT.to_owned()),
        Err(why) => check("client", Verdict::Problem, why.clone()),
    }
}

fn check_vault(probed: Result<(), VaultError>) -> Check {
    match probed {
        Ok(()) => check(
            "keychain",
            Verdict::Ok,
            "A secret could be stored, read and removed.".to_owned(),
        ),
        Err(error) => check("keychain", Verdict::Problem, error.words()),
    }
}

fn check_zone(name: &str, zones: &ZoneDb) -> Check {
    let data = if zones.is_bundled() {
        "built into Duet"
    } else {
        "of the system"
    };
    let version = zones.version();
    if zones.zone(name).is_some() {
        check(
            "zone",
            Verdict::Ok,
            format!("{name}, by zone data {version} ({data})."),
        )
    } else {
        check(
            "zone",
            Verdict::Problem,
            format!(
                "The system's zone is \"{name}\", which zone data {version} ({data}) does not \
                 know; times are shown in UTC. Set the system's time zone."
            ),
        )
    }
}

fn check(name: &str, verdict: Verdict, words: String) -> Check {
    Check {
        name: name.to_owned(),
        verdict,
        words,
    }
}
