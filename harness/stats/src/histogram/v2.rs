//! The V2 encoding of HdrHistogram, deflated or not, read straight into the buckets that were hit. The
//! hdrhistogram crate goes through its whole array of 27 000 counters for each histogram, which a
//! report over 100 000 of them feels.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::HistogramError;
use super::buckets::BUCKETS;

/// The first four bytes of a histogram, and of one that is deflated.
const COOKIE: u32 = 0x1c84_9303 | 0x10;
const DEFLATED_COOKIE: u32 = 0x1c84_9304 | 0x10;

/// Bytes before the counts: cookie, length of the counts, normalising offset, digits, lowest and
/// highest value, and a factor for values that are no integers.
const HEAD_BYTES: usize = 40;

/// More than any histogram of ours is long: a damaged one must not ask for all memory.
const MOST_BYTES: u64 = (HEAD_BYTES + 10 * BUCKETS) as u64;

/// What is encoded.
pub(super) struct V2 {
    pub(super) digits: u32,
    pub(super) low: u64,
    pub(super) high: u64,
    /// Bucket number and count, ascending, counts above 0.
    pub(super) buckets: Vec<(usize, u64)>,
}

impl V2 {
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, HistogramError> {
        match word(bytes, 0)? {
            COOKIE => Self::plain(bytes),
            DEFLATED_COOKIE => {
                let length = word(bytes, 4)? as usize;
                let deflated = bytes.get(8..).and_then(|rest| rest.get(..length));
                let deflated = deflated.ok_or_else(|| wrong("it ends too early"))?;
                let mut plain = Vec::with_capacity(4 * bytes.len());
                ZlibDecoder::new(deflated)
                    .take(MOST_BYTES)
                    .read_to_end(&mut plain)
                    .map_err(|error| wrong(&error.to_string()))?;
                if word(&plain, 0)? != COOKIE {
                    return Err(wrong("what is deflated in it is none"));
                }
                Self::plain(&plain)
            }
            other => Err(wrong(&format!("it begins with {other:#010x}"))),
        }
    }

    fn plain(bytes: &[u8]) -> Result<Self, HistogramError> {
        let length = word(bytes, 4)? as usize;
        let counts = bytes.get(HEAD_BYTES..).and_then(|rest| rest.get(..length));
        let counts = counts.ok_or_else(|| wrong("it ends too early"))?;
        if word(bytes, 8)? != 0 {
            return Err(wrong("its buckets are shifted"));
        }
        let (digits, low, high) = (word(bytes, 12)?, long(bytes, 16)?, long(bytes, 24)?);
        Ok(Self { digits, low, high, buckets: buckets(counts)? })
    }
}

/// Each number is a count, or, below 0, how many buckets have none.
fn buckets(mut counts: &[u8]) -> Result<Vec<(usize, u64)>, HistogramError> {
    // At most one for each byte; most are of one or two.
    let mut buckets = Vec::with_capacity(counts.len() / 2);
    let mut index = 0_usize;
    while !counts.is_empty() {
        let number = number(&mut counts)?;
        match u64::try_from(number) {
            Ok(count) => {
                if index >= BUCKETS {
                    return Err(wrong("it has more buckets than its layout"));
                }
                if count > 0 {
                    buckets.push((index, count));
                }
                index += 1;
            }
            Err(_) => {
                let zeros = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
                index = index.saturating_add(zeros);
            }
        }
    }
    Ok(buckets)
}

/// The next number: seven bits in each of up to eight bytes, low ones first, and eight in a ninth;
/// the sign is the lowest bit (ZigZag).
fn number(bytes: &mut &[u8]) -> Result<i64, HistogramError> {
    // Most are of one byte.
    if let Some((&byte @ 0..0x80, rest)) = bytes.split_first() {
        *bytes = rest;
        return Ok(i64::from(byte >> 1) ^ -i64::from(byte & 1));
    }
    let mut value = 0_u64;
    for place in 0..9 {
        let (&byte, rest) = bytes.split_first().ok_or_else(|| wrong("it ends too early"))?;
        *bytes = rest;
        if place == 8 {
            value |= u64::from(byte) << 56;
            break;
        }
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

fn word(bytes: &[u8], at: usize) -> Result<u32, HistogramError> {
    let found = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    found.map(u32::from_be_bytes).ok_or_else(|| wrong("it ends too early"))
}

fn long(bytes: &[u8], at: usize) -> Result<u64, HistogramError> {
    Ok(u64::from(word(bytes, at)?) << 32 | u64::from(word(bytes, at + 4)?))
}

fn wrong(what: &str) -> HistogramError {
    HistogramError::Encoding(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{V2, number};
    use crate::histogram::{Histogram, HistogramError};
    use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer, V2Serializer};

    fn spread() -> Histogram {
        let mut histogram = Histogram::new();
        // Every order of magnitude there is, and counts of one to three bytes.
        let mut value = 1;
        while value < 60_000_000_000_u64 {
            (0..1 + value % 700).for_each(|_| histogram.record(value));
            value = value * 3 / 2 + 1;
        }
        histogram
    }

    #[test]
    fn what_the_crate_writes_is_read_deflated_or_not() {
        let (histogram, mut plain, mut deflated) = (spread(), Vec::new(), Vec::new());
        V2Serializer::new().serialize(&histogram.to_hdr(), &mut plain).expect("memory");
        V2DeflateSerializer::new().serialize(&histogram.to_hdr(), &mut deflated).expect("memory");
        for bytes in [plain, deflated] {
            let found = V2::decode(&bytes).expect("V2");
            assert_eq!((found.digits, found.low, found.high), (3, 1, 60_000_000_000));
            assert_eq!(found.buckets, histogram.buckets());
            for cut in [0, 3, 7, 20, bytes.len() - 1] {
                let error = V2::decode(&bytes[..cut]).err();
                assert!(matches!(error, Some(HistogramError::Encoding(_))), "{cut}: {error:?}");
            }
        }
    }

    #[test]
    fn numbers_are_zigzag_and_of_up_to_nine_bytes() {
        let all: [(&[u8], i64); 6] = [
            (&[0], 0),
            (&[1], -1),
            (&[2], 1),
            (&[0xfe, 0x01], 127),
            (&[0xff; 9], i64::MIN),
            (&[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], i64::MAX),
        ];
        for (mut bytes, expected) in all {
            assert_eq!(number(&mut bytes).expect("whole"), expected);
            assert!(bytes.is_empty());
        }
        assert!(number(&mut [0x80_u8].as_slice()).is_err());
    }

    #[test]
    fn a_count_that_promises_more_buckets_than_there_are_is_refused() {
        let mut plain = Vec::new();
        V2Serializer::new().serialize(&spread().to_hdr(), &mut plain).expect("memory");
        // 2^40 empty buckets, then one with a value.
        let counts = [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 2];
        plain.truncate(40);
        plain[4..8].copy_from_slice(&7_u32.to_be_bytes());
        plain.extend(counts);
        assert!(V2::decode(&plain).is_err());
    }
}
