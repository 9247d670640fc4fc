//! The form in JSON: what people read, and the buckets for machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Histogram, HistogramError};

/// A histogram of durations, as it stands in JSON. All durations are in nanoseconds; on reading,
/// the derived values (mean, standard deviation, percentiles) are computed again. A percentile with
/// too few values behind it (fewer than 10, or for p99 fewer than 100, for p99.9 than 1000 and so on)
/// is near the highest value and says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistogramDocument {
    /// How many values.
    pub count: u64,
    /// How many of them were above 60 s and are counted at 60 s.
    pub saturated: u64,
    /// The lowest value, exactly.
    pub min_ns: u64,
    /// The highest value, exactly.
    pub max_ns: u64,
    /// The mean, rounded.
    pub mean_ns: u64,
    /// The standard deviation, rounded.
    pub stdev_ns: u64,
    /// The median.
    pub p50_ns: u64,
    /// 75th percentile.
    pub p75_ns: u64,
    /// 90th percentile.
    pub p90_ns: u64,
    /// 99th percentile.
    pub p99_ns: u64,
    /// 99.9th percentile.
    pub p999_ns: u64,
    /// 99.99th percentile.
    pub p9999_ns: u64,
    /// All buckets: HdrHistogram V2, deflated, base64; nanoseconds, 3 digits, 1 to 6e10.
    pub hdr_v2: String,
}

impl From<Histogram> for HistogramDocument {
    fn from(histogram: Histogram) -> Self {
        // At most 60e9.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let round = |value: f64| value.round() as u64;
        Self {
            count: histogram.count(),
            saturated: histogram.saturated(),
            min_ns: histogram.min_ns(),
            max_ns: histogram.max_ns(),
            mean_ns: round(histogram.mean_ns()),
            stdev_ns: round(histogram.stdev_ns()),
            p50_ns: histogram.quantile_ns(0.5),
            p75_ns: histogram.quantile_ns(0.75),
            p90_ns: histogram.quantile_ns(0.9),
            p99_ns: histogram.quantile_ns(0.99),
            p999_ns: histogram.quantile_ns(0.999),
            p9999_ns: histogram.quantile_ns(0.9999),
            hdr_v2: histogram.to_hdr_v2(),
        }
    }
}

impl TryFrom<HistogramDocument> for Histogram {
    type Error = HistogramError;

    fn try_from(document: HistogramDocument) -> Result<Self, HistogramError> {
        let histogram = Self::from_hdr_v2(&document.hdr_v2)?;
        if histogram.count() != document.count {
            let found = document.count;
            return Err(HistogramError::Contradiction { field: "count", found });
        }
        histogram.with_exact(document.saturated, document.min_ns, document.max_ns)
    }
}

/// The schema of a histogram is that of its document.
impl JsonSchema for Histogram {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        HistogramDocument::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        HistogramDocument::json_schema(generator)
    }
}
