//! What can be wrong with a serialised histogram.

/// Why a text is not a histogram of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// Not base64.
    #[error("the histogram is not base64: {0}")]
    Base64(String),
    /// Not the V2 encoding of HdrHistogram.
    #[error("the histogram is not HdrHistogram V2: {0}")]
    Encoding(String),
    /// It lies in a file that cannot be read any more.
    #[error("the histogram cannot be read from its file again: {0}")]
    Unreadable(String),
    /// Another layout: it could not be merged without loss.
    #[error(
        "the histogram has {digits} significant digits from {low} to {high}, \
         expected 3 from 1 to {MAX_NS} (nanoseconds)",
        MAX_NS = super::MAX_NS
    )]
    Layout {
        /// Significant digits found.
        digits: u8,
        /// Lowest discernible value found.
        low: u64,
        /// Highest trackable value found.
        high: u64,
    },
    /// The numbers beside the buckets contradict them.
    #[error("the histogram's `{field}` is {found}, which its buckets contradict")]
    Contradiction {
        /// The field.
        field: &'static str,
        /// Its value.
        found: u64,
    },
}
