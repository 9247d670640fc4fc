//! Character classes of RFC 9110 section 5.6.2 (tokens) and 5.5 (field values).

const TOKEN: u8 = 1;
const VALUE: u8 = 2;

const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        if b.is_ascii_alphanumeric() || is_token_mark(b) {
            table[i] |= TOKEN;
        }
        // VCHAR, SP, HTAB and obs-text (0x80 to 0xFF).
        if b == b'\t' || (b >= 0x20 && b != 0x7f) {
            table[i] |= VALUE;
        }
        i += 1;
    }
    table
}

const fn is_token_mark(b: u8) -> bool {
    matches!(
        b,
        b'!' | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b'\''
            | b'*'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~'
    )
}

/// `tchar` of RFC 9110 section 5.6.2.
pub(crate) fn is_token_byte(b: u8) -> bool {
    CLASS[b as usize] & TOKEN != 0
}

/// A byte that may stand in a field value or reason phrase.
pub(crate) fn is_value_byte(b: u8) -> bool {
    CLASS[b as usize] & VALUE != 0
}

/// A non-empty `token`.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&b| is_token_byte(b))
}

/// The first byte that may not stand in a field value.
pub(crate) fn bad_value_byte(bytes: &[u8]) -> Option<u8> {
    bytes.iter().copied().find(|&b| !is_value_byte(b))
}

/// Without optional white space (SP, HTAB) at both ends, RFC 9110 section 5.6.3.
pub(crate) fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}
