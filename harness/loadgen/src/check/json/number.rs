//! Numbers of JSON (RFC 8259 section 6) by their exact value: no floating point, which would take
//! neighbours for equal.

/// `digits` (without zeros at either end) times 10 to the `exponent`; zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    is_negative: bool,
    digits: Vec<u8>,
    exponent: Exponent,
}

/// A power of ten.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exponent {
    Known(i64),
    /// Beyond what is counted: equal when written alike.
    Beyond(Vec<u8>),
}

impl Number {
    /// `text` is a number of JSON.
    pub(super) fn of(text: &[u8]) -> Self {
        let (is_negative, text) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = text.iter().position(|b| matches!(b, b'e' | b'E')).unwrap_or(text.len());
        let (mantissa, power) = (&text[..end], text.get(end + 1..).unwrap_or_default());
        let point = mantissa.iter().position(|b| *b == b'.');
        let decimals = point.map_or(0, |at| mantissa.len() - at - 1);
        let mut digits: Vec<u8> = mantissa.iter().copied().filter(|b| *b != b'.').collect();
        let zeros_behind = digits.iter().rev().take_while(|b| **b == b'0').count();
        digits.truncate(digits.len() - zeros_behind);
        let zeros_before = digits.iter().take_while(|b| **b == b'0').count();
        digits.drain(..zeros_before);
        if digits.is_empty() {
            return Self { is_negative: false, digits, exponent: Exponent::Known(0) };
        }
        // Lengths of texts that are in memory fit.
        let shift = zeros_behind as i64 - decimals as i64;
        let exponent = match parse_power(power).and_then(|power| power.checked_add(shift)) {
            Some(exponent) => Exponent::Known(exponent),
            None => Exponent::Beyond([power, b"/", shift.to_string().as_bytes()].concat()),
        };
        Self { is_negative, digits, exponent }
    }
}

/// Of `+5`, `-05` or nothing.
fn parse_power(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
