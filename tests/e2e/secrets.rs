//! The canary: every token and code of this Google begins with a word that must be found nowhere
//! but in the keyring, whatever happens.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duet_desk::{Keyring, Options, Window};
use duet_sandbox::{ClientKind, Endpoint, Fault, FaultKind};
use serde_json::Value;

use crate::support::page::{self, id, of, wait_for_blocks};
use crate::support::{ANA, Decision, LIMIT, Setup, Stage, scenario};

const CANARY: &str = "DUETCANARY-";

/// Remembers everything that goes between the window and the core from now on.
const LISTEN: &str = r#"
    if (window.__heard) { return; }
    window.__heard = [];
    const real = window.fetch;
    window.fetch = async (target, options) => {
        window.__heard.push(String(target?.url ?? target));
        const body = options?.body;
        if (body !== undefined) {
            window.__heard.push(body instanceof Uint8Array || body instanceof ArrayBuffer
                ? new TextDecoder().decode(body) : String(body));
        }
        const reply = await real(target, options);
        reply.clone().text().then(text => window.__heard.push(text)).catch(() => {});
        return reply;
    };
    const internals = window.__TAURI_INTERNALS__;
    const run = internals.runCallback;
    if (run) {
        try {
            internals.runCallback = (id, data) => {
                window.__heard.push(JSON.stringify(data) ?? '');
                return run(id, data);
            };
        } catch (error) { window.__heard.push('runCallback cannot be wrapped: ' + error); }
    }
"#;

/// Everything a script in the page could read.
const PAGE: &str = r#"return [
    document.documentElement.outerHTML,
    JSON.stringify(window.__DUET_BOOT__ ?? null),
    JSON.stringify(Object.entries(localStorage)), JSON.stringify(Object.entries(sessionStorage)),
    document.cookie, location.href, ...(window.__heard ?? []),
]"#;

/// Every place where something is written, with what is there. The keyring is not among them.
struct Places(Vec<(String, Vec<u8>)>);

impl Places {
    fn files(&mut self, folder: &Path) -> Result<()> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    // A journal may go away under the reader; then nothing is left to read in it.
                    let bytes = std::fs::read(entry.path()).unwrap_or_default();
                    self.0.push((entry.path().display().to_string(), bytes));
                }
            }
        }
        Ok(())
    }

    fn processes(&mut self, stage: &Stage) {
        for process in stage.desk.processes() {
            let name = format!("process {} ({})", process.pid, process.title());
            self.0
                .push((format!("arguments of {name}"), process.command_line));
            self.0
                .push((format!("environment of {name}"), process.environment));
        }
    }

    async fn page(&mut self, window: &Window) -> Result<()> {
        let texts = window.js(PAGE, Vec::new()).await?;
        for text in texts.as_array().context("texts")? {
            let text = text.as_str().unwrap_or_default();
            self.0.push(("the page".into(), text.as_bytes().to_vec()));
        }
        Ok(())
    }

    /// The names of the places where one of the words stands, in UTF-8 or UTF-16.
    fn holding(&self, words: &[String]) -> Vec<String> {
        let mut needles: Vec<Vec<u8>> =
            words.iter().map(|word| word.clone().into_bytes()).collect();
        needles.extend(
            words
                .iter()
                .map(|word| word.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        );
        self.0
            .iter()
            .filter(|(_, bytes)| needles.iter().any(|needle| contains(bytes, needle)))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

async fn places(stage: &Stage, window: &Window, printed: &[Vec<u8>]) -> Result<Places> {
    let mut places = Places(Vec::new());
    places.files(&stage.data_dir())?;
    places.files(stage.desk.folder())?;
    places.processes(stage);
    places.page(window).await?;
    places.0.extend(
        printed
            .iter()
            .map(|text| ("a command's output".to_owned(), text.clone())),
    );
    Ok(places)
}

async fn all_scenes(stage: &mut Stage) -> Result<()> {
    let window = stage.open().await?;
    window.js(LISTEN, Vec::new()).await?;
    page::start_connecting(stage, &window).await?;
    let consent = stage.desk.browser().wait_for_more_than(0, LIMIT).await?;
    let back = stage.consent(0, Decision::Allow(ANA)).await?;
    assert!(back.contains(CANARY), "the code is no canary: {back}");
    stage.come_back(&back).await?;
    wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;

    // Refreshes, refusals and broken answers, each of which ends up in some log or message.
    for (on, kind) in [
        (
            Endpoint::FreeBusy,
            FaultKind::status(401, "authError", "Invalid Credentials"),
        ),
        (Endpoint::Refresh, FaultKind::MalformedJson),
        (Endpoint::Refresh, FaultKind::CaptivePortal),
        (
            Endpoint::CalendarList,
            FaultKind::CutBody { after_bytes: 10 },
        ),
        (Endpoint::FreeBusy, FaultKind::Redirect),
        (Endpoint::FreeBusy, FaultKind::DropAfter),
    ] {
        stage.google.clear_faults();
        stage.google.expire_access_tokens(ANA);
        stage.google.fault(Fault::once(on, kind));
        window.click(&id("sync-now")).await?;
        page::wait_until_idle(&window).await?;
    }
    stage.google.clear_faults();
    stage.google.revoke(ANA);
    window.click(&id("sync-now")).await?;
    page::see(&window, "banner-reconnect").await?;
    let seen = stage.desk.browser().opened().len();
    page::reconnect_from_banner(&window).await?;
    let again = stage.consent(seen, Decision::Allow(ANA)).await?;
    stage.come_back(&again).await?;
    window.wait_for_none(&id("banner-reconnect"), LIMIT).await?;
    stage.google.expire_access_tokens(ANA);

    let mut printed = Vec::new();
    for args in [
        &["accounts", "--json"][..],
        &["status", "--json"],
        &["sync", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["calendars", "--json"],
    ] {
        let output = stage.run(args).await?;
        printed.extend([output.stdout, output.stderr]);
    }
    page::open_settings(&window).await?;

    let issued = stage.google.tokens_issued();
    assert!(
        issued.len() >= 4 && issued.iter().all(|token| token.starts_with(CANARY)),
        "{issued:?}"
    );
    let mut found = places(stage, &window, &printed).await?;
    assert!(
        found
            .0
            .iter()
            .any(|(name, _)| name.ends_with("duet.sqlite3")),
        "no database looked at"
    );
    assert!(
        found.0.iter().any(|(name, _)| name.contains("log")),
        "no log looked at"
    );
    assert!(
        found
            .0
            .iter()
            .filter(|(name, _)| name == "the page")
            .count()
            > 10,
        "no IPC was heard"
    );
    assert_eq!(
        found.holding(&[CANARY.to_owned()]),
        Vec::<String>::new(),
        "a token leaked"
    );

    // The one-time state may stand in the consent page's address, which the browser and the
    // waiting window know, and nowhere else.
    let state = url::Url::parse(&consent)?
        .query_pairs()
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.into_owned())
        .context("no state in the address")?;
    let leaks: Vec<String> = found
        .holding(&[state])
        .into_iter()
        .filter(|name| !name.ends_with("opened.txt") && name != "the page")
        .collect();
    assert_eq!(leaks, Vec::<String>::new(), "the state is written down");

    // In the keyring, and there the refresh token alone: an access token need not outlive the run.
    let live = stage.google.live_refresh_tokens(ANA);
    let kept: Vec<String> = stage
        .desk
        .secret_search(&[])
        .await?
        .into_iter()
        .map(|secret| String::from_utf8_lossy(&secret.value.unwrap_or_default()).into_owned())
        .collect();
    let last = live.last().context("no living refresh token")?;
    assert!(
        kept.iter().any(|value| value.contains(last)),
        "the refresh token is not kept"
    );
    for token in issued.iter().filter(|token| !live.contains(token)) {
        assert!(
            !kept.iter().any(|value| value.contains(token)),
            "kept for no reason: {token}"
        );
    }

    // The search itself must be able to fail.
    for planted in [stage.data_dir().join("planted.txt"), PathBuf::from("plant")] {
        found.0.push((
            planted.display().to_string(),
            format!("x{CANARY}y").into_bytes(),
        ));
    }
    assert_eq!(found.holding(&[CANARY.to_owned()]).len(), 2);
    std::fs::write(
        stage.data_dir().join("planted.txt"),
        format!("..{CANARY}.."),
    )?;
    window
        .js(
            "document.body.dataset.planted = arguments[0]",
            vec![Value::from(CANARY)],
        )
        .await?;
    let planted = places(stage, &window, &[])
        .await?
        .holding(&[CANARY.to_owned()]);
    assert_eq!(
        planted.len(),
        2,
        "the search misses what was planted: {planted:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_leaves_the_keyring_with_a_loopback_return() -> Result<()> {
    let setup = Setup {
        token_prefix: CANARY,
        ..Setup::default()
    };
    scenario("canary-loopback", setup, all_scenes).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_leaves_the_keyring_with_a_deep_link() -> Result<()> {
    let setup = Setup {
        token_prefix: CANARY,
        client: ClientKind::Ios,
        ..Setup::default()
    };
    scenario("canary-deep-link", setup, all_scenes).await
}

/// 32 bytes in base64, as TOKEN_ENCRYPTION_KEY wants them.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "//////////////////////////////////////////8=";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_tokens_are_sealed_with_the_key_that_was_given() -> Result<()> {
    let setup = Setup {
        desk: Options {
            keyring: Keyring::None,
            ..Options::default()
        },
        token_prefix: CANARY,
        env: &[("TOKEN_ENCRYPTION_KEY", KEY)],
        ..Setup::default()
    };
    scenario("sealed", setup, async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        let report = stage.json(&["sync"]).await?;
        assert_eq!(report["accounts"][0]["outcome"], "done", "{report}");
        let found = places(stage, &window, &[]).await?;
        assert_eq!(
            found.holding(&[CANARY.to_owned()]),
            Vec::<String>::new(),
            "a token leaked"
        );
        window.close().await?;

        // Another key opens nothing, says so, and signs nobody out.
        stage.set_env("TOKEN_ENCRYPTION_KEY", OTHER_KEY);
        let output = stage.run(&["sync"]).await?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let words = String::from_utf8(output.stderr)?;
        assert!(
            words.contains("TOKEN_ENCRYPTION_KEY"),
            "what to do is not said: {words}"
        );
        stage.set_env("TOKEN_ENCRYPTION_KEY", "too short");
        let output = stage.run(&["sync"]).await?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        stage.set_env("TOKEN_ENCRYPTION_KEY", KEY);
        let report = stage.json(&["sync"]).await?;
        assert_eq!(report["accounts"][0]["outcome"], "done", "{report}");
        Ok(())
    })
    .await
}
