//! An entry, resolved: its manifest, its variant, and how to start it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use httpdyno_record::Role;
use httpdyno_spec::SpecTree;
use httpdyno_spec::endpoint::Need;
use httpdyno_spec::id::{EndpointId, EntryId, ImplementationId};
use httpdyno_spec::manifest::{KnownDeviation, Manifest, Variant};
use httpdyno_target::contract::DatabaseOffer;
use httpdyno_target::{
    CommandContext, Confinement, Contract, Isolation, Launch, Manner, Server, StartError,
};

use crate::error::ConformError;
use crate::served::Served;
use crate::server_url::url_target;
use crate::service::{Service, stranger};

/// How long a server may take to be ready, where no profile says it.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// An entry that can be built and started.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// Its implementation's manifest.
    pub manifest: Manifest,
    /// Its variant, for an implementation that has some.
    pub variant: Option<Variant>,
    /// Where and how its commands run.
    pub context: CommandContext,
    /// Whether it is compared, or the harness's own.
    pub role: Role,
    /// How it is isolated when it is started.
    pub isolation: Isolation,
    /// Where it listens, if somebody else runs it: then it is neither built nor started.
    pub foreign: Option<SocketAddr>,
    /// What is different where it is somebody's own service, which knows no contract.
    pub service: Option<Service>,
}

/// What an entry is given when it is started.
#[derive(Clone, Debug)]
pub struct Given {
    /// What it is confined to.
    pub confinement: Confinement,
    /// `WORKERS`.
    pub workers: u32,
    /// `DATABASE_URL` and `DATABASE_POOL`.
    pub database: Option<DatabaseOffer>,
    /// How long it may take to be ready.
    pub ready_within: Duration,
    /// The response of a null server.
    pub null_response: Option<PathBuf>,
    /// Whether its standard output is kept, as where it is checked and not measured.
    pub keeps_output: bool,
}

impl Default for Given {
    /// One worker anywhere, without a database.
    fn default() -> Self {
        Self {
            confinement: Confinement::default(),
            workers: 1,
            database: None,
            ready_within: START_TIMEOUT,
            null_response: None,
            keeps_output: false,
        }
    }
}

impl Given {
    /// The same, ready within this time.
    #[must_use]
    pub fn ready_within(limit: Option<Duration>) -> Self {
        Self { ready_within: limit.unwrap_or(START_TIMEOUT), ..Self::default() }
    }
}

impl Entry {
    /// What the spec names, with where its commands run.
    #[must_use]
    pub fn resolve(tree: &SpecTree, found: &httpdyno_spec::Entry<'_>) -> Self {
        let manifest = tree.root.join(&found.manifest.path);
        let folder = manifest.parent().unwrap_or(&tree.root);
        Self {
            id: found.id.clone(),
            manifest: found.manifest.value.clone(),
            variant: found.variant.cloned(),
            context: CommandContext::new(&tree.root, folder),
            role: Role::Entry,
            isolation: Isolation::Process,
            foreign: None,
            service: None,
        }
    }

    /// The server at `url`, which somebody else runs. It is said to serve everything: what it does
    /// not serve shows when it is verified.
    ///
    /// # Errors
    /// When the URL is malformed or its host has no address.
    pub fn at_url(tree: &SpecTree, url: &str) -> Result<Self, ConformError> {
        let target = url_target(url)?;
        let named =
            |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
        let id = format!("url-{}", target.authority.chars().map(named).collect::<String>());
        // Ids have no two dashes in a row, and none at their end.
        let words: Vec<&str> = id.split('-').filter(|word| !word.is_empty()).collect();
        let id: ImplementationId = words.join("-").parse().expect("a valid id");
        Ok(Self { foreign: Some(target.address), ..stranger(tree, &id, url) })
    }

    /// Whether it serves all of `endpoints`.
    #[must_use]
    pub fn serves(&self, endpoints: &[EndpointId]) -> bool {
        endpoints.iter().all(|endpoint| self.manifest.endpoints.contains(endpoint))
    }

    /// The known deviations that apply to its variant.
    #[must_use]
    pub fn known_deviations(&self) -> Vec<KnownDeviation> {
        let applies = |deviation: &&KnownDeviation| match &self.variant {
            Some(variant) => {
                deviation.variants.is_empty() || deviation.variants.contains(&variant.id)
            }
            None => true,
        };
        self.manifest.known_deviations.iter().filter(applies).cloned().collect()
    }

    /// Whether one of its endpoints needs the database.
    #[must_use]
    pub fn uses_database(&self, tree: &SpecTree) -> bool {
        let all = tree.endpoints.value.endpoints.iter();
        let mut needing = all.filter(|endpoint| endpoint.needs.contains(&Need::Database));
        needing.any(|endpoint| self.manifest.endpoints.contains(&endpoint.id))
    }

    /// Starts it, unless somebody else runs it.
    pub(crate) fn serve(&self, tree: &SpecTree, given: Given) -> Result<Served, StartError> {
        match self.foreign {
            Some(address) => Ok(Served::Foreign(address)),
            None => Ok(Served::Own(Box::new(self.start(tree, given)?))),
        }
    }

    /// Starts it under the contract and waits until it is ready.
    ///
    /// # Errors
    /// When it does not start; see [`Isolation::start`].
    pub fn start(&self, tree: &SpecTree, given: Given) -> Result<Server, StartError> {
        let contract = Contract {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            workers: given.workers,
            static_dir: match self.service {
                Some(_) => PathBuf::new(),
                None => tree.static_files(),
            },
            database: given.database,
            null_response: given.null_response,
        };
        let manner = Manner { keeps_output: given.keeps_output, ..self.manner() };
        self.isolation.start(&Launch {
            manifest: &self.manifest,
            variant: self.variant.as_ref(),
            context: &self.context,
            contract: &contract,
            manner: &manner,
            confinement: given.confinement,
            ready_within: given.ready_within,
        })
    }
}
