//! What a conformance run is asked to do.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use httpdyno_spec::SpecTree;
use httpdyno_spec::case::CasesFile;
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::id::EndpointId;
use httpdyno_spec::manifest::KnownDeviation;

use crate::page::Page;
use crate::stop::Stop;
use crate::trouble::Trouble;

/// What a conformance run is asked to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is required.
    pub requirements: Requirements,
    /// Which server is asked.
    pub target: Target,
    /// The endpoints that the entry offers; `None` (any server by its URL) means: find out. Then an
    /// endpoint whose first check does not pass is taken as not offered.
    pub offered: Option<BTreeSet<EndpointId>>,
    /// Whether the entry was given the database of the contract.
    pub database: bool,
    /// Which part of the requirements is checked.
    pub filter: Filter,
    /// Whether an unmet SHOULD fails the entry.
    pub strict: bool,
    /// Cases that are known to fail (those of the variant under test only).
    pub known_deviations: Vec<KnownDeviation>,
    /// Where all random values of the run come from.
    pub seed: u64,
    /// How many cases run at the same time.
    pub concurrency: usize,
    /// What has not ended after this fails as unfinished. (What looks behind the server comes
    /// before, and has as long.)
    pub deadline: Duration,
    /// Protocol cases that use endpoints which are not offered are asked of the target's page, where
    /// they can be; else they do not apply.
    pub cases_on_page: bool,
    /// Ends the run early, without a report.
    pub stop: Stop,
}

/// The requirements, as read from `spec/`.
#[derive(Clone, Debug)]
pub struct Requirements {
    /// `spec/endpoints.yaml`.
    pub endpoints: Arc<EndpointsFile>,
    /// `spec/cases/*.yaml`, in the order of reports.
    pub cases: Arc<[CasesFile]>,
    /// The folder `spec/payloads`.
    pub payloads: PathBuf,
}

/// The server under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where its port is.
    pub address: SocketAddr,
    /// Its authority: the value of the `Host` field (RFC 9110 section 7.2).
    pub authority: String,
    /// The page that protocol cases ask for.
    pub page: Arc<Page>,
    /// How many times as long as usual protocol cases wait for it.
    pub patience: u32,
    /// What kept this machine from asking.
    pub(crate) trouble: Trouble,
}

/// Which part of the requirements is checked: what satisfies both lists, where an empty list
/// means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Checks of these endpoints, and the protocol cases that use them beside `/plaintext`.
    pub endpoints: Vec<EndpointId>,
    /// Case ids: whole, as a prefix that ends at a `/`, or with `*` for any text.
    pub cases: Vec<String>,
}

impl Plan {
    /// The default number of cases that run at the same time.
    pub const CONCURRENCY: usize = 24;
    /// The default of [`Plan::deadline`].
    pub const DEADLINE: Duration = Duration::from_secs(120);

    /// How many cases the filter takes.
    #[must_use]
    pub fn count(&self) -> usize {
        crate::jobs::selected(self).len()
    }

    /// Everything of `requirements`, asked of `target`, with the defaults.
    #[must_use]
    pub fn new(requirements: Requirements, target: Target) -> Self {
        Self {
            requirements,
            target,
            offered: None,
            database: false,
            filter: Filter::default(),
            strict: false,
            known_deviations: Vec::new(),
            seed: 1,
            concurrency: Self::CONCURRENCY,
            deadline: Self::DEADLINE,
            cases_on_page: false,
            stop: Stop::default(),
        }
    }
}

impl Requirements {
    /// Those of a whole spec.
    #[must_use]
    pub fn of(tree: &SpecTree) -> Self {
        Self {
            endpoints: Arc::new(tree.endpoints.value.clone()),
            cases: tree.cases.iter().map(|file| file.value.clone()).collect(),
            payloads: tree.payloads(),
        }
    }
}

impl Target {
    /// A server at `address` whose authority is that address.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self::new(address, &address.to_string())
    }

    /// A server at `address` with the page of the contract.
    #[must_use]
    pub fn new(address: SocketAddr, authority: &str) -> Self {
        Self {
            address,
            authority: authority.to_owned(),
            page: Arc::new(Page::plaintext()),
            patience: 1,
            trouble: Trouble::default(),
        }
    }

    /// The same server with another page.
    #[must_use]
    pub fn with_page(mut self, page: Page) -> Self {
        self.page = Arc::new(page);
        self
    }
}

impl Filter {
    /// Whether a case of that name is asked for.
    #[must_use]
    pub fn takes_case(&self, id: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|pattern| matches(pattern, id))
    }

    /// Whether something that belongs to these endpoints is asked for.
    #[must_use]
    pub fn takes_endpoints(&self, used: &[EndpointId]) -> bool {
        self.endpoints.is_empty() || used.iter().any(|id| self.endpoints.contains(id))
    }
}

fn matches(pattern: &str, id: &str) -> bool {
    if pattern.contains('*') {
        return matches_glob(pattern, id);
    }
    match id.strip_prefix(pattern) {
        Some(rest) => rest.is_empty() || pattern.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

fn matches_glob(pattern: &str, id: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == id;
    };
    let Some(rest) = id.strip_prefix(before) else {
        return false;
    };
    (0..=rest.len()).any(|skip| rest.get(skip..).is_some_and(|tail| matches_glob(after, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(pattern: &str, id: &str) -> bool {
        let filter = Filter { cases: vec![pattern.into()], ..Filter::default() };
        filter.takes_case(id)
    }

    #[test]
    fn a_filter_takes_whole_ids_folders_and_globs() {
        assert!(Filter::default().takes_case("h1/host/missing"));
        assert!(takes("h1/host/missing", "h1/host/missing"));
        assert!(takes("h1", "h1/host/missing") && takes("h1/host/", "h1/host/missing"));
        assert!(takes("app/echo/large*", "app/echo/large-body"));
        assert!(!takes("app/echo/large", "app/echo/large-body"));
        assert!(takes("*/missing", "h1/host/missing") && takes("h1/*/m*g", "h1/host/missing"));
        assert!(!takes("h1/*/other", "h1/host/missing") && !takes("app", "h1/host/missing"));
    }
}
