//! A machine for an application that is only asked: its clock stands, and nothing else is there.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use duet_app::{
    App, Opening,
    host::{Host, Notice},
};
use duet_google::Config;
use duet_model::{
    account::{Failure, FailureCode},
    zones::ZoneDb,
};
use duet_sync::host::{Entropy, TokenVault, VaultError};
use duet_wire::Push;
use secrecy::SecretSlice;

/// Where the person lives.
pub(crate) const HOME: &str = "Europe/Berlin";

/// Opens a data folder as the window would, at a time of one's choice.
pub(crate) async fn open(folder: &Path, now: DateTime<Utc>) -> Result<App> {
    let machine = Arc::new(Machine(now));
    App::open(Opening {
        host: Arc::clone(&machine) as _,
        vault: Arc::clone(&machine) as _,
        entropy: machine,
        data_dir: folder.to_owned(),
        config: Ok(None),
        zones: ZoneDb::bundled(),
    })
    .await
    .context("the application does not open")
}

struct Machine(DateTime<Utc>);

#[async_trait]
impl Host for Machine {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }

    fn entropy(&self) -> [u8; 64] {
        [7; 64]
    }

    fn new_id(&self) -> String {
        "bench".to_owned()
    }

    fn zone(&self) -> String {
        HOME.to_owned()
    }

    fn open_url(&self, _: &str) -> Result<(), String> {
        Err("There is no browser.".to_owned())
    }

    fn notify(&self, _: Notice) {}

    fn push(&self, _: Push) {}

    fn autostart(&self) -> bool {
        false
    }

    fn set_autostart(&self, _: bool) -> Result<(), String> {
        Err("Nothing starts here.".to_owned())
    }

    async fn demo(&self) -> Result<Config, Failure> {
        Err(Failure {
            code: FailureCode::Offline,
            message: "There is no demo account.".to_owned(),
            at: self.0,
        })
    }

    async fn demo_running(&self) -> Option<Config> {
        None
    }

    async fn demo_consent(&self, _: &str) -> Result<String, Failure> {
        self.demo().await.map(|_| String::new())
    }
}

#[async_trait]
impl TokenVault for Machine {
    async fn get(&self, _: &str) -> Result<SecretSlice<u8>, VaultError> {
        Err(VaultError::NoService)
    }

    async fn set(&self, _: &str, _: SecretSlice<u8>) -> Result<(), VaultError> {
        Err(VaultError::NoService)
    }

    async fn delete(&self, _: &str) -> Result<(), VaultError> {
        Err(VaultError::NoService)
    }

    async fn ready(&self) -> Result<(), VaultError> {
        Err(VaultError::NoService)
    }
}

impl Entropy for Machine {
    fn next_u64(&self) -> u64 {
        7
    }
}
