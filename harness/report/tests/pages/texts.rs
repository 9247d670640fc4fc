//! What the synthetic records are made of.

/// A text that ends a script, a tag, an attribute and a comment, writes from right to left, clears
/// a terminal and hides a letter; and one that a spreadsheet would take for a formula.
pub(crate) const HOSTILE: &str = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>\
     \"'--><!--\u{202e}txet\u{200b}\u{1b}[2J שלום `|`";

/// A variant that does not fit anywhere.
pub(crate) const LONG_NAME: &str = "one-runtime-per-core-with-a-listener-each-and-a-name-that-nobody-would-choose-but-somebody-will";

/// Groups of cases.
pub(crate) const GROUPS: [&str; 12] = [
    "app/contract",
    "app/json",
    "app/plaintext",
    "app/every-response",
    "h1/chunked",
    "h1/connection",
    "h1/content-length",
    "h1/fields",
    "h1/host",
    "h1/methods",
    "h1/pipelining",
    "h1/target",
];

type Server = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// Servers: id, name, language, tags.
pub(crate) const SERVERS: [Server; 12] = [
    ("rust-hyper", "hyper", "rust", &["async", "tokio"]),
    ("rust-may", "may_minihttp", "rust", &["coroutines"]),
    ("rust-std", "std", "rust", &["threads"]),
    ("go-net-http", "net/http", "go", &["goroutines"]),
    ("node-http", "node:http", "javascript", &["async"]),
    ("java-netty", "Netty", "java", &["async", "jvm"]),
    ("java-undertow", "Undertow", "java", &["jvm", "threads"]),
    ("python-uvicorn", "uvicorn", "python", &["async"]),
    ("cpp-drogon", "Drogon", "c++", &["async"]),
    ("c-h2o", "h2o", "c", &["async"]),
    ("csharp-kestrel", "Kestrel", "c#", &["async"]),
    ("php-swoole", "Swoole", "php", &["coroutines"]),
];
