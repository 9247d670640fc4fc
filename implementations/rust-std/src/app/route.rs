//! Paths and their methods. Paths are compared octet by octet.

use super::Rows;
use crate::http::Method;

/// Where a request goes, with the segment that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'p> {
    Plaintext,
    Json,
    Echo,
    User(&'p str),
    Search,
    File(&'p str),
    Delay(&'p str),
    Upload,
    Rows(Rows),
    /// `*`: the server as a whole.
    Server,
}

impl<'p> Route<'p> {
    pub(crate) fn of(path: &'p str) -> Option<Self> {
        Some(match path {
            "/plaintext" => Self::Plaintext,
            "/json" => Self::Json,
            "/echo" => Self::Echo,
            "/search" => Self::Search,
            "/upload" => Self::Upload,
            "/db" => Self::Rows(Rows::Db),
            "/queries" => Self::Rows(Rows::Queries),
            "/updates" => Self::Rows(Rows::Updates),
            "/cached-queries" => Self::Rows(Rows::CachedQueries),
            "/fortunes" => Self::Rows(Rows::Fortunes),
            "*" => Self::Server,
            _ => {
                let (first, segment) = path.strip_prefix('/')?.split_once('/')?;
                match first {
                    "users" => Self::User(segment),
                    "static" => Self::File(segment),
                    "delay" => Self::Delay(segment),
                    _ => return None,
                }
            }
        })
    }

    /// Whether the endpoint answers this method itself.
    pub(crate) fn takes(self, method: Method) -> bool {
        match self {
            Self::Echo | Self::Upload => method == Method::Post,
            Self::Server => false,
            _ => matches!(method, Method::Get | Method::Head),
        }
    }

    /// The value of `Allow`.
    pub(crate) fn methods(self) -> &'static str {
        match self {
            Self::Echo | Self::Upload => "POST, OPTIONS",
            Self::Server => "GET, HEAD, POST, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_exact() {
        assert_eq!(Route::of("/plaintext"), Some(Route::Plaintext));
        assert_eq!(Route::of("/users/7"), Some(Route::User("7")));
        assert_eq!(Route::of("/static/a/b"), Some(Route::File("a/b")));
        assert_eq!(Route::of("/delay/"), Some(Route::Delay("")));
        for unknown in ["", "/", "/Json", "/json/", "//json", "/users", "/x/y", "json", "/db/"] {
            assert_eq!(Route::of(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn methods_follow_the_endpoint() {
        assert!(Route::Json.takes(Method::Head) && !Route::Json.takes(Method::Post));
        assert!(Route::Echo.takes(Method::Post) && !Route::Echo.takes(Method::Get));
        assert!(!Route::Server.takes(Method::Options));
    }
}
