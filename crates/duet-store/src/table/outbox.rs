//! `outbox` and `outbox_pauses`: what waits to be written to Google, and since when Google takes no
//! more. A change comes in by [`Tx::queue`] alone, which folds it into what waits already.

use chrono::{DateTime, Utc};
use duet_model::account::AccountId;
use duet_model::calendar::CalendarId;
use duet_model::duet_event::{Content, DuetEventId};
use duet_model::outbox::{Deed, Fold, NewOp, Op, OpId, Stuck, Target, fold};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of, word_of};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "outbox";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, thread, event_id, calendar_id, title, target, deed, notify, not_before,
                attempts, sent, stuck, created_at
            FROM outbox ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY id");
    OF_ACCOUNT = select!("WHERE calendar_id IN
            (SELECT id FROM external_calendars WHERE account_id = ?1) ORDER BY id");
    OF_EVENT = select!("WHERE event_id = ?1 ORDER BY id");
    OF_THREAD = select!("WHERE thread = ?1 AND event_id IS NULL ORDER BY id");
    THREAD = select!("WHERE thread = ?1 ORDER BY id");
    BY_ID = select!("WHERE id = ?1");
    APPEND = "INSERT INTO outbox
            (thread, event_id, calendar_id, title, target, deed, notify, not_before, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    REPLACE = "UPDATE outbox SET thread = ?2, event_id = ?3, calendar_id = ?4, title = ?5,
            target = ?6, deed = ?7, notify = ?8, not_before = ?9, attempts = 0, stuck = NULL
        WHERE id = ?1";
    REMOVE = "DELETE FROM outbox WHERE id = ?1";
    REMOVE_EVENT = "DELETE FROM outbox WHERE event_id = ?1";
    SENT = "UPDATE outbox SET sent = 1 WHERE id = ?1 AND sent = 0";
    FAILED = "UPDATE outbox SET attempts = attempts + 1, not_before = ?2 WHERE id = ?1";
    STUCK = "UPDATE outbox SET attempts = attempts + 1, stuck = ?2, sent = ?3 WHERE id = ?1";
    RETRY = "UPDATE outbox SET attempts = 0, stuck = NULL, not_before = ?2 WHERE id = ?1";
    RETRY_BEFORE = "UPDATE outbox SET not_before = min(not_before, ?2) WHERE attempts > 0 AND stuck IS NULL
        AND id < ?1 AND thread = (SELECT thread FROM outbox WHERE id = ?1)";
    RETRY_ACCOUNT = "DELETE FROM outbox_pauses WHERE account_id = (SELECT calendar.account_id FROM outbox
        JOIN external_calendars calendar ON calendar.id = outbox.calendar_id WHERE outbox.id = ?1)";
    PERMITTED = "UPDATE outbox SET attempts = 0, stuck = NULL, not_before = ?2
        WHERE stuck ->> 'code' = 'missing_permission' AND calendar_id IN
            (SELECT id FROM external_calendars WHERE account_id = ?1)";
    SAY = "UPDATE outbox SET target = ?2, deed = ?3 WHERE id = ?1";
    PAUSE = "INSERT INTO outbox_pauses (account_id, until, message) VALUES (?1, ?2, ?3)
        ON CONFLICT (account_id) DO UPDATE SET until = excluded.until, message = excluded.message";
    UNPAUSE = "DELETE FROM outbox_pauses WHERE account_id = ?1";
    PAUSES = "SELECT account_id, until, message FROM outbox_pauses ORDER BY account_id";
}

/// Until when Google takes no writes of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Which account.
    pub account: AccountId,
    /// Until when.
    pub until: DateTime<Utc>,
    /// What happened, in a sentence.
    pub message: String,
}

impl Tx {
    /// Puts a change behind what waits of the same event, or into it. `base` is what Google is known
    /// to have of the event. Answers what now waits because of it; `None` where nothing does.
    pub async fn queue(
        &mut self,
        new: NewOp,
        base: Option<&Content>,
        now: DateTime<Utc>,
    ) -> Result<Option<OpId>, StoreError> {
        let waiting = match &new.event {
            Some(event) => of_event(self.conn(), event).await?,
            // Answers for one occurrence and for its series are two things, in one thread.
            None => {
                let mut thread = of_thread(self.conn(), &new.thread).await?;
                thread.retain(|op| op.what.target == new.target);
                thread
            }
        };
        self.touch(Topic::Outbox);
        match fold(&waiting, new, base) {
            Fold::Append(new) => Ok(Some(self.append(&new, now).await?)),
            Fold::Replace(id, new) => {
                self.replace(id, &new).await?;
                Ok(Some(id))
            }
            Fold::Cancel(ids) => {
                for id in ids {
                    self.remove_op(id).await?;
                }
                Ok(None)
            }
        }
    }

    async fn append(&mut self, new: &NewOp, now: DateTime<Utc>) -> Result<OpId, StoreError> {
        let done = sqlx::query(APPEND)
            .bind(&new.thread)
            .bind(new.event.as_ref().map(|id| id.0.as_str()))
            .bind(new.calendar.0)
            .bind(&new.title)
            .bind(json_of(&new.target))
            .bind(json_of(&new.deed))
            .bind(word_of(new.notify))
            .bind(new.not_before.timestamp_millis())
            .bind(now.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("queueing a change"))?;
        Ok(OpId(done.last_insert_rowid()))
    }

    async fn replace(&mut self, id: OpId, new: &NewOp) -> Result<(), StoreError> {
        sqlx::query(REPLACE)
            .bind(id.0)
            .bind(&new.thread)
            .bind(new.event.as_ref().map(|id| id.0.as_str()))
            .bind(new.calendar.0)
            .bind(&new.title)
            .bind(json_of(&new.target))
            .bind(json_of(&new.deed))
            .bind(word_of(new.notify))
            .bind(new.not_before.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("changing what waits to be sent"))?;
        Ok(())
    }

    /// The operation is done, or is not wanted any more.
    pub async fn remove_op(&mut self, id: OpId) -> Result<(), StoreError> {
        self.touch(Topic::Outbox);
        self.on_op(REMOVE, id, "taking a change out of the outbox")
            .await
    }

    /// Takes out all that waits of an event.
    pub async fn remove_ops_of(&mut self, event: &DuetEventId) -> Result<(), StoreError> {
        self.touch(Topic::Outbox);
        sqlx::query(REMOVE_EVENT)
            .bind(&event.0)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("taking changes out of the outbox"))?;
        Ok(())
    }

    /// It is about to be sent: from now on nobody knows whether it was carried out.
    pub async fn op_is_sent(&mut self, id: OpId) -> Result<(), StoreError> {
        self.on_op(SENT, id, "noting that a change is sent").await
    }

    /// A try failed in passing; the next is not before this.
    pub async fn op_failed(
        &mut self,
        id: OpId,
        not_before: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.touch(Topic::Outbox);
        sqlx::query(FAILED)
            .bind(id.0)
            .bind(not_before.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that a change waits"))?;
        Ok(())
    }

    /// It was refused, and waits for the person. `sent` says whether an earlier try, of which nobody knows
    /// what became, may have been carried out.
    pub async fn op_is_stuck(
        &mut self,
        id: OpId,
        why: &Stuck,
        sent: bool,
    ) -> Result<(), StoreError> {
        self.touch(Topic::Outbox);
        sqlx::query(STUCK)
            .bind(id.0)
            .bind(json_of(why))
            .bind(sent)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that a change was refused"))?;
        Ok(())
    }

    /// The person wants it tried now: what goes before it does not wait for its time either, and
    /// Google is asked although it takes no writes for now.
    pub async fn retry_op(&mut self, id: OpId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.touch(Topic::Outbox);
        for statement in [RETRY, RETRY_BEFORE] {
            sqlx::query(statement)
                .bind(id.0)
                .bind(now.timestamp_millis())
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("trying a change again"))?;
        }
        self.on_op(RETRY_ACCOUNT, id, "trying a change again").await
    }

    /// The account may be written to now: what was refused for want of that is tried again.
    pub async fn retry_permitted(
        &mut self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(PERMITTED)
            .bind(account.0)
            .bind(now.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("trying refused changes again"))?;
        if done.rows_affected() > 0 {
            self.touch(Topic::Outbox);
        }
        Ok(())
    }

    /// What it is about, or what is to happen, is put more exactly: by what Google has said since.
    pub async fn restate_op(
        &mut self,
        id: OpId,
        target: &Target,
        deed: &Deed,
    ) -> Result<(), StoreError> {
        sqlx::query(SAY)
            .bind(id.0)
            .bind(json_of(target))
            .bind(json_of(deed))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("putting a change more exactly"))?;
        Ok(())
    }

    /// One operation, as this transaction sees it.
    pub async fn op(&mut self, id: OpId) -> Result<Option<Op>, StoreError> {
        let row: Option<Row> = sqlx::query_as(BY_ID)
            .bind(id.0)
            .fetch_optional(self.conn())
            .await
            .map_err(StoreError::doing("reading a change that waits"))?;
        row.map(Op::try_from).transpose()
    }

    /// What waits of an event, in the order of sending.
    pub async fn ops_of(&mut self, event: &DuetEventId) -> Result<Vec<Op>, StoreError> {
        of_event(self.conn(), event).await
    }

    /// What waits in a thread, in the order of sending.
    pub async fn ops_of_thread(&mut self, thread: &str) -> Result<Vec<Op>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(THREAD)
            .bind(thread)
            .fetch_all(self.conn())
            .await
            .map_err(StoreError::doing("reading what waits of a series"))?;
        rows.into_iter().map(Op::try_from).collect()
    }

    /// Until when Google takes no writes of an account; `None` ends it.
    pub async fn pause_writes(
        &mut self,
        account: AccountId,
        until: Option<(DateTime<Utc>, &str)>,
    ) -> Result<(), StoreError> {
        self.touch(Topic::Outbox);
        let query = match until {
            Some((until, message)) => sqlx::query(PAUSE)
                .bind(account.0)
                .bind(until.timestamp_millis())
                .bind(message.to_owned()),
            None => sqlx::query(UNPAUSE).bind(account.0),
        };
        query
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that Google takes no changes"))?;
        Ok(())
    }

    async fn on_op(
        &mut self,
        statement: &'static str,
        id: OpId,
        doing: &'static str,
    ) -> Result<(), StoreError> {
        sqlx::query(statement)
            .bind(id.0)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing(doing))?;
        Ok(())
    }
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Op>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the outbox"))?;
    rows.into_iter().map(Op::try_from).collect()
}

pub(crate) async fn of_account(
    conn: &mut SqliteConnection,
    account: AccountId,
) -> Result<Vec<Op>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_ACCOUNT)
        .bind(account.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the outbox of an account"))?;
    rows.into_iter().map(Op::try_from).collect()
}

async fn of_event(conn: &mut SqliteConnection, event: &DuetEventId) -> Result<Vec<Op>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_EVENT)
        .bind(&event.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading what waits of an event"))?;
    rows.into_iter().map(Op::try_from).collect()
}

async fn of_thread(conn: &mut SqliteConnection, thread: &str) -> Result<Vec<Op>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_THREAD)
        .bind(thread)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing(
            "reading what waits of an event of others",
        ))?;
    rows.into_iter().map(Op::try_from).collect()
}

pub(crate) async fn pauses(conn: &mut SqliteConnection) -> Result<Vec<Pause>, StoreError> {
    let rows: Vec<(i64, i64, String)> =
        sqlx::query_as(PAUSES)
            .fetch_all(conn)
            .await
            .map_err(StoreError::doing(
                "reading since when Google takes no changes",
            ))?;
    rows.into_iter()
        .map(|(account, until, message)| {
            let origin = Origin {
                table: "outbox_pauses",
                key: &account,
            };
            Ok(Pause {
                account: AccountId(account),
                until: origin.instant("until", until)?,
                message,
            })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    thread: String,
    event_id: Option<String>,
    calendar_id: i64,
    title: String,
    target: String,
    deed: String,
    notify: String,
    not_before: i64,
    attempts: u32,
    sent: bool,
    stuck: Option<String>,
    created_at: i64,
}

impl TryFrom<Row> for Op {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        let stuck = row.stuck.map(|stuck| origin.json("stuck", &stuck));
        Ok(Self {
            id: OpId(row.id),
            what: NewOp {
                event: row.event_id.map(DuetEventId),
                calendar: CalendarId(row.calendar_id),
                target: origin.json("target", &row.target)?,
                deed: origin.json("deed", &row.deed)?,
                notify: origin.word("notify", &row.notify)?,
                not_before: origin.instant("not_before", row.not_before)?,
                thread: row.thread,
                title: row.title,
            },
            attempts: row.attempts,
            sent: row.sent,
            stuck: stuck.transpose()?,
            created_at: origin.instant("created_at", row.created_at)?,
        })
    }
}
