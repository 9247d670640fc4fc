//! A place in a file that is being checked.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use crate::endpoint::Endpoint;
use crate::error::{Position, SpecError, UnknownName};
use crate::outline::Node;
use crate::yaml::source_line;

/// Something that has rules beyond its type.
pub(crate) trait Check {
    /// Reports every violation at its place.
    fn check(&self, at: At<'_>);
}

/// What is known of the other files. What is absent is not checked against.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    /// The endpoints of the contract.
    pub(crate) endpoints: Option<&'a [Endpoint]>,
    /// The ids of all cases and checks.
    pub(crate) cases: Option<&'a BTreeSet<String>>,
    /// The ids of all workloads.
    pub(crate) workloads: Option<&'a BTreeSet<String>>,
    /// The names of all entries, in full.
    pub(crate) entries: Option<&'a BTreeSet<String>>,
    /// The folder that has `spec/` and `implementations/`.
    pub(crate) root: Option<&'a Path>,
    /// The folder that has `payloads/`.
    pub(crate) spec: Option<&'a Path>,
    /// Whether it is somebody's own suite, in which there is no contract.
    pub(crate) is_suite: bool,
}

impl Known<'_> {
    /// How the folder of payloads is called in messages.
    pub(crate) fn payloads(self) -> &'static str {
        if self.is_suite { "payloads/" } else { "spec/payloads/" }
    }
}

/// Gathers what is wrong with one file.
pub(crate) struct Report<'a> {
    file: &'a Path,
    text: &'a str,
    known: Known<'a>,
    errors: RefCell<Vec<SpecError>>,
}

/// A place in the file of a [`Report`]. A field that is not written (it has a default) is
/// reported at the mapping it would stand in.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    report: &'a Report<'a>,
    node: Option<&'a Node>,
    position: Option<Position>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(file: &'a Path, text: &'a str, known: Known<'a>) -> Self {
        Self { file, text, known, errors: RefCell::default() }
    }

    /// The place of the file's whole content.
    pub(crate) fn top(&'a self, outline: &'a Node) -> At<'a> {
        At { report: self, node: Some(outline), position: outline.position }
    }

    pub(crate) fn into_errors(self) -> Vec<SpecError> {
        self.errors.into_inner()
    }
}

impl<'a> At<'a> {
    /// The value of a field of the mapping here.
    pub(crate) fn field(self, name: &str) -> Self {
        self.at(self.node.and_then(|node| node.field(name)))
    }

    /// An item of the list here, counted from 0.
    pub(crate) fn item(self, index: usize) -> Self {
        self.at(self.node.and_then(|node| node.item(index)))
    }

    /// The name of a field rather than its value.
    pub(crate) fn name(self, name: &str) -> Self {
        let position = self.node.and_then(|node| node.name_position(name));
        Self { position: position.or(self.position), ..self.field(name) }
    }

    /// The file that is being checked.
    pub(crate) fn file(self) -> &'a Path {
        self.report.file
    }

    /// What is known of the other files.
    pub(crate) fn known(self) -> Known<'a> {
        self.report.known
    }

    pub(crate) fn position(self) -> Option<Position> {
        self.position
    }

    /// Reports a problem here.
    pub(crate) fn say(self, problem: impl Into<String>) {
        self.push(problem.into(), None, Vec::new());
    }

    /// Reports a name here that nothing has.
    pub(crate) fn say_unknown(self, name: UnknownName) {
        let problem = format!("no {} `{}`", name.kind, name.asked);
        self.push(problem, name.suggestion, name.known);
    }

    fn push(self, problem: String, suggestion: Option<String>, allowed: Vec<String>) {
        self.report.errors.borrow_mut().push(SpecError {
            file: self.report.file.to_owned(),
            position: self.position,
            problem,
            suggestion,
            allowed,
            source_line: self.position.and_then(|at| source_line(self.report.text, at)),
        });
    }

    fn at(self, node: Option<&'a Node>) -> Self {
        Self { node, position: node.and_then(|node| node.position).or(self.position), ..self }
    }
}
