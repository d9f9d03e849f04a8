//! A client that asserts nothing by itself: it signs in, sends and reads.

use std::sync::Once;

use chrono::NaiveDate;
use duet_sandbox::{Control, Options, Sandbox, World, scopes};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};

pub(crate) const ANA: &str = "ana@example.com";
pub(crate) const BEN: &str = "ben@example.org";

pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).expect("a date")
}

pub(crate) fn client() -> Client {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Another test of this process may have been first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
}

/// A sandbox and a client signed in to it.
pub(crate) struct Session {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) http: Client,
    pub(crate) token: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) etag: Option<String>,
}

impl Answer {
    /// The reason of a Calendar API refusal.
    pub(crate) fn reason(&self) -> &str {
        self.body["error"]["errors"][0]["reason"]
            .as_str()
            .unwrap_or("none")
    }

    pub(crate) fn items(&self) -> &[Value] {
        self.body["items"].as_array().map_or(&[], Vec::as_slice)
    }

    /// A text field of each item.
    pub(crate) fn all(&self, field: &str) -> Vec<&str> {
        self.items()
            .iter()
            .map(|item| item[field].as_str().unwrap_or(""))
            .collect()
    }
}

impl Session {
    pub(crate) async fn small() -> Session {
        Session::of(World::small(today()), &[scopes::CALENDAR]).await
    }

    pub(crate) async fn of(world: World, scopes: &[&str]) -> Session {
        let sandbox = Sandbox::start(world).await.expect("a free port");
        let control = sandbox.control();
        let token = control
            .grant(ANA, scopes)
            .expect("ana is in the world")
            .access_token;
        Session {
            sandbox,
            control,
            http: client(),
            token,
        }
    }

    pub(crate) async fn with(options: Options) -> Session {
        let sandbox = Sandbox::start_with(World::small(today()), options)
            .await
            .expect("a free port");
        let control = sandbox.control();
        let token = control
            .grant(ANA, &[scopes::CALENDAR])
            .expect("ana")
            .access_token;
        Session {
            sandbox,
            control,
            http: client(),
            token,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{path}", self.sandbox.calendar_url());
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn free_busy(&self, from: &str, to: &str, ids: &[&str]) -> Answer {
        let items: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        self.post(
            "freeBusy",
            json!({"timeMin": from, "timeMax": to, "items": items}),
        )
        .await
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let etag = response
        .headers()
        .get("etag")
        .map(|value| value.to_str().expect("ascii").into());
    let text = response.text().await.expect("a whole body");
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).expect("JSON in an answer that says so")
    };
    Answer { status, body, etag }
}

/// An id as a path segment.
pub(crate) fn segment(id: &str) -> String {
    id.replace('#', "%23").replace('@', "%40")
}
