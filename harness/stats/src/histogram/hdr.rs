//! To and from the hdrhistogram crate, whose V2 encoding other tools read. Nothing is lost:
//! the bucket arithmetic is the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};

use super::buckets::{MAX_NS, index_of, lowest};
use super::v2::V2;
use super::{Histogram, HistogramError};

const DIGITS: u8 = 3;

impl Histogram {
    /// The same values in the hdrhistogram crate's type.
    #[must_use]
    pub fn to_hdr(&self) -> hdrhistogram::Histogram<u64> {
        let mut hdr = hdrhistogram::Histogram::new_with_bounds(1, MAX_NS, DIGITS)
            .expect("1 <= 60e9 / 2, and three digits are allowed");
        for &(index, count) in self.buckets() {
            // The exact extremes keep hdrhistogram's own minimum and maximum right.
            let value = lowest(index).clamp(self.min_ns(), self.max_ns());
            hdr.saturating_record_n(value, count);
        }
        hdr
    }

    /// The V2 encoding, deflated, in base64 (`HISTFAAAA...`), as in HdrHistogram logs.
    #[must_use]
    pub fn to_hdr_v2(&self) -> String {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.to_hdr(), &mut bytes)
            .expect("writing to memory does not fail");
        STANDARD.encode(bytes)
    }

    /// Reads [`to_hdr_v2`](Self::to_hdr_v2); minimum and maximum become those of the buckets.
    ///
    /// # Errors
    /// Another encoding or another layout.
    pub fn from_hdr_v2(text: &str) -> Result<Self, HistogramError> {
        let bytes =
            STANDARD.decode(text.trim()).map_err(|e| HistogramError::Base64(e.to_string()))?;
        let V2 { digits, low, high, buckets } = V2::decode(&bytes)?;
        if (digits, low, high) != (u32::from(DIGITS), 1, MAX_NS) {
            let digits = u8::try_from(digits).unwrap_or(u8::MAX);
            return Err(HistogramError::Layout { digits, low, high });
        }
        let first = buckets.first().map_or(0, |&(index, _)| lowest(index));
        let last = buckets.last().map_or(0, |&(index, _)| lowest(index));
        Ok(Self::from_parts(buckets, 0, first, last))
    }

    /// The same with its exact maximum, where that lies in the highest bucket: what the V2 encoding
    /// holds of it is the bucket.
    #[must_use]
    pub fn with_maximum(self, max_ns: u64) -> Self {
        let (saturated, min_ns, max_ns) = (self.saturated(), self.min_ns(), max_ns.min(MAX_NS));
        let last = self.buckets().last().map(|&(index, _)| index);
        match last == Some(index_of(max_ns)) {
            true => Self::from_parts(self.into_buckets(), saturated, min_ns, max_ns),
            false => self,
        }
    }

    /// Puts back what the V2 encoding does not hold.
    pub(crate) fn with_exact(
        self,
        saturated: u64,
        min_ns: u64,
        max_ns: u64,
    ) -> Result<Self, HistogramError> {
        let wrong = |field, found| Err(HistogramError::Contradiction { field, found });
        let (Some(first), Some(last)) = (self.buckets().first(), self.buckets().last()) else {
            return Ok(self);
        };
        if min_ns > MAX_NS || index_of(min_ns) != first.0 {
            return wrong("min_ns", min_ns);
        }
        if max_ns > MAX_NS || index_of(max_ns) != last.0 {
            return wrong("max_ns", max_ns);
        }
        if saturated > 0 && (max_ns != MAX_NS || saturated > last.1) {
            return wrong("saturated", saturated);
        }
        Ok(Self::from_parts(self.into_buckets(), saturated, min_ns, max_ns))
    }
}
