//! One file over HTTP, with the digest of what came.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::error::FetchError;

const CONNECT_LIMIT: Duration = Duration::from_secs(20);
/// Until the first byte of the answer, and until its last one.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
const WHOLE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// The archives have some ten million bytes. What is much longer is none.
const MOST_BYTES: u64 = 256 << 20;

/// Writes the answer to a GET of `url` into `file`, and returns its SHA-256 in hexadecimal.
pub(super) fn download(
    url: &str,
    file: &Path,
    mut on_bytes: impl FnMut(u64, Option<u64>),
) -> Result<String, FetchError> {
    let failed = |reason: String| FetchError::Download { url: url.to_owned(), reason };
    let unwritten = |source| FetchError::Cache { path: file.to_owned(), source };
    let mut response = agent().get(url).call().map_err(|error| failed(error.to_string()))?;
    if response.status() != 200 {
        return Err(failed(format!("the answer is {}, expected 200", response.status())));
    }
    let of = response.body().content_length();
    let mut body = response.body_mut().with_config().limit(MOST_BYTES).reader();
    let mut to = File::create(file).map_err(unwritten)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut piece = vec![0; 64 << 10];
    loop {
        let count = body
            .read(&mut piece)
            .map_err(|error| failed(format!("it broke off after {bytes} bytes: {error}")))?;
        if count == 0 {
            break;
        }
        hash.update(&piece[..count]);
        to.write_all(&piece[..count]).map_err(unwritten)?;
        bytes += count as u64;
        on_bytes(bytes, of);
    }
    if of.is_some_and(|of| of != bytes) {
        return Err(failed(format!("it broke off after {bytes} of {} bytes", of.unwrap_or(0))));
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// With the certificates that this machine trusts, and the proxy that its environment names.
fn agent() -> ureq::Agent {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates())))
        .unversioned_rustls_crypto_provider(provider)
        .build();
    let config = ureq::Agent::config_builder()
        .tls_config(tls)
        .timeout_connect(Some(CONNECT_LIMIT))
        .timeout_recv_response(Some(ANSWER_LIMIT))
        .timeout_recv_body(Some(WHOLE_LIMIT))
        .http_status_as_error(false)
        .build();
    config.into()
}

/// Those that this machine trusts. What cannot be read is left out: the error that follows names
/// the certificate that is missing.
fn certificates() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    found.iter().map(|one| Certificate::from_der(one).to_owned()).collect()
}
