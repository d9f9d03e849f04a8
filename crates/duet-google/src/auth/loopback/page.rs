//! The three fixed pages of the listener. Nothing of the request is repeated in them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// Follows the system's light or dark setting, like the window it sends people back to.
const STYLE: &str = "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:20vh auto;\
                     padding:0 1.5rem}html{color-scheme:light dark}";

/// What the browser is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Page {
    /// The answer was taken; the window says how it went on.
    Done,
    /// The answer belongs to no sign-in that waits.
    NotBelieved,
    /// Anything else.
    NotFound,
}

impl Page {
    /// The whole HTTP response.
    pub(super) fn response(self) -> String {
        let (status, title, words) = match self {
            Self::Done => (
                "200 OK",
                "Back to Duet",
                "You can close this page and return to Duet.",
            ),
            Self::NotBelieved => (
                "400 Bad Request",
                "This sign-in is over",
                "Duet is not waiting for this answer. If you were signing in, start again in Duet.",
            ),
            Self::NotFound => ("404 Not Found", "Not found", "There is nothing here."),
        };
        let body = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{words}</p></main></body></html>"
        );
        // The style is allowed by its digest, so that no other style or script could ever run.
        let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {length}\r\n\
             Cache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'sha256-{style}'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
             X-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n\r\n{body}",
            length = body.len(),
        )
    }
}
