//! A program's window on the desk, driven over WebDriver: WebKitWebDriver starts the program,
//! clicks and keys arrive as trusted events, and scripts read what the page shows.
//!
//! Elements are found anew for every step, because a page that draws itself again leaves old
//! handles behind. Every wait has a limit, and its error carries what the page showed instead.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::desk::Desk;
use crate::processes::{group_lives, kill_group};
use crate::programs::locate;
use crate::wait::until;

/// How long a click or a text waits for its element.
const STEP: Duration = Duration::from_secs(10);
/// How far apart an element is looked at to see whether it stands still, and how often at most.
const STILL: Duration = Duration::from_millis(30);
const STILL_TRIES: u32 = 30;
/// How long a program may take from its start to its first page on a busy machine.
const LAUNCH: Duration = Duration::from_secs(60);

/// Which program to drive, and how it is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables besides the desk's.
    pub env: Vec<(String, String)>,
}

/// A running program with a window, and the WebDriver session that sees it.
#[derive(Debug)]
pub struct Window {
    driver: Option<WebDriver>,
    service: Child,
}

impl Window {
    /// Starts the program in the desk and waits for its first page.
    ///
    /// # Errors
    /// When the driver is missing or the program opens no window; the error shows their logs.
    pub async fn open(desk: &Desk, launch: &Launch) -> Result<Self> {
        // thirtyfour's HTTP client is built without a TLS provider. An error only says that one
        // is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let port = free_port()?;
        let service = desk
            .command(locate("WebKitWebDriver")?)
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            // The driver starts the program, which inherits its environment.
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::from(desk.log_file("window")?))
            .stderr(Stdio::from(desk.log_file("window")?))
            .spawn()
            .context("starting WebKitWebDriver")?;
        let mut window = Self {
            driver: None,
            service,
        };
        until("WebKitWebDriver to listen", STEP, || async {
            TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await?;
        let mut capabilities = Capabilities::new();
        capabilities.set(
            "webkitgtk:browserOptions",
            json!({ "binary": launch.program, "args": launch.args }),
        )?;
        let session = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities);
        let driver = tokio::time::timeout(LAUNCH, session)
            .await
            .map_err(|_| anyhow!("no window within {LAUNCH:?}"))
            .and_then(|session| Ok(session?))
            .with_context(|| {
                format!(
                    "opening {}{}",
                    launch.program.display(),
                    desk.log_tail("window")
                )
            })?;
        window.driver = Some(driver);
        Ok(window)
    }

    /// The WebDriver session, for what this type does not wrap.
    ///
    /// # Panics
    /// Never: the session lives as long as the window.
    pub fn driver(&self) -> &WebDriver {
        self.driver
            .as_ref()
            .expect("a window has its session from open to close")
    }

    /// Ends the session, kills the program, as the end of a desktop session would, and waits until
    /// it is gone.
    ///
    /// # Errors
    /// When the processes cannot be waited for.
    pub async fn close(mut self) -> Result<()> {
        if let Some(driver) = self.driver.take() {
            // The program may be gone already, or hang: it is killed below anyway.
            let _ = tokio::time::timeout(Duration::from_secs(5), driver.quit()).await;
        }
        let group = self.service.id();
        if let Some(group) = group {
            kill_group(group);
        }
        self.service.wait().await?;
        until("the end of the killed program", STEP, || async {
            (!group.is_some_and(group_lives)).then_some(())
        })
        .await
    }

    /// Runs a script as a function body and gives what it returns.
    ///
    /// # Errors
    /// When the script throws or the window is gone.
    pub async fn js(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        let result = self.driver().execute(script, args).await;
        Ok(result
            .with_context(|| format!("running {script}"))?
            .json()
            .clone())
    }

    /// Runs a script again and again until it returns something true.
    ///
    /// # Errors
    /// When it does not within `limit`; the error carries the page's text.
    pub async fn wait_js(
        &self,
        what: &str,
        script: &str,
        args: Vec<Value>,
        limit: Duration,
    ) -> Result<Value> {
        let found = until(what, limit, || async {
            let value = self.js(script, args.clone()).await.ok()?;
            let yes = !matches!(value, Value::Null | Value::Bool(false))
                && value != json!("")
                && value != json!(0)
                && value != json!([]);
            yes.then_some(value)
        })
        .await;
        match found {
            Ok(value) => Ok(value),
            Err(error) => {
                let last = self.js(script, args).await;
                let page = self.js("return document.body.innerText", Vec::new()).await;
                Err(error.context(format!("the script gives {last:?}; the page says {page:?}")))
            }
        }
    }

    /// How many elements match.
    ///
    /// # Errors
    /// As [`Window::js`].
    pub async fn count(&self, css: &str) -> Result<usize> {
        let count = self.js(
            "return document.querySelectorAll(arguments[0]).length",
            vec![json!(css)],
        );
        Ok(count.await?.as_u64().context("a count")? as usize)
    }

    /// The text of every matching element, as the page's source has it.
    ///
    /// # Errors
    /// As [`Window::js`].
    pub async fn texts(&self, css: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)";
        Ok(serde_json::from_value(
            self.js(script, vec![json!(css)]).await?,
        )?)
    }

    /// One attribute of every matching element.
    ///
    /// # Errors
    /// As [`Window::js`].
    pub async fn attributes(&self, css: &str, name: &str) -> Result<Vec<Option<String>>> {
        let script = "return [...document.querySelectorAll(arguments[0])]\
                      .map(e => e.getAttribute(arguments[1]))";
        Ok(serde_json::from_value(
            self.js(script, vec![json!(css), json!(name)]).await?,
        )?)
    }

    /// Waits until something matches.
    ///
    /// # Errors
    /// When nothing does within `limit`.
    pub async fn wait_for(&self, css: &str, limit: Duration) -> Result<()> {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.wait_js(css, script, vec![json!(css)], limit)
            .await
            .map(drop)
    }

    /// Waits until nothing matches any more.
    ///
    /// # Errors
    /// When something still does after `limit`.
    pub async fn wait_for_none(&self, css: &str, limit: Duration) -> Result<()> {
        let script = "return document.querySelector(arguments[0]) === null";
        let what = format!("no {css}");
        self.wait_js(&what, script, vec![json!(css)], limit)
            .await
            .map(drop)
    }

    /// Clicks the first match with the mouse, once it can be clicked and stands still: WebDriver looks
    /// where it is first and presses the button there afterwards, whatever is there by then.
    ///
    /// # Errors
    /// When it cannot within ten seconds.
    pub async fn click(&self, css: &str) -> Result<()> {
        self.step(&format!("click {css}"), css, |element| async move {
            self.stands_still(&element).await?;
            element.click().await
        })
        .await
    }

    /// Replaces the text of a field by typing.
    ///
    /// # Errors
    /// When there is no such field within ten seconds.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        self.step(&format!("type into {css}"), css, |element| async move {
            self.stands_still(&element).await?;
            element.click().await?;
            element.send_keys(Key::Control + "a").await?;
            element.send_keys(text).await
        })
        .await
    }

    /// Presses keys in the first match; `thirtyfour::Key` names those that are no characters.
    ///
    /// # Errors
    /// When there is no such element within ten seconds.
    pub async fn press(&self, css: &str, keys: &str) -> Result<()> {
        self.step(&format!("press keys in {css}"), css, |element| async move {
            element.send_keys(keys).await
        })
        .await
    }

    /// Gives a field a value as its own picker would: for dates and choices, which WebKitGTK does
    /// not let anyone type.
    ///
    /// # Errors
    /// When there is no such field within ten seconds.
    pub async fn set_value(&self, css: &str, value: &str) -> Result<()> {
        self.wait_for(css, STEP).await?;
        let script = "const field = document.querySelector(arguments[0]);
            const kind = Object.getPrototypeOf(field);
            Object.getOwnPropertyDescriptor(kind, 'value').set.call(field, arguments[1]);
            field.dispatchEvent(new Event('input', { bubbles: true }));
            field.dispatchEvent(new Event('change', { bubbles: true }));
            return field.value";
        let now = self.js(script, vec![json!(css), json!(value)]).await?;
        anyhow::ensure!(now == json!(value), "{css} took {now} instead of {value:?}");
        Ok(())
    }

    /// Writes a PNG of the page.
    ///
    /// # Errors
    /// When the page cannot be drawn or the file not written.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        Ok(self.driver().screenshot(path).await?)
    }

    /// Waits until an element is where it was a moment ago.
    async fn stands_still(&self, element: &WebElement) -> WebDriverResult<()> {
        let place = "arguments[0].scrollIntoView({block: 'nearest'});
            const box = arguments[0].getBoundingClientRect();
            return [box.x, box.y, box.width, box.height]";
        let mut before = None;
        for _ in 0..STILL_TRIES {
            let now = self
                .driver()
                .execute(place, vec![element.to_json()?])
                .await?;
            let now = now.json().clone();
            if before.as_ref() == Some(&now) {
                break;
            }
            before = Some(now);
            tokio::time::sleep(STILL).await;
        }
        Ok(())
    }

    /// Does one thing with the first match; again while the page is redrawing under it.
    async fn step<F, Fut>(&self, what: &str, css: &str, act: F) -> Result<()>
    where
        F: Fn(WebElement) -> Fut,
        Fut: Future<Output = WebDriverResult<()>>,
    {
        let last = std::sync::Mutex::new(None);
        let done = until(what, STEP, || async {
            let result = match self.driver().find(By::Css(css)).await {
                Ok(element) => act(element).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(()) => Some(Ok(())),
                Err(error) if passes(&error) => {
                    if let Ok(mut last) = last.lock() {
                        *last = Some(error);
                    }
                    None
                }
                Err(error) => Some(Err(error)),
            }
        })
        .await;
        match done {
            Ok(result) => Ok(result?),
            Err(error) => {
                let page = self.js("return document.body.innerText", Vec::new()).await;
                Err(error.context(format!("{last:?}; the page says {page:?}")))
            }
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            // Without this thirtyfour would end the session over HTTP in a destructor.
            let _ = driver.leak();
        }
        if let Some(group) = self.service.id() {
            kill_group(group);
        }
    }
}

/// Errors that a page in motion gives, and that pass by themselves.
fn passes(error: &WebDriverError) -> bool {
    matches!(
        error.as_inner(),
        WebDriverErrorInner::NoSuchElement(_)
            | WebDriverErrorInner::StaleElementReference(_)
            | WebDriverErrorInner::ElementClickIntercepted(_)
            | WebDriverErrorInner::ElementNotInteractable(_)
            | WebDriverErrorInner::InvalidElementState(_)
    )
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
