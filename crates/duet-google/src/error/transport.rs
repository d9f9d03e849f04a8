//! From a failed transfer to our own error: which part of the way broke.

use std::error::Error as StdError;

use rustls::CertificateError;

use super::Error;

/// Sorts a failed transfer and strips the address, whose query may hold a sync token.
pub(crate) fn from_reqwest(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if let Some(tls) = find_tls(&error) {
        let clock = matches!(
            tls,
            rustls::Error::InvalidCertificate(
                CertificateError::Expired
                    | CertificateError::ExpiredContext { .. }
                    | CertificateError::NotValidYet
                    | CertificateError::NotValidYetContext { .. }
            )
        );
        return Error::Untrusted {
            clock,
            source: error,
        };
    }
    if error.is_builder() {
        Error::Setup(error)
    } else if error.is_connect() {
        Error::Offline(error)
    } else if error.is_timeout() {
        Error::TimedOut(error)
    } else {
        Error::Interrupted(error)
    }
}

/// Finds a TLS error, which hides inside an `io::Error` that does not name it as its source.
fn find_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        if let Some(inner) = error
            .downcast_ref::<std::io::Error>()
            .and_then(|io| io.get_ref())
        {
            let inner: &(dyn StdError + 'static) = inner;
            if let Some(tls) = find_tls(inner) {
                return Some(tls);
            }
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_tls_error_is_found_inside_an_io_error() {
        let expired = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let outer = Outer(std::io::Error::other(std::io::Error::other(
            expired.clone(),
        )));
        assert_eq!(find_tls(&outer), Some(&expired));
        assert!(find_tls(&Outer(std::io::Error::other("no"))).is_none());
    }
}
