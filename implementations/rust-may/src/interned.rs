//! Response fields that live forever, as the engine asks for.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// How many different lines are kept: clients choose the ranges they ask for, so
/// there must be an end to it.
const LIMIT: usize = 4096;

/// The line for as long as the process runs; `None` when too many are kept.
pub(crate) fn intern(line: &str) -> Option<&'static str> {
    static LINES: OnceLock<Mutex<HashMap<String, &'static str>>> = OnceLock::new();
    let lines = LINES.get_or_init(Mutex::default);
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lines.get(line) {
        return Some(known);
    }
    if lines.len() == LIMIT {
        return None;
    }
    let kept: &'static str = Box::leak(Box::from(line));
    lines.insert(line.to_owned(), kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_are_kept_once_and_not_without_end() {
        let first = intern("content-range: bytes 0-0/1").unwrap();
        assert!(std::ptr::eq(first, intern("content-range: bytes 0-0/1").unwrap()));
        for number in 1..LIMIT {
            intern(&number.to_string()).unwrap();
        }
        assert_eq!(intern("one more"), None);
        assert_eq!(intern("7"), Some("7"));
    }
}
