//! Character classes of RFC 9110 section 5.6 and RFC 3986, as one table.

const TOKEN: u8 = 1;
const FIELD_VALUE: u8 = 2;
const TARGET: u8 = 4;
const REG_NAME: u8 = 8;

const CLASSES: [u8; 256] = build();

const fn build() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        table[byte] = classes_of(byte as u8);
        byte += 1;
    }
    table
}

const fn classes_of(byte: u8) -> u8 {
    let mut classes = 0;
    if byte.is_ascii_alphanumeric() || among(byte, b"!#$%&'*+-.^_`|~") {
        classes |= TOKEN;
    }
    // HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5). The other controls are
    // invalid; CR, LF and NUL must, the rest may be refused.
    if byte == b'\t' || (byte >= b' ' && byte != 0x7f) {
        classes |= FIELD_VALUE;
    }
    // A URI is visible ASCII; a fragment is no part of a request target.
    if byte.is_ascii_graphic() && byte != b'#' {
        classes |= TARGET;
    }
    // unreserved, sub-delims and the percent sign (RFC 3986 section 3.2.2).
    if byte.is_ascii_alphanumeric() || among(byte, b"-._~!$&'()*+,;=%") {
        classes |= REG_NAME;
    }
    classes
}

const fn among(byte: u8, set: &[u8]) -> bool {
    let mut index = 0;
    while index < set.len() {
        if set[index] == byte {
            return true;
        }
        index += 1;
    }
    false
}

fn all(bytes: &[u8], class: u8) -> bool {
    bytes.iter().all(|&byte| CLASSES[byte as usize] & class != 0)
}

pub(crate) fn is_token_char(byte: u8) -> bool {
    CLASSES[byte as usize] & TOKEN != 0
}

/// At least one token character and nothing else (RFC 9110 section 5.6.2).
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && all(bytes, TOKEN)
}

pub(crate) fn is_field_value_char(byte: u8) -> bool {
    CLASSES[byte as usize] & FIELD_VALUE != 0
}

pub(crate) fn is_field_value(bytes: &[u8]) -> bool {
    all(bytes, FIELD_VALUE)
}

pub(crate) fn is_target(bytes: &[u8]) -> bool {
    !bytes.is_empty() && all(bytes, TARGET)
}

pub(crate) fn is_reg_name(bytes: &[u8]) -> bool {
    all(bytes, REG_NAME)
}

/// The position of the first LF, eight bytes at a time: the only scan that looks
/// at every byte of a head before its meaning does.
pub(crate) fn find_lf(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    const LFS: u64 = ONES * b'\n' as u64;
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let differences = u64::from_le_bytes(*word) ^ LFS;
        // Sets the high bit of the first (lowest) zero byte; false positives can
        // only lie above a true one.
        let zeros = differences.wrapping_sub(ONES) & !differences & HIGHS;
        if zeros != 0 {
            return Some(index * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    let offset = words.len() * 8;
    tail.iter().position(|&byte| byte == b'\n').map(|at| offset + at)
}

/// Without the optional white space (SP and HTAB) on both ends.
pub(crate) fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The members of a comma-separated list, trimmed; empty ones are skipped, as
/// RFC 9110 section 5.6.1.2 asks of a recipient.
pub(crate) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trim_ows).filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_feed_is_found_wherever_it_lies() {
        for length in 0..40 {
            let mut bytes = vec![0x0b_u8; length];
            assert_eq!(find_lf(&bytes), None);
            for at in (0..length).rev() {
                bytes[at] = b'\n';
                assert_eq!(find_lf(&bytes), Some(at), "length {length}");
            }
        }
    }

    #[test]
    fn white_space_is_trimmed_on_both_ends_only() {
        assert_eq!(trim_ows(b" \ta b\t "), b"a b");
        assert_eq!(trim_ows(b" \t "), b"");
    }

    #[test]
    fn lists_skip_empty_members() {
        let members: Vec<_> = list(b" a ,, b\t,").collect();
        assert_eq!(members, [b"a", b"b"]);
    }

    #[test]
    fn classes_follow_the_grammar() {
        assert!(is_token(b"M-SEARCH") && !is_token(b"") && !is_token(b"a b") && !is_token(b"a:"));
        assert!(is_field_value(b"a\tb \xff") && !is_field_value(b"a\0") && !is_field_value(b"\r"));
        assert!(!is_field_value(b"\x7f") && is_target(b"/a?b=%20"));
        assert!(
            !is_target(b"") && !is_target(b"/a b") && !is_target(b"/#f") && !is_target(b"/\xc3")
        );
    }
}
