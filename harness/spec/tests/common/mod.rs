//! A small tree that is right, for tests to look into or to spoil.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

const FILES: [(&str, &str); 7] = [
    (
        "spec/endpoints.yaml",
        "version: 1
every_response:
  - id: app/every-response/date
    title: date
    requires: A date.
    holds: { fields: { date: http-date } }
endpoints:
  - id: plaintext
    method: GET
    path: /plaintext
    summary: A short text.
    checks:
      - id: app/plaintext/answer
        title: the text
        requires: The text.
        request: { path: /plaintext }
        expect: { status: [200], body: { file: hello.txt } }
",
    ),
    (
        "spec/cases/host.yaml",
        "version: 1
group: \"RFC 9112 section 3.2: Host\"
cases:
  - id: h1/host/missing
    title: no Host
    level: must
    source: RFC 9112 section 3.2
    requires: A request without Host is answered 400.
    send: [{ bytes: 'GET /plaintext HTTP/1.1\\r\\n\\r\\n' }]
    accept: [{ responses: [{ status: [400] }], then: any }]
",
    ),
    (
        "spec/workloads/load.yaml",
        "version: 1
id: load
summary: Some load.
routes:
  - id: plaintext
    endpoint: plaintext
    request: { path: /plaintext }
    expect: { status: [200] }
",
    ),
    (
        "spec/profiles/quick.yaml",
        "version: 1
id: quick
summary: Quick.
publishable: false
placement: split
idle_guard: false
workloads: [load]
connections: [1]
warmup: 0ms
measure: 1ms
blocks: 1
",
    ),
    ("spec/payloads/hello.txt", "Hello"),
    (
        "implementations/plain/implementation.yaml",
        "id: plain
name: Plain
language: rust
framework: { name: std, url: \"https://doc.rust-lang.org\" }
concurrency: One thread.
process: { run: [plain], version: [plain, --version] }
protocols: [http/1.1]
endpoints: [plaintext]
",
    ),
    (
        "implementations/two/implementation.yaml",
        "id: two
name: Two
language: rust
framework: { name: std, url: \"https://doc.rust-lang.org\" }
concurrency: Two threads.
process: { run: [two], version: [two, --version] }
protocols: [http/1.1]
endpoints: [plaintext]
variants:
  - { id: first, summary: The first., args: [\"-1\"] }
  - { id: second, summary: The second., args: [\"-2\"], default: true }
known_deviations:
  - { case: h1/host/missing, reason: It does not look at Host., variants: [first] }
",
    ),
];

/// Writes the tree into a folder of its own.
pub(crate) fn tree() -> TempDir {
    let folder = TempDir::new().expect("a folder for the test");
    for (file, text) in FILES {
        write(folder.path(), file, text);
    }
    folder
}

/// Writes one file, with the folders that lead to it.
pub(crate) fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, text).expect("written");
}

/// Replaces text in one file, which must be there.
#[allow(dead_code, reason = "not every test that has the tree spoils it")]
pub(crate) fn replace(root: &Path, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(file)).expect("readable");
    assert!(text.contains(from), "`{from}` is not in {file}");
    fs::write(root.join(file), text.replace(from, to)).expect("written");
}
