//! Content made anew for each request, so that no fixed answer can be right.

use httpdyno_spec::exchange::{Alphabet, GeneratedBody, GeneratedKind};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::values::random_text;

/// Makes the content: random bytes, or a JSON document of exactly that size (of at least 60 bytes).
pub(super) fn generate(body: &GeneratedBody, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let size = usize::try_from(body.size.0).unwrap_or(usize::MAX);
    match body.kind {
        GeneratedKind::Bytes => generate_bytes(size, rng),
        GeneratedKind::Json => generate_json(size, rng),
    }
}

/// A random block again and again, each time changed by its number: as fresh, and made faster.
fn generate_bytes(size: usize, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut block = [0; 8192];
    rng.fill_bytes(&mut block);
    let mut number: u64 = rng.random();
    let mut bytes = Vec::with_capacity(size);
    while bytes.len() < size {
        number = number.wrapping_add(1);
        block[..8].copy_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&block[..block.len().min(size - bytes.len())]);
    }
    bytes
}

/// An object with an identifier, items in random order until the size is nearly reached, and
/// padding to exactly the size.
fn generate_json(size: usize, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let id: u64 = rng.random_range(0..1 << 53);
    let mut text = format!("{{\"id\":{id},\"items\":[");
    let end = "],\"pad\":\"\"}".len();
    let items: Vec<String> =
        (0..size.div_ceil(200).min(40)).map(|_| item(rng).to_string()).collect();
    let mut first = true;
    while !items.is_empty() {
        let item = &items[rng.random_range(0..items.len())];
        if text.len() + item.len() + 1 + end > size {
            break;
        }
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        text.push_str(item);
    }
    text.push_str("],\"pad\":\"");
    while text.len() + 2 < size {
        text.push(char::from(rng.random_range(b'a'..=b'z')));
    }
    text.push_str("\"}");
    text.into_bytes()
}

fn item(rng: &mut ChaCha8Rng) -> Value {
    let name = random_text(Alphabet::Letters, rng.random_range(1..12), rng);
    let label = random_text(Alphabet::Unicode, rng.random_range(0..24), rng);
    // Quarters are exact in binary, so that no rounding can be blamed.
    let price = f64::from(rng.random_range(-400_000..400_000)) / 4.0 + 0.25;
    json!({
        "name": name,
        "label": format!("{label}\n\t\u{1}"),
        "price": price,
        "count": rng.random_range(-(1_i64 << 53)..1 << 53),
        "flags": [rng.random::<bool>(), null],
        "nested": { "empty": {}, "list": [[], [rng.random_range(0..100)]] },
    })
}

#[cfg(test)]
mod tests {
    use httpdyno_spec::units::ByteSize;

    use super::super::values::case_rng;
    use super::*;

    #[test]
    fn json_is_valid_fresh_and_of_the_size_asked_for() {
        let mut rng = case_rng(1, "app/echo/x");
        for size in [60, 86, 4_000, 100_000] {
            let body = GeneratedBody { kind: GeneratedKind::Json, size: ByteSize(size) };
            let (one, other) = (generate(&body, &mut rng), generate(&body, &mut rng));
            assert_ne!(one, other);
            assert_eq!(one.len() as u64, size);
            let parsed: Value = serde_json::from_slice(&one).expect("valid JSON");
            assert!(parsed["id"].is_u64());
        }
    }

    #[test]
    fn bytes_are_exactly_as_many_as_asked_for() {
        let mut rng = case_rng(1, "app/upload/x");
        let body = GeneratedBody { kind: GeneratedKind::Bytes, size: ByteSize(1000) };
        let (one, other) = (generate(&body, &mut rng), generate(&body, &mut rng));
        assert_eq!((one.len(), one == other), (1000, false));
    }
}
