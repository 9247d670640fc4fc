//! Revisions of git, each checked out in a work tree of its own, in a folder for temporary files that is
//! removed in every case.

use std::path::{Path, PathBuf};

use httpdyno_target::git::{ASKED, CHECKED_OUT, git};
use httpdyno_target::scratch::Scratch;

use crate::exit::Failure;
use crate::output::shown;

/// One revision on the disk.
#[derive(Debug)]
pub(super) struct Checkout {
    /// Which side it is, and which of its builds where there are several.
    pub(super) name: String,
    /// What was typed.
    pub(super) revision: String,
    /// The commit, in full.
    pub(super) commit: String,
    /// The project's folder in it.
    pub(super) project: PathBuf,
    /// Its work tree.
    tree: PathBuf,
}

/// Both, with the folder that they are in.
#[derive(Debug)]
pub(super) struct Checkouts {
    pub(super) all: Vec<Checkout>,
    repository: PathBuf,
    /// Removed after the work trees.
    scratch: Scratch,
}

impl Checkouts {
    /// A folder that is removed with them.
    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Checks out the revisions of the repository around `project`.
    pub(super) fn make<'a>(
        project: &Path,
        sides: impl Iterator<Item = (String, &'a str)>,
    ) -> Result<Self, Failure> {
        let no_repository = |why: String| {
            let project = project.display();
            Failure::new(format!(
                "{project} is in no repository of git, so it has no revisions: {why}"
            ))
        };
        let top = told(project, &["rev-parse", "--show-toplevel"]).map_err(no_repository)?;
        let prefix = told(project, &["rev-parse", "--show-prefix"]).map_err(no_repository)?;
        let repository = PathBuf::from(top);
        // All are looked up before any is checked out.
        let named: Vec<_> = sides
            .map(|(side, revision)| {
                let commit = commit(&repository, &side, revision)?;
                Ok((side, revision, commit))
            })
            .collect::<Result<_, Failure>>()?;
        let _ = told(&repository, &["worktree", "prune"]);
        let scratch = Scratch::create("ab", Some(&repository)).map_err(|error| {
            Failure::new(format!("cannot make a folder to check out in: {error}"))
        })?;
        let folder = scratch.path().to_owned();
        let mut checkouts = Self { all: Vec::new(), repository, scratch };
        for (side, revision, commit) in named {
            let tree = folder.join(&side);
            let path = tree.display().to_string();
            let add = ["worktree", "add", "--quiet", "--detach", &path, &commit];
            told(&checkouts.repository, &add).map_err(|why| {
                Failure::new(format!("{side}: cannot check out `{}`: {why}", shown(revision)))
            })?;
            let (project, revision) = (tree.join(&prefix), revision.to_owned());
            let is_there = project.is_dir();
            let name = side.clone();
            checkouts.all.push(Checkout { name, revision, commit, project, tree });
            if !is_there {
                let last = &checkouts.all[checkouts.all.len() - 1].revision;
                return Err(Failure::new(format!(
                    "{side}: revision `{}` has no folder `{prefix}`, where the suite's project is",
                    shown(last)
                )));
            }
        }
        Ok(checkouts)
    }
}

impl Drop for Checkouts {
    fn drop(&mut self) {
        for checkout in &self.all {
            let path = checkout.tree.display().to_string();
            let _ = told(&self.repository, &["worktree", "remove", "--force", &path]);
        }
        // What was not removed so goes with the folder, and git forgets it.
        for checkout in &self.all {
            let _ = std::fs::remove_dir_all(&checkout.tree);
        }
        let _ = told(&self.repository, &["worktree", "prune"]);
    }
}

/// The commit that a revision is.
fn commit(repository: &Path, side: &str, revision: &str) -> Result<String, Failure> {
    let named = format!("{revision}^{{commit}}");
    let asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", &named];
    told(repository, &asked).map_err(|_| {
        Failure::new(format!(
            "{side}: `{}` is no revision of the repository in {}; is it fetched? (`git log` lists them)",
            shown(revision),
            repository.display()
        ))
    })
}

/// What git prints, without the end of the line; what it complains of where it fails.
fn told(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    // That writes or removes many files.
    let limit = if arguments.first() == Some(&"worktree") { CHECKED_OUT } else { ASKED };
    git(folder, arguments, limit)
}
