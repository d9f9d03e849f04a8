//! Records sealed with XChaCha20-Poly1305 under `TOKEN_ENCRYPTION_KEY`, one file each.
//!
//! For machines without a keychain. The key is 32 bytes, base64; every record has a nonce of its
//! own, and its name is part of what is authenticated, so records cannot be swapped. The first
//! record written is a check value: a wrong key is told apart from a damaged record.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use duet_app::host::{TokenVault, VaultError};
use secrecy::{ExposeSecret, SecretSlice};
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 24;
/// Names the format and is its version: another one is refused instead of misread.
const MAGIC: &[u8; 8] = b"duetsl01";
const CHECK: &str = "key-check";

/// Why the sealing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// Sealing was asked for without a key.
    #[error(
        "DUET_KEYCHAIN=sealed needs TOKEN_ENCRYPTION_KEY. Make one with `openssl rand -base64 32` \
         and keep it where only you can read it."
    )]
    Unset,
    /// The key is not 32 bytes of base64.
    #[error(
        "TOKEN_ENCRYPTION_KEY is not 32 bytes in base64. Make one with `openssl rand -base64 32`."
    )]
    Shape,
    /// Another word than the two there are.
    #[error("DUET_KEYCHAIN is \"{0}\"; it can be \"os\" or \"sealed\".")]
    Choice(String),
}

/// The folder of sealed records and the key to it.
pub(crate) struct SealedVault {
    folder: PathBuf,
    cipher: XChaCha20Poly1305,
}

impl SealedVault {
    /// A vault in `folder`, which is made on the first write.
    ///
    /// # Errors
    /// When the key is not 32 bytes of base64.
    pub(crate) fn new(folder: PathBuf, key: &str) -> Result<Self, KeyError> {
        let key = Zeroizing::new(key.trim().to_owned());
        let bytes = Zeroizing::new(
            BASE64_STANDARD
                .decode(key.as_bytes())
                .map_err(|_| KeyError::Shape)?,
        );
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(bytes.as_slice().try_into().map_err(|_| KeyError::Shape)?);
        Ok(Self {
            folder,
            cipher: XChaCha20Poly1305::new(&Key::from(*bytes)),
        })
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.join(BASE64_URL_SAFE_NO_PAD.encode(name))
    }

    fn read(&self, name: &str) -> Result<SecretSlice<u8>, VaultError> {
        let sealed = match fs::read(self.place(name)) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(VaultError::Missing);
            }
            Err(error) => return Err(failed("read", &error)),
        };
        self.opened(name, &sealed)
            .map(SecretSlice::from)
            .ok_or_else(|| self.not_opened(name, &sealed))
    }

    /// What a record holds; `None` where it is no record, damaged, another's, or under another key.
    fn opened(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.strip_prefix(MAGIC)?.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: text,
            aad: name.as_bytes(),
        };
        self.cipher.decrypt(&XNonce::from(nonce), payload).ok()
    }

    /// A record that does not open: the wrong key, or damage? The other records tell.
    fn not_opened(&self, name: &str, sealed: &[u8]) -> VaultError {
        let (mut others, mut opens) = (0, false);
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let known = BASE64_URL_SAFE_NO_PAD.decode(entry.file_name().as_encoded_bytes());
            let Some(other) = known.ok().and_then(|name| String::from_utf8(name).ok()) else {
                continue;
            };
            if let (true, Ok(sealed)) = (other != name, fs::read(entry.path())) {
                others += 1;
                opens |= self.opened(&other, &sealed).is_some();
            }
        }
        let words = if opens || !sealed.starts_with(MAGIC) {
            "a sealed record is damaged; reconnect the account"
        } else if others > 0 {
            "TOKEN_ENCRYPTION_KEY is not the key that the records were sealed with"
        } else {
            "the sealed record is damaged, or TOKEN_ENCRYPTION_KEY is not the key it was sealed with"
        };
        VaultError::Other(words.to_owned())
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        self.check_key()?;
        let mut nonce = [0_u8; NONCE_BYTES];
        rand::fill(&mut nonce);
        let text = self
            .cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: secret,
                    aad: name.as_bytes(),
                },
            )
            .map_err(|_| VaultError::Other("sealing failed".to_owned()))?;
        let record = [MAGIC.as_slice(), &nonce, &text].concat();
        write_private(&self.folder, &self.place(name), &record)
            .map_err(|error| failed("written", &error))
    }

    /// Refuses to seal under a second key: the first record tells which key is in use.
    fn check_key(&self) -> Result<(), VaultError> {
        match self.read(CHECK) {
            Ok(_) => Ok(()),
            Err(VaultError::Missing) => {
                let mut nonce = [0_u8; NONCE_BYTES];
                rand::fill(&mut nonce);
                let text = self
                    .cipher
                    .encrypt(
                        &XNonce::from(nonce),
                        Payload {
                            msg: b"duet",
                            aad: CHECK.as_bytes(),
                        },
                    )
                    .map_err(|_| VaultError::Other("sealing failed".to_owned()))?;
                let record = [MAGIC.as_slice(), &nonce, &text].concat();
                write_private(&self.folder, &self.place(CHECK), &record)
                    .map_err(|error| failed("written", &error))
            }
            Err(other) => Err(other),
        }
    }
}

fn failed(what: &str, error: &std::io::Error) -> VaultError {
    VaultError::Other(format!("a sealed record could not be {what} ({error})"))
}

/// Writes beside and renames, so that a crash leaves the old record or the new one.
fn write_private(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    crate::folder::make_private(folder)?;
    let beside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[async_trait]
impl TokenVault for SealedVault {
    async fn get(&self, key: &str) -> Result<SecretSlice<u8>, VaultError> {
        self.read(key)
    }

    async fn set(&self, key: &str, secret: SecretSlice<u8>) -> Result<(), VaultError> {
        self.write(key, secret.expose_secret())
    }

    async fn delete(&self, key: &str) -> Result<(), VaultError> {
        match fs::remove_file(self.place(key)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("removed", &error))
            }
            _ => Ok(()),
        }
    }

    async fn ready(&self) -> Result<(), VaultError> {
        match self.read(CHECK) {
            Ok(_) | Err(VaultError::Missing) => Ok(()),
            Err(why) => Err(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const OTHER: &str = "ISECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn vault(folder: &Path, key: &str) -> SealedVault {
        SealedVault::new(folder.to_owned(), key).unwrap()
    }

    fn secret(text: &str) -> SecretSlice<u8> {
        SecretSlice::from(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn a_secret_comes_back_and_stands_nowhere_in_plain() {
        let dir = tempfile::tempdir().unwrap();
        let one = vault(dir.path(), KEY);
        assert!(matches!(
            one.get("refresh-token/ana").await,
            Err(VaultError::Missing)
        ));
        one.set("refresh-token/ana", secret("DUETCANARY-token"))
            .await
            .unwrap();
        let again = vault(dir.path(), KEY)
            .get("refresh-token/ana")
            .await
            .unwrap();
        assert_eq!(again.expose_secret(), b"DUETCANARY-token");
        for file in fs::read_dir(dir.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            assert!(
                !bytes.windows(10).any(|window| window == b"DUETCANARY"),
                "sealed means sealed"
            );
        }
        one.delete("refresh-token/ana").await.unwrap();
        assert!(matches!(
            one.get("refresh-token/ana").await,
            Err(VaultError::Missing)
        ));
    }

    #[tokio::test]
    async fn another_key_opens_nothing_and_overwrites_nothing() {
        let dir = tempfile::tempdir().unwrap();
        vault(dir.path(), KEY)
            .set("a", secret("one"))
            .await
            .unwrap();
        let wrong = vault(dir.path(), OTHER);
        assert!(
            matches!(wrong.get("a").await, Err(VaultError::Other(words)) if words.contains("not the key"))
        );
        assert!(
            wrong.set("b", secret("two")).await.is_err(),
            "two keys in one folder lose one of them"
        );
        assert!(wrong.ready().await.is_err());
    }

    #[tokio::test]
    async fn records_cannot_be_swapped_or_bent() {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path(), KEY);
        vault.set("a", secret("one")).await.unwrap();
        vault.set("b", secret("two")).await.unwrap();
        fs::copy(vault.place("a"), vault.place("b")).unwrap();
        assert!(vault.get("b").await.is_err(), "the name is authenticated");
        let good = fs::read(vault.place("a")).unwrap();
        for at in 0..good.len() {
            let mut bent = good.clone();
            bent[at] ^= 1;
            fs::write(vault.place("a"), &bent).unwrap();
            assert!(
                vault.get("a").await.is_err(),
                "a flipped bit at {at} is noticed"
            );
            fs::write(vault.place("a"), &good[..at]).unwrap();
            assert!(vault.get("a").await.is_err(), "a cut at {at} is noticed");
        }
    }

    #[tokio::test]
    async fn the_key_is_only_blamed_where_it_is_to_blame() {
        let dir = tempfile::tempdir().unwrap();
        let one = vault(dir.path(), KEY);
        one.set("a", secret("one")).await.unwrap();
        let said = async |vault: &SealedVault, name: &str| match vault.get(name).await {
            Err(VaultError::Other(words)) => words,
            other => panic!("it opened: {other:?}"),
        };
        let wrong = vault(dir.path(), OTHER);
        assert!(said(&wrong, "a").await.contains("is not the key that"));
        assert!(said(&wrong, CHECK).await.contains("is not the key that"));

        // The check value is damaged, and the key is right.
        let check = fs::read(one.place(CHECK)).unwrap();
        let mut bent = check.clone();
        bent[40] ^= 1;
        fs::write(one.place(CHECK), &bent).unwrap();
        assert!(
            said(&one, CHECK)
                .await
                .contains("a sealed record is damaged")
        );

        // It is gone, and nothing is left to compare with.
        fs::remove_file(one.place(CHECK)).unwrap();
        assert!(
            said(&wrong, "a")
                .await
                .contains(", or TOKEN_ENCRYPTION_KEY is not")
        );
        fs::write(one.place("a"), "no record at all").unwrap();
        assert!(said(&one, "a").await.contains("a sealed record is damaged"));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        for key in [
            "",
            "short",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
            "!!!!",
        ] {
            assert!(SealedVault::new(PathBuf::new(), key).is_err(), "{key:?}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_can_read_the_records() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("sealed");
        let vault = vault(&folder, KEY);
        vault.set("a", secret("one")).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&vault.place("a")), 0o600);
    }
}
