//! The private session bus: a dbus-daemon with its own configuration, so that nothing is started
//! by activation behind the test's back, and helpers to wait for names on it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use crate::wait::until;

/// How long a daemon may take to appear on the bus of a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Writes the bus's configuration and gives its path and the bus's socket.
///
/// There are no service folders: a desktop would start portals, gvfs, dconf and at-spi on demand,
/// and a test must not depend on what happens to be installed.
pub(crate) fn configure(folder: &Path) -> Result<PathBuf> {
    let socket = folder.join("run/bus");
    let config = folder.join("bus.conf");
    let text = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    );
    std::fs::write(&config, text).context("writing the bus configuration")?;
    Ok(config)
}

/// Opens a connection to the bus at `address`.
pub(crate) async fn connect(address: &str) -> Result<Connection> {
    zbus::connection::Builder::address(address)?
        .build()
        .await
        .with_context(|| format!("connecting to the desk's bus at {address}"))
}

/// Waits until somebody owns `name`.
pub(crate) async fn wait_for_name(bus: &Connection, name: &str) -> Result<()> {
    wait_for_owner(bus, name, true).await
}

/// Waits until nobody owns `name`.
pub(crate) async fn wait_for_no_name(bus: &Connection, name: &str) -> Result<()> {
    wait_for_owner(bus, name, false).await
}

async fn wait_for_owner(bus: &Connection, name: &str, wanted: bool) -> Result<()> {
    let dbus = DBusProxy::new(bus).await?;
    let name = BusName::try_from(name.to_owned())?;
    until(
        &format!("{name} to be {} the bus", if wanted { "on" } else { "off" }),
        PATIENCE,
        || async {
            let owned = dbus.name_has_owner(name.clone()).await.ok()?;
            (owned == wanted).then_some(())
        },
    )
    .await
}
