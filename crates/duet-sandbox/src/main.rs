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
                     [--ios] [--auto-consent] [--control]";

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
        "large" => World::large(1),
        "huge" => World::huge(1),
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
