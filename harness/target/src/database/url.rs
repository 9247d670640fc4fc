//! The few changes that are made to a connection URL. Servers are given the URL as a text, so it
//! is changed as a text: whatever else it says (TLS, options) reaches them unchanged.

/// `url` with another database.
pub(super) fn with_database(url: &str, database: &str) -> String {
    let (before_query, query) = split_query(url);
    let authority_start = before_query.find("://").map_or(0, |at| at + 3);
    let path_start = before_query[authority_start..]
        .find('/')
        .map_or(before_query.len(), |at| authority_start + at);
    format!("{}/{database}{query}", &before_query[..path_start])
}

/// `url` as a message or a record may show it: without a password and without parameters, which
/// can hold one too.
pub(super) fn without_password(url: &str) -> String {
    let (before_query, _) = split_query(url);
    let Some((scheme, rest)) = before_query.split_once("://") else {
        return String::new();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        None => format!("{scheme}://{authority}{path}"),
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}{path}")
        }
    }
}

/// The part before the parameters, and the parameters with their question mark.
fn split_query(url: &str) -> (&str, &str) {
    url.split_at(url.find('?').unwrap_or(url.len()))
}

#[cfg(test)]
mod tests {
    use super::{with_database, without_password};

    #[test]
    fn only_the_database_changes() {
        for (url, changed) in [
            ("postgres://u:p@h:1/old", "postgres://u:p@h:1/new"),
            ("postgres://u:p@h:1/old?sslmode=disable", "postgres://u:p@h:1/new?sslmode=disable"),
            ("postgres://h", "postgres://h/new"),
            ("postgres://h?host=/run/x", "postgres://h/new?host=/run/x"),
            ("postgres://", "postgres:///new"),
        ] {
            assert_eq!(with_database(url, "new"), changed);
        }
    }

    #[test]
    fn the_password_goes_and_the_rest_stays() {
        for (url, shown) in [
            ("postgres://u:p@h:1/db", "postgres://u@h:1/db"),
            ("postgres://u:p:q@h/db?password=x", "postgres://u@h/db"),
            ("postgres://h/db", "postgres://h/db"),
            ("nonsense", ""),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
