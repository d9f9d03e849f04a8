//! The listener against floods, dawdlers, strangers and the one good browser.

use super::*;
use tokio::task::JoinHandle;

const BELIEVED: &str = "code=good";

/// Sends `request` and returns all of the answer; empty where the connection was just closed.
async fn send(port: u16, request: &str) -> String {
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.read_to_end(&mut answer).await;
    }
    String::from_utf8(answer).unwrap()
}

fn get(port: u16, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n\r\n")
}

/// A listener that believes only [`BELIEVED`].
async fn listening() -> (u16, JoinHandle<Result<String, LoopbackError>>) {
    let listener = Listener::bind(None).await.unwrap();
    let port = listener.port;
    assert_eq!(
        listener.redirect_uri(),
        format!("http://127.0.0.1:{port}/oauth2redirect")
    );
    let waiting =
        tokio::spawn(listener.receive(|url| url.contains(BELIEVED).then(|| url.to_owned())));
    (port, waiting)
}

async fn is_closed(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .is_err()
}

#[tokio::test]
async fn the_browsers_return_is_received_and_the_port_closed() {
    let (port, waiting) = listening().await;
    let answer = send(
        port,
        &get(port, "/oauth2redirect?code=good&state=DUETCANARY"),
    )
    .await;
    let expect = format!("http://127.0.0.1:{port}/oauth2redirect?code=good&state=DUETCANARY");
    assert_eq!(waiting.await.unwrap().unwrap(), expect);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let length: usize = answer
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .unwrap()
        .parse()
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), length, "the page arrived whole");
    for header in [
        "no-store",
        "no-referrer",
        "default-src 'none'",
        "nosniff",
        "Connection: close",
    ] {
        assert!(head.contains(header), "{header} is missing in {head}");
    }
    assert!(
        !answer.contains("DUETCANARY"),
        "nothing of the query is repeated"
    );
    assert!(is_closed(port).await, "nothing listens afterwards");
}

#[tokio::test]
async fn what_is_not_believed_does_not_end_the_wait() {
    let (port, waiting) = listening().await;
    let forged = send(port, &get(port, "/oauth2redirect?code=forged&state=x")).await;
    assert!(forged.starts_with("HTTP/1.1 400 "), "{forged}");
    for other in ["/", "/favicon.ico", "/oauth2redirect/x", "//oauth2redirect"] {
        let answer = send(port, &get(port, other)).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{other}: {answer}");
    }
    let rebound = "GET /oauth2redirect?code=good HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    assert!(
        send(port, rebound).await.starts_with("HTTP/1.1 404 "),
        "another name's page"
    );
    let posted =
        format!("POST /oauth2redirect?code=good HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert!(
        send(port, &posted).await.starts_with("HTTP/1.1 404 "),
        "not a navigation"
    );
    assert!(!waiting.is_finished());
    let good = send(port, &get(port, "/oauth2redirect?code=good")).await;
    assert!(good.starts_with("HTTP/1.1 200 "), "{good}");
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_request_that_does_not_end_is_dropped() {
    let (port, waiting) = listening().await;
    let endless = format!(
        "GET /oauth2redirect?code=good HTTP/1.1\r\nX: {}",
        "x".repeat(20_000)
    );
    assert_eq!(send(port, &endless).await, "", "8 KiB and no more");
    let binary = "GET /oauth2redirect?code=good\u{0} \u{7f}\r\n\r\n";
    assert!(send(port, binary).await.starts_with("HTTP/1.1 404 "));
    let good = send(port, &get(port, "/oauth2redirect?code=good")).await;
    assert!(good.starts_with("HTTP/1.1 200 "), "{good}");
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_thousand_junk_connections_do_not_keep_the_browser_out() {
    let (port, waiting) = listening().await;
    let mut junk = Vec::new();
    for number in 0..1000 {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
            continue;
        };
        // Dawdlers: half a request, and the connection is held open.
        let _ = stream
            .write_all(b"GET /oauth2redirect?code=good HTTP/1.1\r\nHo")
            .await;
        if number % 50 == 0 {
            junk.push(stream);
        }
    }
    let begun = Instant::now();
    let good = send(port, &get(port, "/oauth2redirect?code=good")).await;
    assert!(good.starts_with("HTTP/1.1 200 "), "{good}");
    assert!(
        begun.elapsed() < PER_CONNECTION,
        "the browser need not wait for dawdlers to time out"
    );
    waiting.await.unwrap().unwrap();
    assert!(is_closed(port).await);
}

#[tokio::test]
async fn a_hundred_reloads_are_received_once() {
    let (port, waiting) = listening().await;
    let mut tries = JoinSet::new();
    for _ in 0..100 {
        tries.spawn(async move { send(port, &get(port, "/oauth2redirect?code=good")).await });
    }
    waiting.await.unwrap().unwrap();
    let mut pages = 0;
    while let Some(answer) = tries.join_next().await {
        pages += usize::from(answer.unwrap().starts_with("HTTP/1.1 200 "));
    }
    assert!(pages <= 1, "one is told it is done, {pages} were");
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_after_ten_minutes() {
    let (port, waiting) = listening().await;
    assert!(matches!(
        waiting.await.unwrap(),
        Err(LoopbackError::TimedOut)
    ));
    assert!(is_closed(port).await);
}

#[tokio::test]
async fn giving_up_closes_the_port() {
    let (port, waiting) = listening().await;
    assert!(!is_closed(port).await);
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert!(is_closed(port).await);
}

#[tokio::test]
async fn a_taken_port_is_said_in_words() {
    let first = Listener::bind(None).await.unwrap();
    let error = Listener::bind(Some(first.port)).await.unwrap_err();
    assert!(
        error.to_string().contains(&first.port.to_string()),
        "{error}"
    );
}
