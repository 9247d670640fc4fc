//! Things by their id, as a command line names them.

use super::{SpecTree, files};
use crate::case::Case;
use crate::endpoint::{Check, Endpoint, Invariant};
use crate::error::UnknownName;
use crate::exchange::Level;
use crate::id::{CaseId, EntryId};
use crate::manifest::{Manifest, Variant};
use crate::profile::Profile;
use crate::read::Loaded;
use crate::suggest::unknown;
use crate::workload::Workload;

/// One row of a comparison: an implementation in one of its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// Its name. The variant is named for every implementation that has any, the default too.
    pub id: EntryId,
    /// The implementation.
    pub manifest: &'a Loaded<Manifest>,
    /// The variant; absent for an implementation that declares none.
    pub variant: Option<&'a Variant>,
}

/// A protocol case, an application check or a rule for every response: they share one space of ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CaseRef<'a> {
    /// Of `spec/cases/*.yaml`.
    Protocol(&'a Case),
    /// Of `spec/endpoints.yaml`.
    Application {
        /// The endpoint that the check belongs to.
        endpoint: &'a Endpoint,
        /// The check.
        check: &'a Check,
    },
    /// A rule of `spec/endpoints.yaml` for every response.
    EveryResponse(&'a Invariant),
}

impl<'a> CaseRef<'a> {
    /// Its permanent name.
    #[must_use]
    pub fn id(self) -> &'a CaseId {
        match self {
            Self::Protocol(case) => &case.id,
            Self::Application { check, .. } => &check.id,
            Self::EveryResponse(rule) => &rule.id,
        }
    }

    /// The line that says what is tried.
    #[must_use]
    pub fn title(self) -> &'a str {
        match self {
            Self::Protocol(case) => &case.title,
            Self::Application { check, .. } => &check.title,
            Self::EveryResponse(rule) => &rule.title,
        }
    }

    /// How strongly it is asked for.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Protocol(case) => case.level,
            Self::Application { check, .. } => check.level,
            Self::EveryResponse(rule) => rule.level,
        }
    }
}

impl SpecTree {
    /// The endpoint with that id.
    ///
    /// # Errors
    /// When there is none; the error names the one probably meant, and all there are.
    pub fn endpoint(&self, id: &str) -> Result<&Endpoint, UnknownName> {
        let endpoints = &self.endpoints.endpoints;
        find("endpoint", id, endpoints, |endpoint| endpoint.id.as_str())
    }

    /// The workload with that id.
    ///
    /// # Errors
    /// As for [`SpecTree::endpoint`].
    pub fn workload(&self, id: &str) -> Result<&Loaded<Workload>, UnknownName> {
        find("workload", id, &self.workloads, |workload| workload.id.as_str())
    }

    /// The profile with that id.
    ///
    /// # Errors
    /// As for [`SpecTree::endpoint`].
    pub fn profile(&self, id: &str) -> Result<&Loaded<Profile>, UnknownName> {
        find("profile", id, &self.profiles, |profile| profile.id.as_str())
    }

    /// The implementation with that id.
    ///
    /// # Errors
    /// As for [`SpecTree::endpoint`].
    pub fn implementation(&self, id: &str) -> Result<&Loaded<Manifest>, UnknownName> {
        find("implementation", id, &self.implementations, |manifest| manifest.id.as_str())
    }

    /// The entry `IMPLEMENTATION@VARIANT`; without a variant, the default one.
    ///
    /// # Errors
    /// As for [`SpecTree::endpoint`], for the implementation or its variant.
    pub fn entry(&self, name: &str) -> Result<Entry<'_>, UnknownName> {
        let (id, variant) = match name.split_once('@') {
            Some((id, variant)) => (id, Some(variant)),
            None => (name, None),
        };
        let manifest = self.implementation(id)?;
        let variant = match variant {
            Some(variant) => {
                let found = manifest.variants.iter().find(|known| known.id.as_str() == variant);
                let known: Vec<String> = Entry::all(manifest).map(|e| e.id.to_string()).collect();
                let known = known.iter().map(String::as_str);
                Some(found.ok_or_else(|| unknown("entry", name, known))?)
            }
            None => manifest.variants.iter().find(|variant| variant.default),
        };
        Ok(Entry::of(manifest, variant))
    }

    /// Every entry: all variants of all implementations, in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.implementations.iter().flat_map(Entry::all)
    }

    /// The protocol case, application check or rule for every response with that id.
    ///
    /// # Errors
    /// As for [`SpecTree::endpoint`].
    pub fn case(&self, id: &str) -> Result<CaseRef<'_>, UnknownName> {
        self.all_cases()
            .find(|case| case.id().as_str() == id)
            .ok_or_else(|| unknown("case", id, self.all_cases().map(|case| case.id().as_str())))
    }

    /// Every rule for every response, then every application check, then every protocol case, in
    /// the order of the files.
    pub fn all_cases(&self) -> impl Iterator<Item = CaseRef<'_>> {
        let rules = self.endpoints.every_response.iter().map(CaseRef::EveryResponse);
        let checks = self.endpoints.endpoints.iter().flat_map(|endpoint| {
            endpoint.checks.iter().map(move |check| CaseRef::Application { endpoint, check })
        });
        rules
            .chain(checks)
            .chain(self.cases.iter().flat_map(|file| &file.cases).map(CaseRef::Protocol))
    }

    /// Folders under `implementations/` that hold no manifest, and so are not implementations;
    /// for a hint when one of them was asked for.
    #[must_use]
    pub fn is_folder_without_manifest(&self, name: &str) -> bool {
        let folder = self.root.join(files::IMPLEMENTATIONS).join(name);
        !name.contains(['/', '\\', '.'])
            && !name.is_empty()
            && folder.is_dir()
            && !folder.join(files::MANIFEST).exists()
    }
}

impl<'a> Entry<'a> {
    /// One for each variant, or a single one when there are none.
    fn all(manifest: &'a Loaded<Manifest>) -> impl Iterator<Item = Self> {
        let plain = manifest.variants.is_empty().then(|| Self::of(manifest, None));
        let variants = manifest.variants.iter();
        plain.into_iter().chain(variants.map(|variant| Self::of(manifest, Some(variant))))
    }

    fn of(manifest: &'a Loaded<Manifest>, variant: Option<&'a Variant>) -> Self {
        let id = EntryId {
            implementation: manifest.id.clone(),
            variant: variant.map(|variant| variant.id.clone()),
        };
        Self { id, manifest, variant }
    }
}

pub(super) fn find<'a, T>(
    kind: &'static str,
    id: &str,
    all: &'a [T],
    name: impl Fn(&T) -> &str,
) -> Result<&'a T, UnknownName> {
    all.iter()
        .find(|thing| name(thing) == id)
        .ok_or_else(|| unknown(kind, id, all.iter().map(&name)))
}
