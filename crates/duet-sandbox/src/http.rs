//! Requests and replies as plain values: parsing of paths, queries and forms, and compression.
//! Knows HTTP, but no endpoint and no state.

use std::io::Write;

use base64::Engine;
use flate2::{Compression, write::GzEncoder};
use hyper::{
    HeaderMap, Method,
    body::Bytes,
    header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderName, USER_AGENT},
};
use serde_json::Value;
use url::form_urlencoded;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    pub(crate) fn new(method: Method, uri: &str, headers: HeaderMap, body: Bytes) -> Incoming {
        let (path, raw_query) = uri.split_once('?').unwrap_or((uri, ""));
        let segments = path
            .trim_matches('/')
            .split('/')
            .map(percent_decode)
            .collect();
        Incoming {
            method,
            path: path.to_owned(),
            segments,
            query: parse_pairs(raw_query.as_bytes()),
            raw_query: raw_query.to_owned(),
            headers,
            body,
        }
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name) == Some("true")
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        parse_pairs(&self.body)
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers
            .get(name.into())
            .and_then(|value| value.to_str().ok())
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(AUTHORIZATION)?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Client id and secret sent as HTTP Basic, which Google takes as well as form fields.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let (scheme, encoded) = self.header(AUTHORIZATION)?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(encoded.trim())
            .ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((percent_decode(id), percent_decode(secret)))
    }

    /// Google compresses only for a client that asks twice: by header and in its user agent.
    pub(crate) fn wants_gzip(&self) -> bool {
        let has = |name, word| {
            self.header(name)
                .is_some_and(|value| value.to_ascii_lowercase().contains(word))
        };
        has(ACCEPT_ENCODING, "gzip") && has(USER_AGENT, "gzip")
    }
}

/// An answer, before it is compressed, cut or lost.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, value: &Value) -> Reply {
        let headers = vec![
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("vary", "Origin, X-Origin, Referer".to_owned()),
            (
                "cache-control",
                "private, max-age=0, must-revalidate, no-transform".to_owned(),
            ),
        ];
        Reply {
            status,
            headers,
            body: value.to_string().into_bytes(),
        }
    }

    pub(crate) fn html(status: u16, body: String) -> Reply {
        let headers = vec![
            ("content-type", "text/html; charset=UTF-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("referrer-policy", "no-referrer".to_owned()),
        ];
        Reply {
            status,
            headers,
            body: body.into_bytes(),
        }
    }

    pub(crate) fn redirect(to: String) -> Reply {
        let headers = vec![("location", to), ("cache-control", "no-store".to_owned())];
        Reply {
            status: 302,
            headers,
            body: Vec::new(),
        }
    }

    pub(crate) fn empty(status: u16) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Compresses the body, unless there is nothing to gain.
    pub(crate) fn gzipped(self) -> Reply {
        if self.body.is_empty() {
            return self;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing into a vector cannot fail; should it ever, the plain body is as good an answer.
        match encoder
            .write_all(&self.body)
            .and_then(|()| encoder.finish())
        {
            Ok(body) => Reply { body, ..self }.with("content-encoding", "gzip"),
            Err(_) => self,
        }
    }
}

pub(crate) fn parse_pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

pub(crate) fn field<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Decodes `%xx` and leaves everything else, `+` included: ids in paths contain `@`, `#` and `+`.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_paths_are_decoded_and_survive_odd_escapes() {
        let cases = [
            ("ana%40example.com", "ana@example.com"),
            (
                "de.german%23holiday%40group.v.calendar.google.com",
                "de.german#holiday@group.v.calendar.google.com",
            ),
            ("a+b", "a+b"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%C3%A9", "é"),
            ("%é", "%é"),
        ];
        for (raw, expected) in cases {
            assert_eq!(percent_decode(raw), expected, "{raw}");
        }
    }
}
