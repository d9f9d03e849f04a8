//! The listener on 127.0.0.1 to which a "Desktop app" client's browser returns.
//!
//! It lives for one sign-in. Any web page and any local program can reach it, so it gives nothing
//! away and lets no one hold it up: only `GET /oauth2redirect` with this listener's own `Host` is
//! looked at, everything else is "not found"; a connection has 5 seconds and 8 KiB, the page that
//! answers is fixed text. Whether an arrival is believed is the caller's judgement; an arrival that
//! is not believed does not end the wait, else any page could spoil a sign-in.

mod page;
mod request;

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use crate::config::REDIRECT_PATH;
use page::Page;

/// How long the listener waits for the person: as long as a flow lives.
pub const LIFETIME: Duration = Duration::from_mins(10);
/// How long one connection may take for its request, and again for the page.
const PER_CONNECTION: Duration = Duration::from_secs(5);
/// How many connections are open at once.
const MOST_CONNECTIONS: usize = 16;
/// The largest request that is read.
const REQUEST_CAP: usize = 8 * 1024;

/// A listener that waits for the browser.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    port: u16,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum LoopbackError {
    /// The port could not be had.
    #[error("Duet could not wait for the browser on this computer's port {}", port_words(*.port))]
    Bind {
        /// The port that was asked for.
        port: Option<u16>,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The socket stopped working.
    #[error("waiting for the browser failed")]
    Accept(#[source] io::Error),
    /// Ten minutes went by.
    #[error("the sign-in was not completed within ten minutes; start it again")]
    TimedOut,
}

fn port_words(port: Option<u16>) -> String {
    port.map_or_else(|| "(any free one)".to_owned(), |port| port.to_string())
}

/// An arrival that a connection brought, and where to send the page for it.
struct Arrival {
    url: String,
    believed: oneshot::Sender<bool>,
}

impl Listener {
    /// Listens on `port` of 127.0.0.1, or on any free one.
    pub async fn bind(port: Option<u16>) -> Result<Self, LoopbackError> {
        let failed = |source| LoopbackError::Bind { port, source };
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))
            .await
            .map_err(failed)?;
        let port = socket.local_addr().map_err(failed)?.port();
        Ok(Self { socket, port })
    }

    /// The address to give to [`super::begin`] as the redirect.
    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{REDIRECT_PATH}", self.port)
    }

    /// Waits until `judge` believes an arrival, and returns what it made of it.
    ///
    /// `judge` is given the full address of each arrival, in order: usually it parses it and takes
    /// the flow. `None` sends the browser a page that says so, and the wait goes on. After 10 minutes
    /// the wait ends with [`LoopbackError::TimedOut`]. In every case, also when this future is
    /// dropped, the port and all connections are closed at the end.
    pub async fn receive<T>(
        self,
        mut judge: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, LoopbackError> {
        let deadline = Instant::now() + LIFETIME;
        // Connections hand their arrival over and wait for the verdict; the judge runs here, one
        // arrival at a time, so that it needs no lock.
        let (arrivals, mut inbox) = mpsc::channel::<Arrival>(MOST_CONNECTIONS);
        let mut connections = Connections::default();
        loop {
            let event = timeout_at(deadline, async {
                tokio::select! {
                    // An arrival before another connection: a flood must not starve the answer.
                    biased;
                    Some(arrival) = inbox.recv() => Ok(Event::Arrived(arrival)),
                    accepted = self.socket.accept() => accepted.map(|(stream, _)| Event::Opened(stream)),
                }
            })
            .await
            .map_err(|_| LoopbackError::TimedOut)?;
            match event {
                Ok(Event::Opened(stream)) => {
                    connections.open(serve(stream, self.port, arrivals.clone()));
                }
                Ok(Event::Arrived(Arrival { url, believed })) => match judge(&url) {
                    Some(verdict) => {
                        // The connection may be gone; what it brought counts all the same.
                        let _ = believed.send(true);
                        drop(self.socket);
                        connections.finish().await;
                        return Ok(verdict);
                    }
                    None => {
                        let _ = believed.send(false);
                    }
                },
                // One connection that died in the backlog is no reason to give up the sign-in.
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(LoopbackError::Accept(error)),
            }
        }
    }
}

enum Event {
    Opened(TcpStream),
    Arrived(Arrival),
}

/// The open connections, oldest first.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    order: VecDeque<AbortHandle>,
}

impl Connections {
    /// Serves one more. Where all places are taken, the oldest is closed: a browser that has just
    /// come sends its request at once, one that dawdles is not the browser.
    fn open(&mut self, serving: impl Future<Output = ()> + Send + 'static) {
        while self.tasks.try_join_next().is_some() {}
        self.order.retain(|task| !task.is_finished());
        if self.order.len() >= MOST_CONNECTIONS
            && let Some(oldest) = self.order.pop_front()
        {
            oldest.abort();
        }
        self.order.push_back(self.tasks.spawn(serving));
    }

    /// Lets the page of the believed arrival out, for a moment; then closes all.
    async fn finish(mut self) {
        let last = async { while self.tasks.join_next().await.is_some() {} };
        let _ = timeout(Duration::from_secs(1), last).await;
        self.tasks.shutdown().await;
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
            | io::ErrorKind::WouldBlock
    )
}

/// One connection: one request, one page, closed.
async fn serve(mut stream: TcpStream, port: u16, arrivals: mpsc::Sender<Arrival>) {
    let Ok(Some(head)) = timeout(PER_CONNECTION, read_head(&mut stream)).await else {
        return;
    };
    let page = match request::target(&head, port) {
        None => Page::NotFound,
        Some(target) => {
            let (believed, verdict) = oneshot::channel();
            let url = format!("http://127.0.0.1:{port}{target}");
            if arrivals.send(Arrival { url, believed }).await.is_err() {
                return;
            }
            match verdict.await {
                Ok(true) => Page::Done,
                Ok(false) | Err(_) => Page::NotBelieved,
            }
        }
    };
    let answer = page.response();
    let write = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    };
    // The browser may have closed already; nothing depends on the page.
    let _ = timeout(PER_CONNECTION, write).await;
}

/// Reads up to the empty line that ends a request's head. `None`: closed, too long, or not text.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::with_capacity(1024);
    loop {
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            head.truncate(end);
            return String::from_utf8(head).ok();
        }
        let room = REQUEST_CAP - head.len();
        if room == 0 {
            return None;
        }
        let mut part = [0_u8; 1024];
        let wanted = room.min(part.len());
        match stream.read(&mut part[..wanted]).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => head.extend_from_slice(&part[..read]),
        }
    }
}

#[cfg(test)]
mod tests;
