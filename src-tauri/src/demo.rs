//! The demo account: a stand-in Google inside this process, on loopback, started on first use.
//!
//! Its world is made from today's date and its grants outlive it, so the demo is still connected
//! after Duet was restarted, although the server of yesterday is gone.

use duet_google::Config;
use duet_model::zones::Zone;
use duet_sandbox::{Options, Sandbox, World};
use tokio::sync::OnceCell;

use crate::environment::{zone_data, zone_name};
use crate::machine::now;

/// The demo's server, if somebody needed it.
#[derive(Default)]
pub(crate) struct Demo {
    served: OnceCell<Served>,
}

struct Served {
    sandbox: Sandbox,
    config: Config,
}

impl Demo {
    /// The client to reach the demo with.
    pub(crate) async fn config(&self) -> Result<Config, String> {
        let served = self.served.get_or_try_init(serve).await?;
        Ok(served.config.clone())
    }

    /// The same, if it is served already.
    pub(crate) fn running(&self) -> Option<Config> {
        self.served.get().map(|served| served.config.clone())
    }

    /// Clicks "Allow" on the demo's consent page.
    pub(crate) fn approve(&self, url: &str) -> Result<String, String> {
        let served = self.served.get().ok_or("it is not served")?;
        served
            .sandbox
            .control()
            .approve(url)
            .map_err(|refused| format!("{refused:?}"))
    }
}

async fn serve() -> Result<Served, String> {
    let zone = zone_data().zone(&zone_name()).unwrap_or_else(Zone::utc);
    let today = zone.to_wall(now()).date();
    let options = Options {
        clock: Some(now()),
        durable_grants: true,
        ..Options::default()
    };
    let sandbox = Sandbox::start_with(World::small_in(today, zone.name()), options)
        .await
        .map_err(|error| error.to_string())?;
    let variables = sandbox.env();
    let lookup = |name: &str| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    };
    let config = Config::from_env(lookup)
        .map_err(|error| error.to_string())?
        .ok_or("it has no client")?;
    Ok(Served { sandbox, config })
}
