//! The least that a first sync can be: the same answers over as many connections, parsed into plain
//! structs, one row for each event in one transaction. No order, no history, no search, no series.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result, bail};
use reqwest::Client;
use serde::Deserialize;
use sqlx::{
    ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::{sync::mpsc, task::JoinSet};

/// As many as Duet uses at once.
const CONNECTIONS: usize = 4;
/// Rows in one statement.
const TOGETHER: usize = 100;

/// What is downloaded: addresses in order, and whose they are.
#[derive(Debug, Clone)]
pub(crate) struct Errand {
    pub(crate) token: String,
    pub(crate) addresses: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    id: String,
    status: String,
    summary: Option<String>,
    description: Option<String>,
    location: Option<String>,
    start: Option<Time>,
    end: Option<Time>,
    recurrence: Option<Vec<String>>,
    recurring_event_id: Option<String>,
    original_start_time: Option<Time>,
    transparency: Option<String>,
    visibility: Option<String>,
    attendees: Option<Vec<Guest>>,
    updated: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Time {
    date: Option<String>,
    date_time: Option<String>,
}

impl Time {
    fn text(&self) -> Option<&str> {
        self.date_time.as_deref().or(self.date.as_deref())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Guest {
    email: Option<String>,
    display_name: Option<String>,
    response_status: Option<String>,
}

/// Downloads and stores everything in an empty folder; says how many seconds and how many rows.
pub(crate) async fn run(folder: &Path, errand: &Errand) -> Result<(f64, usize)> {
    let started = Instant::now();
    let client = Client::builder()
        .user_agent("bench (gzip)")
        .gzip(true)
        .no_proxy()
        .tcp_nodelay(true)
        .build()?;
    let mut database = open(&folder.join("floor.sqlite3")).await?;
    let (sender, mut pages) = mpsc::channel::<(usize, Page)>(CONNECTIONS);
    let mut tasks = JoinSet::new();
    for line in 0..CONNECTIONS {
        let (client, errand, sender) = (client.clone(), errand.clone(), sender.clone());
        tasks.spawn(async move {
            for (number, address) in errand.addresses.iter().enumerate() {
                if number % CONNECTIONS == line {
                    let page = page(&client, &errand.token, address).await?;
                    sender.send((number, page)).await?;
                }
            }
            anyhow::Ok(())
        });
    }
    drop(sender);
    let mut rows = 0;
    let mut transaction = database.begin().await?;
    while let Some((number, page)) = pages.recv().await {
        for events in page.items.chunks(TOGETHER) {
            insert(&mut transaction, number, events).await?;
            rows += events.len();
        }
    }
    transaction.commit().await?;
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    database.close().await?;
    Ok((started.elapsed().as_secs_f64(), rows))
}

async fn page(client: &Client, token: &str, address: &str) -> Result<Page> {
    let answer = client.get(address).bearer_auth(token).send().await?;
    if !answer.status().is_success() {
        bail!("{address} is answered with {}", answer.status());
    }
    serde_json::from_slice(&answer.bytes().await?).context("a page is no page")
}

/// With the settings of Duet's own database.
async fn open(path: &Path) -> Result<SqliteConnection> {
    let mut database = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await?;
    sqlx::query(
        "CREATE TABLE events (
            calendar INTEGER NOT NULL, id TEXT NOT NULL, status TEXT NOT NULL, title TEXT,
            description TEXT, location TEXT, start TEXT, end TEXT, recurrence TEXT, series TEXT,
            original TEXT, shows TEXT, visibility TEXT, guests TEXT, updated TEXT,
            PRIMARY KEY (calendar, id)) STRICT",
    )
    .execute(&mut database)
    .await?;
    Ok(database)
}

async fn insert(database: &mut SqliteConnection, calendar: usize, events: &[Event]) -> Result<()> {
    let calendar = i64::try_from(calendar)?;
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO events ");
    query.push_values(events, |mut row, event| {
        row.push_bind(calendar)
            .push_bind(&event.id)
            .push_bind(&event.status)
            .push_bind(&event.summary)
            .push_bind(&event.description)
            .push_bind(&event.location)
            .push_bind(event.start.as_ref().and_then(Time::text))
            .push_bind(event.end.as_ref().and_then(Time::text))
            .push_bind(event.recurrence.as_ref().map(|lines| lines.join("\n")))
            .push_bind(&event.recurring_event_id)
            .push_bind(event.original_start_time.as_ref().and_then(Time::text))
            .push_bind(&event.transparency)
            .push_bind(&event.visibility)
            .push_bind(event.attendees.as_deref().map(guests))
            .push_bind(&event.updated);
    });
    query.build().execute(database).await?;
    Ok(())
}

fn guests(guests: &[Guest]) -> String {
    guests
        .iter()
        .map(|guest| {
            [&guest.email, &guest.display_name, &guest.response_status]
                .map(|text| text.as_deref().unwrap_or_default())
                .join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}
