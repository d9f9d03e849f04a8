//! `duet-sandbox`: serves a world until it is interrupted, and prints the environment that points
//! Duet (or any other client) at it. For trying things by hand; tests use the library.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    time::SystemTime,
};

use chrono::{DateTime, Utc};
use duet_sandbox::{ClientKind, Options, Sandbox, World};

const USAGE: &str = "usage: duet-sandbox [--world small|large|huge|hostile|many] [--port N] \
                     [--ios] [--auto-consent] [--control] [--help]";

const HELP: &str = "\
Serves a world of made-up Google accounts on 127.0.0.1 until it is interrupted, and prints the
environment variables that point Duet at it.

  --world NAME     small (the usual one), large, huge, hostile or many (calendars)
  --port N         listen there; without it on any free port
  --ios            an iOS client, which comes back by deep link; without it a desktop client
  --auto-consent   the consent page agrees by itself
  --control        serve the verbs below
  -h, --help       print this

With --control, a POST of a JSON object to /__sandbox/VERB changes the running world:

  to look at        state, requests, tokens, mails, creates
  faults            fault, clear_faults, clear_requests
  time              advance {seconds}, now {now}
  sign-in           consent {auto, deny, omit_refresh_token, sign_in_as, granted_scopes},
                    approve {url}, grant {email, scopes}, revoke {email}, expire {email}
  busy times        freebusy {calendar, error, absent}
  events            add_event {email, calendar, body}, update_event {email, calendar, event, body},
                    remove_event {email, calendar, event},
                    answer {email, calendar, event, name: the guest's address, body: the answer}
  calendars         add_calendar {email, calendar, name, zone, role},
                    remove_calendar {email, calendar}, hide_calendar {email, calendar, hidden},
                    set_access_role {email, calendar, role}
  sync tokens       expire_sync_tokens {email, calendar}, expire_list_tokens {email, calendar}";

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().skip(1)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            // Nobody is left to tell when stderr is closed.
            let _ = writeln!(io::stderr(), "duet-sandbox: {words}");
            ExitCode::from(2)
        }
    }
}

async fn run(mut args: impl Iterator<Item = String>) -> Result<(), String> {
    let now = now();
    let mut world = World::small(now.date_naive());
    let mut port = 0;
    let mut options = Options {
        clock: Some(now),
        ..Options::default()
    };
    while let Some(arg) = args.next() {
        let mut value = || {
            args.next()
                .ok_or_else(|| format!("{arg} needs a value\n{USAGE}"))
        };
        match arg.as_str() {
            "--world" => world = named(&value()?, now)?,
            "--port" => port = value()?.parse().map_err(|_| format!("no port\n{USAGE}"))?,
            "--ios" => options.client = ClientKind::Ios,
            "--auto-consent" => options.auto_consent = true,
            "--control" => options.control = true,
            "-h" | "--help" => {
                return writeln!(io::stdout(), "{USAGE}\n\n{HELP}")
                    .map_err(|error| error.to_string());
            }
            _ => return Err(format!("unknown argument {arg}\n{USAGE}")),
        }
    }
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let sandbox = Sandbox::start_at(world, addr, options)
        .await
        .map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let mut out = io::stdout();
    for (name, value) in sandbox.env() {
        writeln!(out, "{name}={value}").map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())?;
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| error.to_string())?;
    sandbox.stop().await;
    Ok(())
}

fn named(name: &str, now: DateTime<Utc>) -> Result<World, String> {
    Ok(match name {
        "small" => World::small(now.date_naive()),
        "large" => World::large_around(now.date_naive(), 1),
        "huge" => World::huge_around(now.date_naive(), 1),
        "hostile" => World::hostile_around(now.date_naive()),
        "many" => World::many_calendars(50, 90, 1),
        _ => return Err(format!("no world is called {name}\n{USAGE}")),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program's edge: here real time enters"
)]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}
