//! An entry, resolved: its manifest, its variant, and how to start it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use httpdyno_spec::SpecTree;
use httpdyno_spec::id::{EndpointId, EntryId};
use httpdyno_spec::manifest::{KnownDeviation, Manifest, Variant};
use httpdyno_target::{CommandContext, Contract, ServerProcess, StartError};

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
        }
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

    /// Starts it under the contract, on `cores` (empty: anywhere) with that many workers, and
    /// waits until it is ready.
    ///
    /// # Errors
    /// When it does not start; see [`ServerProcess::start`].
    pub fn start(
        &self,
        tree: &SpecTree,
        cores: &[u32],
        workers: u32,
    ) -> Result<ServerProcess, StartError> {
        self.start_within(tree, cores, workers, START_TIMEOUT)
    }

    /// The same with a limit of its own.
    ///
    /// # Errors
    /// When it does not start; see [`ServerProcess::start`].
    pub fn start_within(
        &self,
        tree: &SpecTree,
        cores: &[u32],
        workers: u32,
        timeout: Duration,
    ) -> Result<ServerProcess, StartError> {
        let contract = Contract {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            workers,
            static_dir: tree.static_files(),
            database: None,
        };
        let variant = self.variant.as_ref();
        ServerProcess::start(&self.manifest, variant, &self.context, &contract, cores, timeout)
    }
}
