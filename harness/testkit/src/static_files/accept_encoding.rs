//! `Accept-Encoding` (RFC 9110 section 12.5.3).

/// How much a coding is wanted, in thousandths; 0 forbids it or does not name it.
pub(super) fn quality(accepted: &str, coding: &str) -> u32 {
    let named = named_quality(accepted, coding);
    named.or(named_quality(accepted, "*")).unwrap_or(0)
}

/// How much the file as it is is wanted, where the client says so.
pub(super) fn explicit_identity_quality(accepted: &str) -> u32 {
    named_quality(accepted, "identity").unwrap_or(0)
}

fn named_quality(accepted: &str, wanted: &str) -> Option<u32> {
    accepted.split(',').find_map(|member| {
        let (coding, parameters) = member.split_once(';').unwrap_or((member, ""));
        coding.trim().eq_ignore_ascii_case(wanted).then(|| weight(parameters))
    })
}

/// The `q` of a member; 1 without one, 0 when it is not a number.
fn weight(parameters: &str) -> u32 {
    let mut pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    let q = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let Some((_, value)) = q else {
        return 1000;
    };
    let value: f64 = value.trim().parse().unwrap_or(0.0);
    (value.clamp(0.0, 1.0) * 1000.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_the_wildcard_count() {
        assert_eq!(quality("gzip, br;q=0.5", "gzip"), 1000);
        assert_eq!(quality("gzip, BR; q=0.5", "br"), 500);
        assert_eq!(quality("*;q=0.1, br;q=0", "br"), 0);
        assert_eq!(quality("*;q=0.1, br;q=0", "gzip"), 100);
        assert_eq!(quality("", "gzip"), 0);
        assert_eq!(explicit_identity_quality("identity, gzip;q=0.2"), 1000);
    }
}
