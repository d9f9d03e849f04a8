//! The few lines of HTTP that a person's browser does in these tests: one request, one answer, no
//! redirect followed. Plain loopback only, so no client library is needed.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// `GET url`.
pub(crate) async fn get(url: &str) -> Result<Reply> {
    request("GET", url, None).await
}

/// `POST url` with a form.
pub(crate) async fn post_form(url: &str, fields: &[(&str, &str)]) -> Result<Reply> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    request("POST", url, Some(form)).await
}

async fn request(method: &str, url: &str, form: Option<String>) -> Result<Reply> {
    let url = Url::parse(url).with_context(|| format!("{url} is no address"))?;
    ensure!(url.scheme() == "http", "{url} is not plain HTTP");
    let host = url.host_str().context("an address without a host")?;
    let port = url
        .port_or_known_default()
        .context("an address without a port")?;
    let mut stream = TcpStream::connect((host, port)).await?;
    let form = form.unwrap_or_default();
    let head = format!(
        "{method} {} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        &url[url::Position::BeforePath..url::Position::AfterQuery],
        form.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(form.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .context("no end of the headers")?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .context("no status")?;
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location")
            .then(|| value.trim().to_owned())
    });
    Ok(Reply {
        status,
        location,
        body: body.to_owned(),
    })
}
