//! `Accept-Encoding` (RFC 9110 section 12.5.3) over brotli, gzip and identity.

use super::catalogue::{Representation, StaticFile};

/// The encoding that a client likes best; brotli before gzip before identity
/// where it likes them equally. When it forbids all, it gets the plain bytes.
pub(super) fn choose<'f>(file: &'f StaticFile, accept: Option<&[u8]>) -> &'f Representation {
    let Some(accept) = accept.filter(|_| file.vary.is_some()) else {
        return &file.identity;
    };
    let weights = Weights::parse(accept);
    let coded = |coding, named: Option<u16>| (coding, named.or(weights.any).unwrap_or(0));
    // Identity is acceptable without being named, but then anything named goes before.
    let identity = (Some(&file.identity), weights.identity.or(weights.any).unwrap_or(1));
    let candidates = [
        coded(file.brotli.as_ref(), weights.brotli),
        coded(file.gzip.as_ref(), weights.gzip),
        (identity.0, identity.1),
    ];
    let mut best = (&file.identity, 0);
    for (representation, weight) in candidates {
        if let Some(representation) = representation.filter(|_| weight > best.1) {
            best = (representation, weight);
        }
    }
    best.0
}

/// The q-values of the codings that were named, in thousandths.
#[derive(Debug, Default)]
struct Weights {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Weights {
    fn parse(accept: &[u8]) -> Self {
        let mut weights = Self::default();
        for member in accept.split(|byte| *byte == b',') {
            let mut parts = member.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let coding = parts.next().unwrap_or_default().to_ascii_lowercase();
            let slot = match coding.as_slice() {
                b"br" => &mut weights.brotli,
                b"gzip" | b"x-gzip" => &mut weights.gzip,
                b"identity" => &mut weights.identity,
                b"*" => &mut weights.any,
                _ => continue,
            };
            // A member with a broken weight says nothing.
            if let Some(weight) = parts.next().map_or(Some(1000), weight) {
                *slot = Some(weight);
            }
        }
        weights
    }
}

/// `q=` and a qvalue of up to three decimals (RFC 9110 section 12.4.2).
fn weight(parameter: &[u8]) -> Option<u16> {
    let (name, value) = parameter.split_at_checked(2)?;
    if !name.eq_ignore_ascii_case(b"q=") {
        return None;
    }
    let (whole, decimals) = match value {
        [whole] => (whole, &[][..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (whole, decimals),
        _ => return None,
    };
    if !matches!(whole, b'0' | b'1') || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut thousandths = u16::from(whole - b'0');
    for place in 0..3 {
        let digit = decimals.get(place).map_or(0, |digit| digit - b'0');
        thousandths = thousandths * 10 + u16::from(digit);
    }
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{file, file_with};
    use super::*;

    fn coding_of(file: &StaticFile, accept: Option<&str>) -> String {
        let chosen = choose(file, accept.map(str::as_bytes));
        chosen.content_encoding.as_ref().map_or("identity", |field| field.value()).to_owned()
    }

    fn chosen(accept: &str) -> String {
        coding_of(&file(), Some(accept))
    }

    #[test]
    fn the_best_liked_coding_wins() {
        for (accept, expected) in [
            ("", "identity"),
            ("gzip", "gzip"),
            ("x-gzip", "gzip"),
            ("GZIP", "gzip"),
            ("gzip, br", "br"),
            ("gzip;q=0.9, br;q=0.8", "gzip"),
            ("gzip ; q=0.9 , br ; Q=0.9", "br"),
            ("br;q=0, gzip;q=0.001", "gzip"),
            ("br;q=0, gzip;q=0", "identity"),
            ("*", "br"),
            ("br;q=0, *", "gzip"),
            ("*;q=0", "identity"),
            ("gzip, *;q=0", "gzip"),
            ("identity;q=1, br;q=0.5", "identity"),
            ("identity, gzip", "gzip"),
            ("identity;q=0", "identity"),
            ("deflate, zstd", "identity"),
            ("gzip;q=1.0, br;q=1.000", "br"),
            (",,gzip,", "gzip"),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn a_member_with_a_broken_weight_is_ignored() {
        for bad in ["q=2", "q=1.001", "q=0.0001", "q=-1", "q=", "q=.5", "q=1x", "level=9", ""] {
            assert_eq!(chosen(&format!("br;{bad}, gzip;q=0.5")), "gzip", "{bad:?}");
        }
    }

    #[test]
    fn without_the_field_or_the_coding_the_plain_bytes_are_served() {
        assert_eq!(coding_of(&file(), None), "identity");
        let only_gzip = file_with(b"x", None, Some(b"gz"));
        assert_eq!(coding_of(&only_gzip, Some("br, gzip;q=0.1")), "gzip");
        assert_eq!(coding_of(&file_with(b"x", None, None), Some("br")), "identity");
    }
}
