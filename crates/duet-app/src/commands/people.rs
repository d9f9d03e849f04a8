//! Asking Google when other people are busy. The answers stay in memory.

use duet_model::topic::Topic;
use duet_model::when::Interval;
use duet_sync::Background;
use duet_sync::engine::{PersonAnswer, PersonBusy};
use duet_wire::find::FindTime;
use duet_wire::{Push, WireError};

use crate::app::App;
use crate::people::{Answer, Asked};

/// What is said where there is nobody to ask through.
const NO_ACCOUNT: &str =
    "No connected account can ask Google about other people. Connect one first.";

impl App {
    /// Begins to ask for the people of `find` of whom nothing fresh is known. Does not wait;
    /// [`Topic::People`] is announced when an answer is there.
    ///
    /// # Errors
    /// [`duet_wire::ErrorCode::Invalid`] for what cannot be looked for.
    pub async fn ask_people(&self, find: &FindTime) -> Result<(), WireError> {
        let wanted = self.wanted(find, &self.zone()).await?;
        let missing = self.missing(&wanted.people, wanted.span).await;
        if !missing.is_empty() {
            let app = self.clone();
            self.inner.tasks.spawn(async move {
                app.fetch_people(&missing, wanted.span).await;
                app.push(Push::Changed {
                    topics: vec![Topic::People],
                });
            });
        }
        Ok(())
    }

    /// Asks for these people and waits for the answers; for a process without a window.
    pub(crate) async fn people_now(&self, people: &[String], span: Interval) {
        let missing = self.missing(people, span).await;
        if !missing.is_empty() {
            self.fetch_people(&missing, span).await;
        }
    }

    /// Those of whom nothing fresh is known, noted as being asked for.
    async fn missing(&self, people: &[String], span: Interval) -> Vec<String> {
        let now = self.inner.host.now();
        let mut known = self.inner.people.lock().await;
        let missing: Vec<String> = people
            .iter()
            .filter(|email| known.get(email, span, now).is_none())
            .cloned()
            .collect();
        for email in &missing {
            let answer = Answer::Asking;
            known.put(
                email,
                Asked {
                    span,
                    at: now,
                    answer,
                },
            );
        }
        missing
    }

    /// Asks through one account after the other until everybody is known.
    async fn fetch_people(&self, people: &[String], span: Interval) {
        let accounts = self.inner.store.accounts().await.unwrap_or_default();
        let usable = accounts
            .into_iter()
            .filter(|account| account.revoked_at.is_none());
        let mut open: Vec<String> = people.to_vec();
        for account in usable {
            if open.is_empty() {
                break;
            }
            let engine = self.engine(Background::Off);
            match engine.people(account.id, &open, span).await {
                Ok(answers) => self.note(&mut open, answers, span).await,
                Err(why) => self.note_unknown(&open, &why, span).await,
            }
        }
        let asking = {
            let now = self.inner.host.now();
            let known = self.inner.people.lock().await;
            open.retain(|email| {
                let asked = known.get(email, span, now);
                asked.is_none_or(|asked| asked.answer == Answer::Asking)
            });
            open
        };
        self.note_unknown(&asking, NO_ACCOUNT, span).await;
    }

    async fn note(&self, open: &mut Vec<String>, answers: Vec<PersonBusy>, span: Interval) {
        let at = self.inner.host.now();
        let mut known = self.inner.people.lock().await;
        for PersonBusy { address, answer } in answers {
            let answer = match answer {
                PersonAnswer::Known(busy) => {
                    open.retain(|one| !one.eq_ignore_ascii_case(&address));
                    Answer::Known(busy)
                }
                PersonAnswer::Unknown(why) => Answer::Unknown(why),
            };
            known.put(&address, Asked { span, at, answer });
        }
    }

    async fn note_unknown(&self, people: &[String], why: &str, span: Interval) {
        let at = self.inner.host.now();
        let mut known = self.inner.people.lock().await;
        for email in people {
            let answer = Answer::Unknown(why.to_owned());
            known.put(email, Asked { span, at, answer });
        }
    }
}
