//! Fields of requests.

use crate::exit::Failure;
use crate::output::shown;

/// `Name: value`.
pub(super) fn field(line: &str) -> Result<(String, String), Failure> {
    let (name, value) = line.split_once(':').ok_or_else(|| {
        Failure::new(format!("--header `{}`: expected `Name: value`", shown(line)))
    })?;
    Ok((name.to_string(), value.trim().to_string()))
}

/// Puts `close` into `Connection` (RFC 9112 section 9.6), beside what stands there.
pub(super) fn say_close(fields: &mut Vec<(String, String)>) {
    let is_connection = |name: &str| name.eq_ignore_ascii_case("connection");
    let mut said = fields.iter_mut().filter(|(name, _)| is_connection(name)).peekable();
    if said.peek().is_none() {
        return fields.push(("Connection".to_owned(), "close".to_owned()));
    }
    let mut last = None;
    for (_, value) in said {
        // The opposite, or there already.
        let is_other = |option: &&str| {
            !["", "close", "keep-alive"].iter().any(|one| option.eq_ignore_ascii_case(one))
        };
        let others: Vec<&str> = value.split(',').map(str::trim).filter(is_other).collect();
        *value = others.join(", ");
        last = Some(value);
    }
    if let Some(value) = last {
        *value = if value.is_empty() { "close".to_owned() } else { format!("{value}, close") };
    }
    // A field of which nothing is left says nothing.
    fields.retain(|(name, value)| !is_connection(name) || !value.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_a_name_and_a_value() {
        assert_eq!(field("A:  b: c ").unwrap(), ("A".into(), "b: c".into()));
        assert!(field("no colon").is_err());
    }

    #[test]
    fn close_is_said_once_beside_what_is_given() {
        for (given, sent) in [
            (&[][..], &["close"][..]),
            (&["TE"], &["TE, close"]),
            (&["close"], &["close"]),
            (&["Keep-Alive, TE"], &["TE, close"]),
            (&["keep-alive", "TE"], &["TE, close"]),
            (&["TE", "Upgrade"], &["TE", "Upgrade, close"]),
        ] {
            let name = "connection".to_owned();
            let mut fields = given.iter().map(|it| (name.clone(), (*it).to_owned())).collect();
            say_close(&mut fields);
            let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
            assert_eq!(values, sent, "{given:?}");
        }
    }
}
