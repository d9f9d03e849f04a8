//! The keyring as another program sees it: a small Secret Service client to look what was stored,
//! to lock the default collection, and to store something as a stranger would.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use zbus::proxy::CacheProperties;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Type, Value};
use zbus::{Connection, Proxy};

/// The bus name of the Secret Service.
pub(crate) const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
/// What gnome-keyring calls the collection that a login password opens.
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";

/// One item of the keyring.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The name a person sees in their key manager.
    pub label: String,
    /// What it can be found by.
    pub attributes: BTreeMap<String, String>,
    /// The secret itself; `None` while its collection is locked.
    pub value: Option<Vec<u8>>,
}

/// The Secret Service's own structure: session, parameters, value, content type.
#[derive(Debug, Serialize, Deserialize, Type)]
struct Sealed {
    session: OwnedObjectPath,
    parameters: Vec<u8>,
    value: Vec<u8>,
    content_type: String,
}

/// A plain session with the Secret Service of a desk.
pub(crate) struct Client<'a> {
    bus: &'a Connection,
    service: Proxy<'a>,
}

impl<'a> Client<'a> {
    pub(crate) async fn new(bus: &'a Connection) -> Result<Client<'a>> {
        let service = Proxy::new(bus, SERVICE, ROOT, "org.freedesktop.Secret.Service").await?;
        Ok(Self { bus, service })
    }

    async fn session(&self) -> Result<OwnedObjectPath> {
        let (_, session): (OwnedValue, OwnedObjectPath) = self
            .service
            .call("OpenSession", &("plain", Value::from("")))
            .await?;
        Ok(session)
    }

    async fn item(&self, path: OwnedObjectPath) -> Result<Proxy<'a>> {
        Ok(Proxy::new(self.bus, SERVICE, path, "org.freedesktop.Secret.Item").await?)
    }

    /// Every item whose attributes contain the given ones; none given = all items.
    pub(crate) async fn search(&self, attributes: &[(&str, &str)]) -> Result<Vec<Secret>> {
        let wanted: HashMap<&str, &str> = attributes.iter().copied().collect();
        let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            self.service.call("SearchItems", &(wanted,)).await?;
        let session = self.session().await?;
        let mut found = Vec::new();
        for (path, readable) in open
            .into_iter()
            .map(|path| (path, true))
            .chain(locked.into_iter().map(|path| (path, false)))
        {
            let item = self.item(path).await?;
            let value = if readable {
                let (sealed,): (Sealed,) = item
                    .call_method("GetSecret", &(&session,))
                    .await?
                    .body()
                    .deserialize()?;
                Some(sealed.value)
            } else {
                None
            };
            let attributes: HashMap<String, String> = item.get_property("Attributes").await?;
            found.push(Secret {
                label: item.get_property("Label").await?,
                attributes: attributes.into_iter().collect(),
                value,
            });
        }
        Ok(found)
    }

    /// Stores a secret in the default collection, replacing one with the same attributes.
    pub(crate) async fn store(
        &self,
        label: &str,
        attributes: &[(&str, &str)],
        value: &[u8],
    ) -> Result<()> {
        let collection = Proxy::new(
            self.bus,
            SERVICE,
            LOGIN,
            "org.freedesktop.Secret.Collection",
        )
        .await?;
        let attributes: HashMap<&str, &str> = attributes.iter().copied().collect();
        let properties: HashMap<&str, Value<'_>> = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Value::from(label)),
            (
                "org.freedesktop.Secret.Item.Attributes",
                Value::from(attributes),
            ),
        ]);
        let sealed = Sealed {
            session: self.session().await?,
            parameters: Vec::new(),
            value: value.to_vec(),
            content_type: "text/plain".into(),
        };
        let (item, prompt): (OwnedObjectPath, OwnedObjectPath) = collection
            .call("CreateItem", &(properties, sealed, true))
            .await?;
        ensure!(
            item.as_str() != "/",
            "the keyring wants to ask a person first ({prompt}): it is locked"
        );
        Ok(())
    }

    /// Locks the default collection.
    pub(crate) async fn lock(&self) -> Result<()> {
        let login = ObjectPath::try_from(LOGIN)?;
        let (_, _): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.service.call("Lock", &(vec![login],)).await?;
        ensure!(self.is_locked().await?, "the keyring did not lock");
        Ok(())
    }

    /// Whether the default collection is locked.
    pub(crate) async fn is_locked(&self) -> Result<bool> {
        let collection: Proxy<'_> = zbus::proxy::Builder::new(self.bus)
            .destination(SERVICE)?
            .path(LOGIN)?
            .interface("org.freedesktop.Secret.Collection")?
            // A cached property would keep its first answer.
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        collection
            .get_property("Locked")
            .await
            .context("asking whether the keyring is locked")
    }
}
