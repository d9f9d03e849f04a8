//! The desktop shell: the only code that names Tauri.
//!
//! One binary is three things: the window, the command line, and the messenger that a desktop starts
//! to hand over a link. This crate chooses between them, and owns what is the machine's: clock,
//! randomness, keychain, notifications, tray, browser, log.

mod browser;
mod cli;
mod demo;
mod doorbell;
mod environment;
mod folder;
mod graphics;
mod links;
mod logs;
mod machine;
mod notices;
mod schemes;
mod vault;
mod window;

use std::ffi::OsString;
use std::process::ExitCode;

use environment::Environment;

/// Runs `duet` with these arguments (the program's name first).
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    harden();
    let words: Vec<String> = arguments
        .iter()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // An address is recognised before anything parses options: a parser that ends the process at an
    // unknown word would lose the link.
    let url = words.iter().find(|word| links::is_url(word)).cloned();
    let parsed = match &url {
        Some(_) => None,
        None => match cli::parse(arguments) {
            Ok(parsed) => Some(parsed),
            Err(exit) => return exit,
        },
    };
    // Before the log and the runtime start threads.
    graphics::prepare(parsed.as_ref().is_some_and(|parsed| parsed.safe_graphics));
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(error) => {
            cli::complain(&format!("Duet cannot start: {error}"));
            return cli::Exit::Failed.into();
        }
    };
    let _log = logs::start(
        &environment.data_dir,
        environment.get("DUET_LOG").as_deref(),
    );
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        to = cli::named(parsed.as_ref(), &words),
        "Duet started"
    );
    if let Some(warning) = &environment.warning {
        tracing::warn!(warning, "the data folder");
        cli::complain(warning);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("duet")
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::complain(&format!("Duet cannot start: {error}."));
            return cli::Exit::Failed.into();
        }
    };
    let exit = match (url, parsed) {
        (Some(url), _) => follow_link(&environment, &runtime, &url, &words),
        (
            None,
            Some(cli::Arguments {
                verb: Some(verb), ..
            }),
        ) => cli::run(&environment, &runtime, verb),
        (None, _) => open_window(&environment, &runtime, &words),
    };
    // A keychain question that nobody answers must not keep the process alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    exit
}

/// An address: to the process that waits for it, else to the window.
fn follow_link(
    environment: &Environment,
    runtime: &tokio::runtime::Runtime,
    url: &str,
    words: &[String],
) -> ExitCode {
    if links::parse(url).is_none() {
        cli::complain("This link is not one that Duet knows, so nothing was done.");
        return cli::Exit::Usage.into();
    }
    if runtime.block_on(duet_app::signin::handoff::deliver(
        &environment.data_dir,
        url,
    )) {
        return cli::Exit::Done.into();
    }
    open_window(environment, runtime, words)
}

fn open_window(
    environment: &Environment,
    runtime: &tokio::runtime::Runtime,
    words: &[String],
) -> ExitCode {
    if !graphics::is_there() {
        cli::complain(
            "there is no display to open a window on. `duet --help` lists what works without one.",
        );
        return cli::Exit::Failed.into();
    }
    match window::run(environment, runtime, words) {
        Ok(()) => cli::Exit::Done.into(),
        Err(why) => {
            tracing::error!(why, "the window ended");
            cli::complain(&why);
            // Whoever clicked an icon sees no terminal.
            notices::cannot_start(&why);
            cli::Exit::Failed.into()
        }
    }
}

/// Closes what could leak a secret by accident (TRUST T10): no core dumps, and a panic message
/// without its payload, which could quote anything.
fn harden() {
    // A second provider cannot be installed; the first one is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        // Where the limit cannot be set, the system's own stays.
        let _ = setrlimit(Resource::Core, none);
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a defect in Duet");
        cli::complain(&format!("a defect in Duet at {place}; please report it."));
    }));
}
