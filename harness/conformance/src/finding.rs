//! What running one case showed, before it is weighed for the entry.

use crate::excerpt::Excerpt;

/// What is observed of a case that the run's deadline cut short.
pub const UNFINISHED: &str = "unfinished";

/// What running one case showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether what is required was seen.
    pub(crate) held: bool,
    /// The stable label.
    pub(crate) observed: String,
    /// Why the case can not be asked of this server: it is neither held nor broken then.
    pub(crate) not_here: Option<String>,
    /// What did not hold.
    pub(crate) why: Vec<String>,
    /// What was sent and received in the exchange that shows it.
    pub(crate) sent: Excerpt,
    pub(crate) received: Excerpt,
}
