//! A server for `events.list` and nothing else, small enough to be told when to page, to forget its
//! tokens, to run in circles and to break off.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::world::{Entry, World};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 503 `backendError`.
    Unavailable,
    /// 429, for the whole account.
    TooMany,
    /// 410 `fullSyncRequired`.
    Gone,
    /// 400 in the words for a bad token.
    Invalid,
    /// The connection ends before the answer does.
    Cut,
    /// JSON that ends in the middle.
    Malformed,
    /// An empty page in front of the one that was asked for.
    EmptyPage,
    /// The page leads to itself.
    Repeat,
    /// Pages that lead in a circle of two.
    Circle,
    /// A complete answer without a sync token.
    NoSyncToken,
    /// A complete answer without events.
    Empty,
    /// Says that only busy times may be read.
    BusyOnly,
}

#[derive(Default)]
struct Inside {
    worlds: BTreeMap<String, World>,
    faults: VecDeque<Fault>,
    requests: Vec<String>,
    /// Answers are made but not sent.
    held: bool,
    /// How many listings were begun; decides the order of each.
    listings: u64,
    /// How often a token was refused in the middle of a listing.
    gone_midway: u32,
    /// How often something changed between two pages.
    changed_midway: u32,
}

pub(crate) struct Fake {
    address: String,
    first_day: DateTime<Utc>,
    inside: Arc<Mutex<Inside>>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    pub(crate) async fn start(now: DateTime<Utc>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inside: Arc<Mutex<Inside>> = Arc::default();
        let shared = inside.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        Self {
            address,
            first_day: today - TimeDelta::days(10),
            inside,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/calendar/v3", self.address)
    }

    /// Looks at a calendar, or changes it. Made where there is none.
    pub(crate) fn with<T>(&self, calendar: &str, look: impl FnOnce(&mut World) -> T) -> T {
        let mut inside = self.inside.lock().unwrap();
        let seed = inside.worlds.len() as u64;
        let world = inside.worlds.entry(calendar.to_owned());
        look(world.or_insert_with(|| World::new(self.first_day, seed)))
    }

    pub(crate) fn fault(&self, fault: Fault, times: usize) {
        let faults = std::iter::repeat_n(fault, times);
        self.inside.lock().unwrap().faults.extend(faults);
    }

    pub(crate) fn clear_faults(&self) {
        self.inside.lock().unwrap().faults.clear();
    }

    /// Answers wait until this is taken back.
    pub(crate) fn hold(&self, held: bool) {
        self.inside.lock().unwrap().held = held;
    }

    /// The queries that came since last asked.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.inside.lock().unwrap().requests)
    }

    /// How often a token died and how often something changed in the middle of a listing.
    pub(crate) fn midway(&self) -> (u32, u32) {
        let inside = self.inside.lock().unwrap();
        (inside.gone_midway, inside.changed_midway)
    }
}

async fn serve(mut stream: TcpStream, inside: Arc<Mutex<Inside>>) {
    let mut head = Vec::new();
    let mut byte = [0; 2048];
    loop {
        let Ok(read) = stream.read(&mut byte).await else {
            return;
        };
        if read == 0 {
            return;
        }
        head.extend_from_slice(&byte[..read]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&std::mem::take(&mut head)).into_owned();
        let target = text.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, body, whole) = inside.lock().unwrap().answer(&target);
        while inside.lock().unwrap().held {
            tokio::task::yield_now().await;
        }
        let length = body.len() + if whole { 0 } else { 10 };
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json; charset=UTF-8\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        if stream.write_all(answer.as_bytes()).await.is_err() || !whole {
            return;
        }
    }
}

fn refused(code: u16, reason: &str, message: &str) -> (u16, String, bool) {
    let body = format!(
        r#"{{"error":{{"code":{code},"message":"{message}","errors":[{{"domain":"global","reason":"{reason}","message":"{message}"}}]}}}}"#
    );
    (code, body, true)
}

/// Where something stands in the order of one listing.
fn place(id: &str, listing: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ listing.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = id.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 29)
}

impl Inside {
    fn answer(&mut self, target: &str) -> (u16, String, bool) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let calendar = path.split('/').nth_back(1).unwrap_or_default().to_owned();
        let param = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut found = pairs.filter(|(key, _)| *key == name);
            found.next().map(|(_, value)| value.to_owned())
        };
        let numbers = |text: &str| -> Vec<u64> {
            text.split('-')
                .filter_map(|part| part.parse().ok())
                .collect()
        };
        let (sync, page) = (param("syncToken"), param("pageToken"));
        self.requests.push(format!(
            "{} {}",
            sync.as_deref().unwrap_or("all"),
            page.as_deref().unwrap_or("first")
        ));
        self.listings += 1;
        let listing = self.listings;
        let fault = self.faults.pop_front();
        let Some(world) = self.worlds.get_mut(&calendar) else {
            return refused(404, "notFound", "Not Found");
        };
        let gone = || refused(410, "fullSyncRequired", "Sync token is no longer valid.");
        match fault {
            Some(Fault::Unavailable) => return refused(503, "backendError", "Backend Error"),
            Some(Fault::TooMany) => {
                return refused(429, "rateLimitExceeded", "Rate Limit Exceeded");
            }
            Some(Fault::Gone) => {
                self.gone_midway += u32::from(page.is_some());
                return gone();
            }
            Some(Fault::Invalid) => return refused(400, "invalid", "Invalid sync token value."),
            Some(Fault::Malformed) => {
                return (200, r#"{"kind":"calendar#events","ite"#.into(), true);
            }
            _ => {}
        }
        let sync = sync.as_deref().map(numbers);
        let since = match sync.as_deref() {
            Some([epoch, since]) if *epoch == world.epoch => Some(*since),
            Some(_) => {
                self.gone_midway += u32::from(page.is_some());
                return gone();
            }
            None => None,
        };
        // Which listing it is, at which change it began, and where it stands.
        let [listing, began, after] = match page.as_deref().map(numbers).as_deref() {
            Some([listing, began, after]) => [*listing, *began, *after],
            _ => [listing, world.change, 0],
        };
        let mut items: Vec<(u64, String)> = world
            .entries
            .iter()
            .filter(|(_, (change, entry))| match since {
                Some(since) => *change > since,
                None => !matches!(entry, Entry::Dead),
            })
            .map(|(id, (change, entry))| (place(id, listing), world.json(id, *change, entry)))
            .filter(|(place, _)| *place > after)
            .collect();
        items.sort();
        let more = items.len() > world.page_size;
        items.truncate(world.page_size);
        let mut next = match items.last() {
            Some((last, _)) if more => Some(format!("{listing}-{began}-{last}")),
            _ => None,
        };
        match fault {
            Some(Fault::EmptyPage) => {
                // Another spelling of the place, so that it does not lead to itself.
                items.clear();
                next = Some(format!("{listing}-{began}-{after:020}"));
            }
            Some(Fault::Repeat) => {
                next = Some(page.unwrap_or_else(|| format!("{listing}-{began}-{after}")));
            }
            Some(Fault::Circle) => {
                next = match page.as_deref() {
                    Some("round-and") => Some("and-round".to_owned()),
                    _ => Some("round-and".to_owned()),
                };
            }
            Some(Fault::Empty) => {
                items.clear();
                next = None;
            }
            _ => {}
        }
        let tail = match (&next, fault) {
            (Some(next), _) => format!(r#","nextPageToken":"{next}""#),
            (None, Some(Fault::NoSyncToken)) => String::new(),
            (None, _) => format!(r#","nextSyncToken":"{}-{began}""#, world.epoch),
        };
        let role = match fault {
            Some(Fault::BusyOnly) => "freeBusyReader",
            _ => "owner",
        };
        let items: Vec<String> = items.into_iter().map(|(_, json)| json).collect();
        let body = format!(
            r#"{{"kind":"calendar#events","accessRole":"{role}","timeZone":"UTC","items":[{}]{tail}}}"#,
            items.join(",")
        );
        if next.is_some() && world.restless > 0 {
            world.restless -= 1;
            world.happen();
            self.changed_midway += 1;
        }
        (200, body, fault != Some(Fault::Cut))
    }
}
