//! Sending a request for an account: a token, a place in the budget, and one more try after a 401.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use duet_google::auth::AccessToken;
use duet_google::calendar_list::{self, ListAnswer};
use duet_google::events::{self, Address, Found, Reader, Resource};
use duet_google::freebusy::{self, CalendarAnswer, Query};
use duet_google::{Error, Retry};
use duet_model::account::Account;
use duet_model::event::{EventId, EventTime};
use duet_model::outbox::Notify;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Means, Stop};
use crate::decide::{Trouble, account_trouble, auth_trouble, panic_trouble, vault_trouble};
use crate::schedule::Remedy;
use crate::tokens::TokenError;

/// Why a request brought nothing.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It could not be sent, for want of a token.
    Token(TokenError),
    /// Google, or the way to it.
    Request(Error),
}

/// Whom requests are sent for. One for each run of an account, so that its requests can be counted.
pub struct Ask<'a> {
    means: &'a Means<'a>,
    account: &'a Account,
    requests: AtomicU32,
    /// Token requests that had been sent before.
    tokens_before: u64,
}

impl<'a> Ask<'a> {
    /// For an account, with what a run works with.
    pub fn new(means: &'a Means<'a>, account: &'a Account) -> Self {
        Self {
            means,
            account,
            requests: AtomicU32::new(0),
            tokens_before: means.tokens.requests(account.id),
        }
    }

    /// How many requests have been sent.
    pub fn requests(&self) -> u32 {
        let tokens = self.means.tokens.requests(self.account.id);
        // Connected anew meanwhile, the count began anew.
        let tokens = tokens.saturating_sub(self.tokens_before);
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        self.requests.load(Ordering::Relaxed).saturating_add(tokens)
    }

    /// The list of calendars, all pages.
    pub(super) async fn list(&self, sync_token: Option<&str>) -> Result<ListAnswer, Failed> {
        let client = &self.means.client;
        let answer = self
            .send(|token| {
                async move { calendar_list::list(client, &token, sync_token).await }.boxed()
            })
            .await?;
        let further = answer.requests.saturating_sub(1);
        self.requests.fetch_add(further, Ordering::Relaxed);
        self.means.budget.count(further).await;
        Ok(answer)
    }

    /// When some calendars are busy.
    pub(crate) async fn busy(
        &self,
        query: &Query,
    ) -> Result<HashMap<String, CalendarAnswer>, Failed> {
        let client = &self.means.client;
        self.send(|token| async move { freebusy::query(client, &token, query).await }.boxed())
            .await
    }

    /// One page of a calendar's events.
    pub(crate) async fn events(
        &self,
        query: &events::Query<'_>,
        reader: &events::Reader<'_>,
    ) -> Result<events::Page, Failed> {
        let client = &self.means.client;
        let page = self
            .send(|token| async move { events::page(client, &token, query, reader).await }.boxed())
            .await?;
        let further = page.requests.saturating_sub(1);
        self.requests.fetch_add(further, Ordering::Relaxed);
        self.means.budget.count(further).await;
        Ok(page)
    }

    /// One event, whole.
    pub(crate) async fn event(&self, calendar: &str, event: &EventId) -> Result<Found, Failed> {
        let (client, reader) = (&self.means.client, self.reader());
        let at = Address { calendar, event };
        self.send(|token| async move { events::get(client, &token, at, &reader).await }.boxed())
            .await
    }

    /// One page of what Duet wrote to a calendar.
    pub(crate) async fn written_by_duet(
        &self,
        calendar: &str,
        page: Option<&str>,
    ) -> Result<(Vec<events::Written>, events::Next), Failed> {
        let (client, reader) = (&self.means.client, self.reader());
        self.send(|token| {
            async move { events::written_by_duet(client, &token, calendar, page, &reader).await }
                .boxed()
        })
        .await
    }

    /// One occurrence of a series; `None` where the series has no such slot.
    pub(crate) async fn occurrence(
        &self,
        calendar: &str,
        event: &EventId,
        slot: &EventTime,
    ) -> Result<Option<Found>, Failed> {
        let (client, reader) = (&self.means.client, self.reader());
        let at = Address { calendar, event };
        self.send(|token| {
            async move { events::occurrence(client, &token, at, slot, &reader).await }.boxed()
        })
        .await
    }

    /// Makes an event.
    pub(crate) async fn insert(
        &self,
        calendar: &str,
        body: &str,
        notify: Notify,
    ) -> Result<Resource, Failed> {
        let (client, reader) = (&self.means.client, self.reader());
        self.send(|token| {
            async move { events::insert(client, &token, calendar, body, notify, &reader).await }
                .boxed()
        })
        .await
    }

    /// Replaces a version of an event.
    pub(crate) async fn update(
        &self,
        calendar: &str,
        resource: &Resource,
        body: &str,
        notify: Notify,
    ) -> Result<Resource, Failed> {
        let (client, reader) = (&self.means.client, self.reader());
        let at = Address {
            calendar,
            event: &resource.event.id,
        };
        let etag = resource.etag();
        self.send(|token| {
            async move { events::update(client, &token, at, etag, body, notify, &reader).await }
                .boxed()
        })
        .await
    }

    /// Changes what the body names of a version of an event.
    pub(crate) async fn patch(
        &self,
        calendar: &str,
        resource: &Resource,
        body: &str,
        notify: Notify,
    ) -> Result<Resource, Failed> {
        let (client, reader) = (&self.means.client, self.reader());
        let at = Address {
            calendar,
            event: &resource.event.id,
        };
        let etag = resource.etag();
        self.send(|token| {
            async move { events::patch(client, &token, at, etag, body, notify, &reader).await }
                .boxed()
        })
        .await
    }

    /// Deletes a version of an event.
    pub(crate) async fn delete(
        &self,
        calendar: &str,
        event: &EventId,
        etag: Option<&str>,
        notify: Notify,
    ) -> Result<(), Failed> {
        let client = &self.means.client;
        let at = Address { calendar, event };
        self.send(|token| {
            async move { events::delete(client, &token, at, etag, notify).await }.boxed()
        })
        .await
    }

    /// Moves a version of an event into another calendar.
    pub(crate) async fn move_to(
        &self,
        calendar: &str,
        resource: &Resource,
        to: &str,
        notify: Notify,
    ) -> Result<(), Failed> {
        let client = &self.means.client;
        let at = Address {
            calendar,
            event: &resource.event.id,
        };
        let etag = resource.etag();
        self.send(|token| {
            async move { events::move_to(client, &token, at, to, etag, notify).await }.boxed()
        })
        .await
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            me: &self.account.email,
            zones: self.means.zones,
        }
    }

    /// What requests are sent with.
    pub(crate) fn means(&self) -> &'a Means<'a> {
        self.means
    }

    /// Whom they are sent for.
    pub(crate) fn account(&self) -> &'a Account {
        self.account
    }

    async fn send<'r, T>(
        &self,
        request: impl Fn(AccessToken) -> BoxFuture<'r, Result<T, Error>>,
    ) -> Result<T, Failed> {
        let key = self
            .means
            .tokens
            .get(self.account)
            .await
            .map_err(Failed::Token)?;
        match self.send_once(request(key.access.clone())).await {
            Err(error) if error.retry() == Retry::Now => {
                let key = self
                    .means
                    .tokens
                    .renew(self.account, &key)
                    .await
                    .map_err(Failed::Token)?;
                self.send_once(request(key.access))
                    .await
                    .map_err(Failed::Request)
            }
            other => other.map_err(Failed::Request),
        }
    }

    async fn send_once<T>(
        &self,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.means.budget.take().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        request.await
    }
}

impl Failed {
    /// What it means for the account.
    pub(crate) fn into_stop(self, ask: &Ask<'_>) -> Stop {
        let email = &ask.account.email;
        Stop::Trouble(match &self {
            Self::Token(TokenError::Vault(error)) => vault_trouble(error, email),
            Self::Token(TokenError::Auth(error)) => auth_trouble(error, email),
            Self::Token(TokenError::NoClient(failure)) => Trouble {
                code: failure.code,
                message: failure.message.clone(),
                remedy: Remedy::Person,
            },
            Self::Token(TokenError::BrokenOff) => panic_trouble(),
            Self::Request(error) => {
                tracing::warn!(account = ask.account.id.0, %error, "a request failed");
                account_trouble(error)
            }
        })
    }
}
