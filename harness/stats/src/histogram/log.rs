//! The HdrHistogram interval log, which the common plotting tools read.

use std::io;
use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{
    IntervalLogWriterBuilder, IntervalLogWriterError, Tag,
};

use super::Histogram;

/// One line of the log.
#[derive(Debug, Clone, Copy)]
pub struct LogInterval<'a> {
    /// From the start of the log.
    pub start: Duration,
    /// Its length.
    pub length: Duration,
    /// A name without commas and white space, such as that of a route; others are left out.
    pub tag: Option<&'a str>,
    /// The values.
    pub histogram: &'a Histogram,
}

/// Writes an interval log: values in nanoseconds, the column of maxima in milliseconds.
///
/// # Errors
/// Those of `out`.
pub fn write_log<'a>(
    out: &mut impl io::Write,
    start: SystemTime,
    intervals: impl IntoIterator<Item = LogInterval<'a>>,
) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[Logged by httpdyno; values are nanoseconds]")
        .with_start_time(start)
        .with_base_time(start)
        .with_max_value_divisor(1e6)
        .begin_log_with(out, &mut serializer)?;
    for interval in intervals {
        let hdr = interval.histogram.to_hdr();
        let tag = interval.tag.and_then(Tag::new);
        log.write_histogram(&hdr, interval.start, interval.length, tag).map_err(|e| match e {
            IntervalLogWriterError::IoError(error) => error,
            IntervalLogWriterError::SerializeError(error) => io::Error::other(error.to_string()),
        })?;
    }
    Ok(())
}
