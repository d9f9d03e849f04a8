//! Answers that no honest server sends, from a scripted socket: T25, T26, F2, F3.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use duet_google::auth::{AccessToken, AuthError, RefreshToken, refresh};
use duet_google::calendar_list::list;
use duet_google::error::Error;
use duet_google::events::{self, Item, Page, Reader};
use duet_google::freebusy::{Query, query};
use duet_google::{Client, Retry};
use duet_model::account::FailureCode;
use duet_model::zones::ZoneDb;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::setting::config_of;

const ONE_MIB: usize = 1024 * 1024;

/// A server that answers each request with whatever bytes the script says, then closes.
struct Scripted {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the script says to one request: the bytes to send, or to keep silent.
enum Say {
    Bytes(Vec<u8>),
    Nothing,
}

impl Scripted {
    async fn start(script: impl Fn(&str) -> Say + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let log = heads.clone();
        let task = tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                let mut part = [0; 4096];
                while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                    match stream.read(&mut part).await {
                        Ok(0) | Err(_) => break,
                        Ok(read) => head.extend_from_slice(&part[..read]),
                    }
                    // A TLS greeting has no empty line at its end.
                    if head.first() == Some(&0x16) {
                        break;
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let say = script(&head);
                log.lock().expect("no panic in between").push(head);
                match say {
                    // The client may hang up first: that is what some of these answers are for.
                    Say::Bytes(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                        let _ = stream.shutdown().await;
                    }
                    Say::Nothing => silent.push(stream),
                }
            }
        });
        Self { port, heads, task }
    }

    fn client(&self) -> Client {
        self.client_by("http")
    }

    fn client_by(&self, scheme: &str) -> Client {
        let base = format!("{scheme}://127.0.0.1:{}", self.port);
        let env = [
            (
                "GOOGLE_CLIENT_ID",
                "123-abc.apps.googleusercontent.com".to_owned(),
            ),
            ("GOOGLE_AUTH_URL", format!("{base}/auth")),
            ("GOOGLE_TOKEN_URL", format!("{base}/token")),
            ("GOOGLE_REVOKE_URL", format!("{base}/revoke")),
            ("GOOGLE_CALENDAR_URL", format!("{base}/calendar/v3/")),
        ];
        Client::new(config_of(&env)).expect("an HTTP client")
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic in between").clone()
    }
}

/// The first page of a calendar's events.
async fn events_of(client: &Client) -> Result<Page, Error> {
    let query = events::Query {
        calendar: "a",
        sync_token: None,
        page_token: None,
    };
    let reader = Reader {
        me: "ana@example.com",
        zones: &ZoneDb::bundled(),
    };
    events::page(client, &access(), &query, &reader).await
}

fn access() -> AccessToken {
    AccessToken::new("ya29.secret", Duration::from_secs(60))
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}Connection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn json(body: &str) -> Vec<u8> {
    ok(
        &format!("Content-Length: {}\r\n", body.len()),
        body.as_bytes(),
    )
}

fn page(next: &str) -> Vec<u8> {
    json(&format!(
        r#"{{"kind":"calendar#calendarList","items":[],"nextPageToken":"{next}"}}"#
    ))
}

#[tokio::test]
async fn requests_carry_what_google_wants_and_the_key_only_in_the_header() {
    let body = r#"{"kind":"calendar#calendarList","items":[]}"#;
    let server = Scripted::start(|_| Say::Bytes(json(body))).await;
    list(&server.client(), &access(), Some("sync/token=&"))
        .await
        .unwrap();
    let heads = server.heads();
    let head = heads[0].to_ascii_lowercase();
    assert!(
        head.starts_with("get /calendar/v3/users/me/calendarlist?"),
        "{head}"
    );
    assert!(
        head.contains("\r\nuser-agent: duet/0.1 (gzip)\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\naccept-encoding: gzip\r\n"), "{head}");
    assert!(
        head.contains("\r\nauthorization: bearer ya29.secret\r\n"),
        "{head}"
    );
    assert_eq!(
        head.matches("ya29").count(),
        1,
        "in the header and nowhere else"
    );
    assert!(head.contains("synctoken=sync%2ftoken%3d%26"), "{head}");
    assert!(
        !head.contains("showdeleted") && !head.contains("minaccessrole"),
        "{head}"
    );
    assert!(
        !head.contains("\r\nreferer:") && !head.contains("\r\ncookie:"),
        "{head}"
    );
}

#[tokio::test]
async fn a_listing_that_repeats_itself_is_stopped() {
    let server = Scripted::start(|_| Say::Bytes(page("again"))).await;
    let error = list(&server.client(), &access(), None).await.unwrap_err();
    assert!(matches!(error, Error::EndlessPages), "{error:?}");
    assert_eq!(server.heads().len(), 2);
}

#[tokio::test]
async fn a_listing_without_end_is_stopped() {
    let count = AtomicUsize::new(0);
    let server = Scripted::start(move |_| {
        Say::Bytes(page(&count.fetch_add(1, Ordering::Relaxed).to_string()))
    })
    .await;
    let error = list(&server.client(), &access(), None).await.unwrap_err();
    assert!(matches!(error, Error::EndlessPages), "{error:?}");
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(server.heads().len(), 1000);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let zeros = vec![b' '; 40 * ONE_MIB];
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut gzip, &zeros).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < ONE_MIB, "small on the wire: {}", bomb.len());
    let bomb_head = format!(
        "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
        bomb.len()
    );
    let cases = [
        ("said", ok("Content-Length: 99999999999\r\n", b"{")),
        ("sent", ok("", &zeros)),
        ("compressed", ok(&bomb_head, &bomb)),
    ];
    for (how, bytes) in cases {
        let server = Scripted::start(move |_| Say::Bytes(bytes.clone())).await;
        let error = list(&server.client(), &access(), None).await.unwrap_err();
        assert!(matches!(error, Error::TooLong), "{how}: {error:?}");
        let token = RefreshToken::new("1//x");
        let error = refresh(&server.client(), &token).await.unwrap_err();
        assert!(
            matches!(error, AuthError::Transport(Error::TooLong)),
            "{how}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_no_answer() {
    let from = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let question = Query {
        time_min: from,
        time_max: from + TimeDelta::days(1),
        calendars: vec!["a".into()],
    };
    let whole = json(
        r#"{"timeMin":"2026-11-18T11:06:40Z","timeMax":"2026-11-19T11:06:40Z","calendars":{"a":{"busy":[]}}}"#,
    );
    let length = whole.len();
    let cut = Arc::new(AtomicUsize::new(length));
    let here = cut.clone();
    let server =
        Scripted::start(move |_| Say::Bytes(whole[..here.load(Ordering::Relaxed)].to_vec())).await;
    let client = server.client();
    query(&client, &access(), &question)
        .await
        .expect("the whole answer is one");
    for at in 0..length {
        cut.store(at, Ordering::Relaxed);
        let error = query(&client, &access(), &question).await.unwrap_err();
        assert_eq!(error.retry(), Retry::After(None), "cut at {at}: {error:?}");
        assert!(!error.is_offline(), "cut at {at}: Google was reached");
    }
}

#[tokio::test]
async fn json_of_another_shape_is_never_an_empty_list_or_free_time() {
    let from = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let question = Query {
        time_min: from,
        time_max: from + TimeDelta::days(1),
        calendars: vec!["a".into()],
    };
    for body in [
        "{}",
        "[]",
        "null",
        "5",
        "\"\"",
        "{\"items\":[]}",
        "{\"error\":{\"code\":403}}",
        "{\"calendars\":{}}",
        "[null,null,{}]",
        "[[],null,null]",
        "[\"calendar#calendarList\",[],null,null]",
        "{\"kind\":\"calendar#events\"}",
        "[\"calendar#events\",[],null,\"s\"]",
    ] {
        let server = Scripted::start(move |_| Say::Bytes(json(body))).await;
        let client = server.client();
        let error = list(&client, &access(), None).await.unwrap_err();
        assert_eq!(error.code(), FailureCode::BadAnswer, "{body}: {error:?}");
        let error = query(&client, &access(), &question).await.unwrap_err();
        assert_eq!(error.code(), FailureCode::BadAnswer, "{body}: {error:?}");
        let error = events_of(&client).await.unwrap_err();
        assert_eq!(error.code(), FailureCode::BadAnswer, "{body}: {error:?}");
        let error = refresh(&client, &RefreshToken::new("1//x"))
            .await
            .unwrap_err();
        assert_eq!(error.code(), FailureCode::BadAnswer, "{body}: {error:?}");
    }
}

#[tokio::test]
async fn a_wrong_byte_costs_a_letter_and_no_calendar() {
    let body = [
        br#"{"kind":"calendar#events","items":[{"id":"abc","summary":"Caf"#.as_slice(),
        b"\xe9",
        br#"","start":{"date":"2026-11-22"},"end":{"date":"2026-11-23"}}],"nextSyncToken":"s"}"#,
    ]
    .concat();
    let length = format!("Content-Length: {}\r\n", body.len());
    let bytes = ok(&length, &body);
    let server = Scripted::start(move |_| Say::Bytes(bytes.clone())).await;
    let page = events_of(&server.client()).await.unwrap();
    let [Item::Event { event, .. }] = page.items.as_slice() else {
        panic!("one event: {page:?}");
    };
    assert_eq!(event.title, "Caf\u{fffd}");
}

#[tokio::test]
async fn plain_http_where_tls_is_due_is_interference() {
    let server = Scripted::start(|_| {
        Say::Bytes(b"HTTP/1.1 302 Found\r\nLocation: http://hotel.example/\r\n\r\n".to_vec())
    })
    .await;
    let error = list(&server.client_by("https"), &access(), None)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Untrusted { clock: false, .. }),
        "{error:?}"
    );
    assert_eq!(error.code(), FailureCode::Interfered);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_keeps_silent_is_given_up() {
    let server = Scripted::start(|_| Say::Nothing).await;
    let begun = tokio::time::Instant::now();
    let error = list(&server.client(), &access(), None).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)), "{error:?}");
    assert!(
        begun.elapsed() <= Duration::from_secs(31),
        "after 30 seconds of silence"
    );
    assert!(
        !error.is_offline() && error.retry() == Retry::After(None),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_date_to_wait_for_is_read_by_the_servers_own_clock() {
    let body = "{}";
    let head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
                Date: Tue, 01 Jan 2019 00:00:00 GMT\r\nRetry-After: Tue, 01 Jan 2019 00:01:30 GMT\r\n\
                Content-Length: 2\r\nConnection: close\r\n\r\n";
    let bytes = [head, body].concat().into_bytes();
    let server = Scripted::start(move |_| Say::Bytes(bytes.clone())).await;
    let error = list(&server.client(), &access(), None).await.unwrap_err();
    assert_eq!(
        error.retry(),
        Retry::After(Some(Duration::from_secs(90))),
        "{error:?}"
    );
}
