//! The HTTP server: listening, going offline and coming back, carrying out faults, compressing,
//! logging. Owns connections and the order of these steps; answers come from the endpoints.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use hyper::{
    Request, Response, StatusCode, Version,
    body::{Body, Bytes},
    header::{AUTHORIZATION, CONTENT_LENGTH},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use crate::{
    clients::{ClientKind, OAuthClient},
    control::Control,
    control_http,
    dispatch::dispatch,
    error::Failure,
    faults::{self, FaultKind, Plan},
    freebusy,
    http::{Incoming, Reply},
    log::LoggedRequest,
    payload::{Dropped, Payload, read_body},
    replay,
    route::Route,
    state::Shared,
    world::World,
};

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// When its clock starts; the world's own start where None. It runs on in real time.
    pub clock: Option<DateTime<Utc>>,
    /// Which of the two built-in clients `Sandbox::env` names. Both always work.
    pub client: ClientKind,
    /// Whether the authorization address redirects at once, as a person who clicks "Allow" would.
    pub auto_consent: bool,
    /// Stands in front of every token and code, so that a leak can be searched for.
    pub token_prefix: String,
    /// Whether `/__sandbox/…` is served, for tests that run the application as another process.
    pub control: bool,
    /// Whether refresh tokens outlive the sandbox: for the demo account, which must still be
    /// connected after the application was restarted. What was revoked is forgotten then.
    pub durable_grants: bool,
    /// Decides the tokens.
    pub seed: u64,
    /// How long access tokens live.
    pub access_token_lifetime: Duration,
    /// Added to every answer.
    pub latency: Duration,
    /// Whether an answer that reads is kept and given again until the world changes: for measuring a
    /// client, so that it does not wait for the sandbox.
    pub replay: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            clock: None,
            client: ClientKind::Desktop,
            auto_consent: false,
            token_prefix: String::new(),
            control: false,
            durable_grants: false,
            seed: 1,
            access_token_lifetime: Duration::from_secs(3599),
            latency: Duration::ZERO,
            replay: false,
        }
    }
}

/// A running stand-in Google. Dropping it stops the server and closes its connections.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    client: OAuthClient,
    control: Control,
    cancel: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Serves a world on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(world: World) -> io::Result<Sandbox> {
        Sandbox::start_with(world, Options::default()).await
    }

    /// Serves a world on a free port of 127.0.0.1, with options.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start_with(world: World, options: Options) -> io::Result<Sandbox> {
        Sandbox::start_at(world, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await
    }

    /// Serves a world at an address of one's choice.
    ///
    /// # Errors
    /// When the address is taken or not this machine's.
    pub async fn start_at(world: World, addr: SocketAddr, options: Options) -> io::Result<Sandbox> {
        let listener = TcpListener::bind(addr).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(world, &options));
        let client = OAuthClient::of(options.client);
        let (wanted, wanted_seen) = watch::channel(true);
        let (up, up_seen) = watch::channel(true);
        let cancel = CancellationToken::new();
        let control = Control::new(shared.clone(), address, wanted, up_seen);
        let server = Server {
            shared,
            address,
            control: options.control.then(|| control.clone()),
            options,
        };
        let stop = cancel.clone();
        let task = tokio::spawn(async move {
            let run = listen(listener, Arc::new(server), wanted_seen, up);
            stop.run_until_cancelled(run).await;
        });
        Ok(Sandbox {
            address,
            client,
            control,
            cancel,
            task: Some(task),
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The authorization endpoint.
    pub fn auth_url(&self) -> String {
        format!("{}/o/oauth2/v2/auth", self.base_url())
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.base_url())
    }

    /// The revocation endpoint.
    pub fn revoke_url(&self) -> String {
        format!("{}/revoke", self.base_url())
    }

    /// The Calendar API's base, ending in `/calendar/v3`.
    pub fn calendar_url(&self) -> String {
        format!("{}/calendar/v3", self.base_url())
    }

    /// The id of the client that `env` names.
    pub fn client_id(&self) -> &'static str {
        self.client.id
    }

    /// Its secret, if its type has one.
    pub fn client_secret(&self) -> Option<&'static str> {
        self.client.secret
    }

    /// The environment that points an application at this sandbox.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = vec![
            ("GOOGLE_AUTH_URL", self.auth_url()),
            ("GOOGLE_TOKEN_URL", self.token_url()),
            ("GOOGLE_REVOKE_URL", self.revoke_url()),
            ("GOOGLE_CALENDAR_URL", self.calendar_url()),
            ("GOOGLE_CLIENT_ID", self.client.id.to_owned()),
        ];
        if let Some(secret) = self.client.secret {
            env.push(("GOOGLE_CLIENT_SECRET", secret.to_owned()));
        }
        env
    }

    /// The handle for faults, the clock, the log and changes of the world.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops the server and waits until its port is free again.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        if let Some(task) = self.task.take() {
            // The task ends by cancellation; a panic in it would have nothing left to stop.
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[derive(Debug)]
struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    options: Options,
    /// Present where `/__sandbox/…` is served.
    control: Option<Control>,
}

/// Accepts connections while it is wanted, and closes the port and every connection while it is not.
async fn listen(
    first: TcpListener,
    server: Arc<Server>,
    mut wanted: watch::Receiver<bool>,
    up: watch::Sender<bool>,
) {
    let mut listener = Some(first);
    let mut connections = JoinSet::new();
    loop {
        let online = *wanted.borrow_and_update();
        if !online {
            listener = None;
            connections.shutdown().await;
            up.send_replace(false);
            if wanted.changed().await.is_err() {
                return;
            }
            continue;
        }
        let open = match listener.take() {
            Some(open) => open,
            None => match TcpListener::bind(server.address).await {
                Ok(open) => open,
                Err(reason) => {
                    // Somebody else may hold the port for a moment after we gave it up.
                    tracing::debug!(%reason, "cannot listen again yet");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        up.send_replace(true);
        loop {
            tokio::select! {
                changed = wanted.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    break;
                }
                accepted = open.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, server.clone()));
                    }
                    Err(reason) => tracing::debug!(%reason, "a connection was not accepted"),
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        listener = Some(open);
    }
}

async fn serve(stream: TcpStream, server: Arc<Server>) {
    // Small answers go out at once; without this a reused connection waits for delayed ACKs.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(server.clone(), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    if let Err(reason) = builder
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::trace!(%reason, "a connection ended");
    }
}

async fn answer<B>(server: Arc<Server>, request: Request<B>) -> Result<Response<Payload>, Dropped>
where
    B: Body<Data = Bytes> + Unpin,
{
    let (head, body) = request.into_parts();
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let Some(body) = read_body(body).await else {
        return Ok(finish(
            Reply::empty(413),
            server.shared.lock().clock.now(),
            None,
        ));
    };
    let http2 = head.version == Version::HTTP_2;
    let mut request = Incoming::new(head.method, &target, head.headers, body);
    let bent = request
        .param("pageToken")
        .and_then(faults::unbend)
        .map(str::to_owned);
    if let Some(page) = bent {
        request.query.retain(|(name, _)| name != "pageToken");
        if !page.is_empty() {
            request.query.push(("pageToken".to_owned(), page));
        }
    }
    let real_page = request.param("pageToken").unwrap_or_default().to_owned();
    let route = Route::of(&request);
    if let Route::Control(verb) = &route {
        let reply = match &server.control {
            Some(control) => control_http::answer(control, verb, &request),
            None => Failure::not_found().into(),
        };
        return Ok(finish(reply, server.shared.lock().clock.now(), None));
    }
    let (plan, visit) = arrive(&server.shared, &request, &route, http2);
    let delay = plan.delay + server.options.latency;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let endpoint = route.endpoint(&request);
    let port = server.address.port();
    let replay = replay::key(&server.shared.lock(), &request, endpoint, &plan);
    let kept = replay
        .as_ref()
        .and_then(|key| server.shared.lock().replays.get(key));
    if let Some(reply) = kept {
        visit.answered(&reply);
        return Ok(finish(reply, server.shared.lock().clock.now(), None));
    }
    let reply = match &plan.kind {
        Some(FaultKind::DropBefore) => return Err(Dropped),
        Some(FaultKind::Stall) => std::future::pending().await,
        Some(kind) => faults::replacement(kind, endpoint, port),
        None => None,
    };
    let reply = match reply {
        Some(reply) => reply,
        None => dispatch(&mut server.shared.lock(), &request, &route),
    };
    let reply = match &plan.kind {
        Some(FaultKind::DropAfter) => return Err(Dropped),
        Some(FaultKind::StallAfter) => std::future::pending().await,
        Some(FaultKind::HugeBody { bytes }) => {
            visit.answered(&reply);
            return Ok(Response::new(Payload::huge(*bytes)));
        }
        Some(kind) => faults::bend(kind, reply, &real_page, visit.number),
        None => reply,
    };
    let cut = match plan.kind {
        Some(FaultKind::CutBody { after_bytes }) => Some(after_bytes),
        _ => None,
    };
    let reply = if request.wants_gzip() {
        reply.gzipped()
    } else {
        reply
    };
    if let Some(key) = replay {
        server.shared.lock().replays.keep(key, &reply);
    }
    visit.answered(&reply);
    Ok(finish(reply, server.shared.lock().clock.now(), cut))
}

/// Logs the arrival and takes what faults are due.
fn arrive(shared: &Arc<Shared>, request: &Incoming, route: &Route, http2: bool) -> (Plan, Visit) {
    let endpoint = route.endpoint(request);
    let mut state = shared.lock();
    let now = state.clock.now();
    let account = request
        .bearer()
        .and_then(|token| state.grants.check(now, token))
        .map(|grant| grant.account.clone());
    let mut about: Vec<String> = route.calendar().map(str::to_owned).into_iter().collect();
    if let Route::FreeBusy = route
        && let Some(ids) = request
            .json()
            .and_then(|body| freebusy::asked_calendars(&body).ok())
    {
        about = ids;
    }
    // A consent request's query holds the state and the challenge: names only, as in any log.
    let query = match route {
        Route::Authorize => request
            .query
            .iter()
            .map(|(key, _)| key.as_str())
            .collect::<Vec<_>>()
            .join("&"),
        _ => request.raw_query.clone(),
    };
    let plan = state.faults.plan(endpoint, &about);
    state.in_flight += 1;
    let entry = LoggedRequest {
        at: now,
        elapsed: shared.started.elapsed(),
        method: request.method.to_string(),
        path: request.path.clone(),
        query,
        endpoint,
        calendar: route.calendar().map(str::to_owned),
        account,
        authorized: request.headers.contains_key(AUTHORIZATION),
        status: 0,
        bytes: 0,
        sent: request.body.len(),
        in_flight: state.in_flight,
        http2,
    };
    let number = state.log.arrive(entry);
    drop(state);
    shared.changed.notify_waiters();
    (
        plan,
        Visit {
            shared: shared.clone(),
            number,
        },
    )
}

/// A request being answered; counted until it is dropped, also when the client goes away.
struct Visit {
    shared: Arc<Shared>,
    number: u64,
}

impl Visit {
    fn answered(&self, reply: &Reply) {
        self.shared
            .lock()
            .log
            .answered(self.number, reply.status, reply.body.len());
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.shared.lock().in_flight -= 1;
        self.shared.changed.notify_waiters();
    }
}

/// The response, dated by the sandbox's clock: a client may judge its own by it.
fn finish(reply: Reply, now: DateTime<Utc>, cut: Option<usize>) -> Response<Payload> {
    let length = reply.body.len();
    let mut builder = Response::builder()
        .status(reply.status)
        .header("date", now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .header("server", "duet-sandbox");
    for (name, value) in &reply.headers {
        builder = builder.header(*name, value);
    }
    let cut = cut.filter(|after| *after < length);
    if cut.is_some() {
        // The length is promised in full, so that the client can tell that the body is cut.
        builder = builder.header(CONTENT_LENGTH, length);
    }
    let payload = Payload::new(reply.body, cut);
    builder.body(payload).unwrap_or_else(|_| {
        // Only a header value with a line break gets here, from a scripted fault.
        let mut response = Response::new(Payload::new(Vec::new(), None));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
