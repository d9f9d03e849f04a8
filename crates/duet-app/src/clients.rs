//! The two Googles an account can belong to: the real one, and the built-in demo. Each client is
//! made once, because it pools connections.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use duet_google::{Client, Config};
use duet_model::account::{Account, Failure, FailureCode};
use duet_sync::Clients;

use crate::host::Host;
use crate::words;

pub(crate) struct ClientPool {
    host: Arc<dyn Host>,
    config: Option<Config>,
    google: OnceLock<Client>,
    demo: OnceLock<Client>,
}

impl ClientPool {
    pub(crate) fn new(host: Arc<dyn Host>, config: Option<Config>) -> Self {
        Self {
            host,
            config,
            google: OnceLock::new(),
            demo: OnceLock::new(),
        }
    }

    /// The client of the real Google, or of the demo, which is started on first use.
    pub(crate) async fn get(&self, demo: bool) -> Result<Client, Failure> {
        let made = if demo { &self.demo } else { &self.google };
        if let Some(client) = made.get() {
            return Ok(client.clone());
        }
        let config = if demo {
            self.host.demo().await?
        } else {
            self.config
                .clone()
                .ok_or_else(|| self.failure(words::NO_CLIENT.to_owned()))?
        };
        let client = Client::new(config)
            .map_err(|error| self.failure(words::sentence(&error.to_string())))?;
        Ok(made.get_or_init(|| client).clone())
    }

    fn failure(&self, message: String) -> Failure {
        Failure {
            code: FailureCode::Rejected,
            message,
            at: self.host.now(),
        }
    }
}

#[async_trait]
impl Clients for ClientPool {
    async fn client(&self, account: &Account) -> Result<Client, Failure> {
        self.get(account.demo).await
    }
}
