//! A new invitation is told once, by a notice of the desktop: how many there are, and what they are
//! called only where the person wants that on the screen.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use duet_model::event::EventKey;
use duet_model::settings::InvitationNotices;
use duet_model::topic::Topic;
use duet_wire::invitation::InvitationView;
use duet_wire::status::StatusView;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::upgrade;
use crate::app::{App, Inner};
use crate::host::Notice;

/// A sync commits page after page: what it brings is one piece of news.
const PACE: Duration = Duration::from_millis(500);

/// What the person was told of, or found here when Duet started: by account.
#[derive(Debug, Default)]
struct Known(BTreeMap<String, BTreeSet<EventKey>>);

impl Known {
    /// The new ones among what waits for an answer. What an account brings with its first sync is no
    /// news, and what was told once is not told again.
    fn news<'a>(
        &mut self,
        synced: &BTreeSet<String>,
        waiting: &'a [InvitationView],
    ) -> Vec<&'a InvitationView> {
        self.0.retain(|account, _| synced.contains(account));
        let mut news = Vec::new();
        for account in synced {
            let mine = waiting.iter().filter(|one| one.account == *account);
            match self.0.get_mut(account) {
                Some(known) => news.extend(mine.filter(|one| known.insert(one.key))),
                None => {
                    let known = mine.map(|one| one.key).collect();
                    self.0.insert(account.clone(), known);
                }
            }
        }
        news
    }
}

/// What is shown of these.
fn notice(news: &[&InvitationView], how: InvitationNotices) -> Option<Notice> {
    let details = match (how, news) {
        (InvitationNotices::Off, _) | (_, []) => return None,
        (InvitationNotices::Titles, [one]) => {
            let from = one.organizer.as_deref();
            let from = from.map(|who| format!(", from {who}")).unwrap_or_default();
            let when = one.wall_start.format("%-d %B");
            Some(format!("“{}”, {when}{from}", one.title))
        }
        (InvitationNotices::Titles, many) => {
            let titles: Vec<&str> = many.iter().map(|one| one.title.as_str()).collect();
            Some(titles.join(", "))
        }
        (InvitationNotices::Plain, _) => None,
    };
    Some(Notice::Invited {
        count: news.len(),
        details,
    })
}

fn synced(status: &StatusView) -> BTreeSet<String> {
    let synced = status.accounts.iter();
    let synced = synced.filter(|account| account.last_synced_at.is_some());
    synced.map(|account| account.email.clone()).collect()
}

/// Watches until the application ends.
pub(crate) fn watch(app: &App) -> impl Future<Output = ()> + use<> {
    let changes = app.inner.store.changes();
    let cancel = app.inner.cancel.clone();
    watch_over(Arc::downgrade(&app.inner), changes, cancel)
}

async fn watch_over(
    inner: Weak<Inner>,
    mut changes: Receiver<BTreeSet<Topic>>,
    cancel: CancellationToken,
) {
    let mut known = Known::default();
    loop {
        let Some(app) = upgrade(&inner) else { return };
        if let Ok((status, waiting, settings)) = look(&app).await
            && let Some(notice) = notice(&known.news(&synced(&status), &waiting), settings)
        {
            app.inner.host.notify(notice);
        }
        drop(app);
        loop {
            let changed = tokio::select! {
                () = cancel.cancelled() => return,
                changed = changes.recv() => changed,
            };
            match changed {
                Ok(topics) if topics.contains(&Topic::Events) => break,
                Ok(topics) if topics.contains(&Topic::Accounts) => break,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(PACE) => {}
        }
    }
}

async fn look(
    app: &App,
) -> Result<(StatusView, Vec<InvitationView>, InvitationNotices), duet_wire::WireError> {
    let status = app.status().await?;
    let waiting = app.open_invitations().await?;
    let waiting = waiting.into_iter().map(|(_, view)| view).collect();
    let settings = app.inner.store.settings().await;
    let settings = settings.map_err(|error| crate::words::store(&error))?;
    Ok((status, waiting, settings.invitation_notices))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use duet_wire::availability::When;

    use super::*;

    fn invitation(account: &str, key: i64) -> InvitationView {
        let day = NaiveDate::from_ymd_opt(2026, 12, 3).unwrap();
        InvitationView {
            key: EventKey(key),
            id: key.to_string(),
            title: format!("Lunch {key}"),
            start: When::Date(day),
            end: When::Date(day),
            wall_start: day.into(),
            wall_end: day.into(),
            organizer: Some("Ben".into()),
            calendar: account.into(),
            calendar_name: account.into(),
            color: "#336699".into(),
            account: account.into(),
            repeats: false,
            can_answer: true,
            because: None,
            meanwhile: None,
        }
    }

    #[test]
    fn what_is_there_at_first_is_no_news_and_news_come_once() {
        let synced = |accounts: &[&str]| accounts.iter().map(|it| (*it).to_owned()).collect();
        let mut known = Known::default();
        let keys = |news: Vec<&InvitationView>| -> Vec<i64> {
            news.into_iter().map(|one| one.key.0).collect()
        };
        let (a1, a2, b3) = (invitation("a", 1), invitation("a", 2), invitation("b", 3));
        let ana = synced(&["a"]);
        assert_eq!(
            keys(known.news(&ana, std::slice::from_ref(&a1))),
            [0_i64; 0]
        );
        assert_eq!(keys(known.news(&ana, &[a1.clone(), a2.clone()])), [2]);
        // Answered, and the answer taken back.
        assert_eq!(
            keys(known.news(&ana, std::slice::from_ref(&a1))),
            [0_i64; 0]
        );
        assert_eq!(
            keys(known.news(&ana, &[a1.clone(), a2.clone()])),
            [0_i64; 0]
        );
        // The first sync of another account is under way, then done.
        let all = [a1, a2, b3];
        assert_eq!(keys(known.news(&ana, &all)), [0_i64; 0]);
        let both = synced(&["a", "b"]);
        assert_eq!(keys(known.news(&both, &all)), [0_i64; 0]);
        let b4 = invitation("b", 4);
        assert_eq!(keys(known.news(&both, &[b4])), [4]);
    }

    #[test]
    fn titles_are_on_the_screen_only_for_who_wants_them() {
        let (one, two) = (invitation("a", 1), invitation("a", 2));
        let told = |news: &[&InvitationView], how| match notice(news, how) {
            Some(Notice::Invited { count, details }) => Some((count, details)),
            _ => None,
        };
        use InvitationNotices::{Off, Plain, Titles};
        assert_eq!(told(&[&one], Off), None);
        assert_eq!(told(&[], Titles), None);
        assert_eq!(told(&[&one, &two], Plain), Some((2, None)));
        let lunch = "“Lunch 1”, 3 December, from Ben".to_owned();
        assert_eq!(told(&[&one], Titles), Some((1, Some(lunch))));
        let both = "Lunch 1, Lunch 2".to_owned();
        assert_eq!(told(&[&one, &two], Titles), Some((2, Some(both))));
    }
}
