//! The command as records and reports name it: what was typed, without passwords.

use httpdyno_target::DatabaseSource;

/// This process's command line. The URL of a database is shown without its password, since records
/// are published.
pub(crate) fn own() -> Vec<String> {
    std::env::args().map(|argument| without_password(&argument)).collect()
}

fn without_password(argument: &str) -> String {
    let (flag, value) = match argument.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => (format!("{flag}="), value),
        _ => (String::new(), argument),
    };
    if !value.starts_with("postgres://") && !value.starts_with("postgresql://") {
        return argument.to_owned();
    }
    match value.parse::<DatabaseSource>() {
        Ok(source) => format!("{flag}{source}"),
        Err(_) => argument.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_databases_password_is_left_out_and_the_rest_stays() {
        for (typed, shown) in [
            ("postgres://u:secret@127.0.0.1:5432/d", "postgres://u@127.0.0.1:5432/d"),
            ("--database=postgresql://u:secret@h/d", "--database=postgresql://u@h/d"),
            ("--url=http://u:p@h/?a=b", "--url=http://u:p@h/?a=b"),
            ("bench", "bench"),
        ] {
            assert_eq!(without_password(typed), shown);
        }
    }
}
