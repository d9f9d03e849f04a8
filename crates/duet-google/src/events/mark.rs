//! What marks an event as written by Duet: private extended properties (GOOGLE.md 5), which only this
//! calendar's copy has. They find it again after a re-installation, and tell an own event from another
//! one of the same id.

use duet_model::duet_event::DuetEventId;
use serde_json::{Map, Value, json};

use super::members::{Members, Object};

/// The member of an event that holds it.
pub(super) const MEMBER: &str = "extendedProperties";
/// Says that Duet wrote it; what the footprint is listed by.
pub(super) const DUET: (&str, &str) = ("duet", "1");
const EVENT: &str = "duet_id";
const INSTALL: &str = "duet_install";

/// What marks an event as written by Duet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which of Duet's events it is.
    pub event: DuetEventId,
    /// Which installation wrote it.
    pub install: String,
}

impl Mark {
    /// The mark among the extended properties of an event, if Duet wrote it.
    pub(super) fn read(properties: &str) -> Option<Self> {
        let all = Members::of(properties)?;
        let private = all.get("private").and_then(Members::of)?;
        let text = |name: &str| -> Option<String> { serde_json::from_str(private.get(name)?).ok() };
        (text(DUET.0).as_deref() == Some(DUET.1)).then_some(())?;
        Some(Self {
            event: DuetEventId(text(EVENT)?),
            install: text(INSTALL).unwrap_or_default(),
        })
    }

    fn properties(&self) -> [(&'static str, &str); 3] {
        [
            DUET,
            (EVENT, self.event.0.as_str()),
            (INSTALL, self.install.as_str()),
        ]
    }

    /// The extended properties of a new event.
    pub(super) fn write(&self) -> String {
        let private: Map<String, Value> = self
            .properties()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        json!({ "private": private }).to_string()
    }

    /// The extended properties of an event with the mark among them; all others as they are.
    pub(super) fn write_among(&self, properties: Option<&str>) -> String {
        let Some(all) = properties.and_then(Members::of) else {
            return self.write();
        };
        let mut private = Object::default();
        if let Some(before) = all.get("private").and_then(Members::of) {
            for (name, value) in &before.0 {
                if !self.properties().iter().any(|(own, _)| own == name) {
                    private.put(name, value.get());
                }
            }
        }
        for (name, value) in self.properties() {
            private.put(name, &Value::from(value).to_string());
        }
        let mut out = Object::default();
        for (name, value) in &all.0 {
            if name != "private" {
                out.put(name, value.get());
            }
        }
        out.put("private", &private.finish());
        out.finish()
    }
}
