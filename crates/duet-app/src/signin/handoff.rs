//! A deep link that reaches another Duet process is handed to the one that waits for it.
//!
//! A desktop starts a new process for each link. The process that started the flow listens on
//! loopback and leaves the port in `flows/<name of the flow>` of the data folder (0600 in 0700);
//! the name is a digest of the state, so only a link that carries the state finds the file, and the
//! receiver checks the state itself again.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use duet_google::auth::{FlowId, flow_id_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A returned address is at most 2 KiB (TRUST T6); more is not read.
const LONGEST: u64 = 2048;
/// Both ends are on this machine.
const PATIENCE: Duration = Duration::from_secs(5);

fn place(data_dir: &Path, id: &FlowId) -> PathBuf {
    data_dir.join("flows").join(id.as_str())
}

/// Removes the file when the waiting ends, however it ends.
struct Posted(PathBuf);

impl Drop for Posted {
    fn drop(&mut self) {
        // A file that stays behind only costs its reader a refused connection.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Waits for the address that answers the flow. Ends with the future.
pub(super) async fn receive(data_dir: &Path, id: &FlowId) -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let _posted = post(data_dir, id, listener.local_addr()?.port())?;
    loop {
        let (stream, _) = listener.accept().await?;
        // Whoever sends something else, or nothing, does not end the waiting.
        match tokio::time::timeout(PATIENCE, read(stream)).await {
            Ok(Ok(url)) if flow_id_of(&url).as_ref() == Some(id) => return Ok(url),
            _ => tracing::debug!("a hand-over was not for this sign-in"),
        }
    }
}

async fn read(mut stream: TcpStream) -> io::Result<String> {
    let mut text = String::new();
    (&mut stream)
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .await?;
    stream.write_all(b"ok").await?;
    Ok(text)
}

fn post(data_dir: &Path, id: &FlowId, port: u16) -> io::Result<Posted> {
    let path = place(data_dir, id);
    let folder = data_dir.join("flows");
    let mut make = std::fs::DirBuilder::new();
    make.recursive(true);
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        make.mode(0o700);
        file.mode(0o600);
    }
    make.create(&folder)?;
    io::Write::write_all(&mut file.open(&path)?, port.to_string().as_bytes())?;
    Ok(Posted(path))
}

/// Hands a returned address to the Duet process that waits for it. `false` when none does.
pub async fn deliver(data_dir: &Path, url: &str) -> bool {
    let Some(id) = flow_id_of(url) else {
        return false;
    };
    let Ok(port) = tokio::fs::read_to_string(place(data_dir, &id)).await else {
        return false;
    };
    let Ok(port) = port.trim().parse::<u16>() else {
        return false;
    };
    matches!(
        tokio::time::timeout(PATIENCE, send(port, url)).await,
        Ok(Ok(()))
    )
}

async fn send(port: u16, url: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(url.as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = Vec::new();
    stream.take(2).read_to_end(&mut answer).await?;
    if answer == b"ok" {
        Ok(())
    } else {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = "com.example:/oauth2redirect?state=abc&code=1";

    #[tokio::test]
    async fn only_the_right_link_ends_the_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let id = flow_id_of(RIGHT).unwrap();
        let path = place(dir.path(), &id);
        assert!(!deliver(dir.path(), RIGHT).await, "nobody waits yet");
        let waiting = {
            let (dir, id) = (dir.path().to_owned(), id.clone());
            tokio::spawn(async move { receive(&dir, &id).await })
        };
        while !path.exists() {
            tokio::task::yield_now().await;
        }
        let port: u16 = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        send(port, "com.example:/oauth2redirect?state=other&code=1")
            .await
            .unwrap();
        assert!(!deliver(dir.path(), "com.example:/oauth2redirect?state=other").await);
        assert!(deliver(dir.path(), RIGHT).await, "the right link is taken");
        assert_eq!(waiting.await.unwrap().unwrap(), RIGHT);
        assert!(!path.exists(), "nothing is left behind");
    }
}
