//! The null server: a fixed-response loop of the harness itself, whose rate is the ceiling of
//! generator and machine for a response of the same shape.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_conformance::{Answer, Route, Target, verify_route_blocking};
use httpdyno_loadgen::{BodyCheck, Expectation, LoadPlan, StatusCheck};
use httpdyno_record::Role;
use httpdyno_spec::SpecTree;
use httpdyno_spec::id::EndpointId;
use httpdyno_spec::manifest::{Framework, Manifest, ProcessCommands, Protocol};
use httpdyno_spec::workload::Workload;
use httpdyno_target::{CommandContext, Isolation};

use crate::entry::{Entry, Given};

/// The null server's name in records.
pub const NULL_SERVER: &str = "null-server";

/// The response of a real server to a workload, which the null server then gives to everybody.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// The whole response on disk, in the record's folder.
    pub(crate) file: PathBuf,
    status: u16,
    body: Vec<u8>,
    /// What each route was answered with; see [`crate::load_plan::LoadSettings::verified`].
    pub(crate) verified: BTreeMap<String, Vec<u8>>,
}

impl Shape {
    /// Asks `entry` once for each route and keeps the response of the route with the largest
    /// share: a fixed-response server knows only one. Its bytes are put into `folder`.
    ///
    /// # Errors
    /// What the server did wrong, or what could not be written, in words.
    pub(crate) fn learn(
        tree: &SpecTree,
        entry: &Entry,
        given: Given,
        workload: &Workload,
        folder: &Path,
    ) -> Result<Self, String> {
        let server = entry.start(tree, given).map_err(|error| error.to_string())?;
        let target = Target::at(server.address());
        let mut answers: Vec<(u32, Answer)> = Vec::new();
        let mut verified = BTreeMap::new();
        for route in &workload.routes {
            let parts = Route {
                name: route.id.as_str(),
                vars: &route.vars,
                request: &route.request,
                expect: &route.expect,
            };
            let exchange = verify_route_blocking(&target, &tree.payloads(), parts, 0)
                .map_err(|mismatch| format!("route `{}`: {mismatch}", route.id))?;
            verified.insert(route.id.to_string(), exchange.answer.body.clone());
            answers.push((route.weight, exchange.answer));
        }
        let (_, answer) =
            answers.into_iter().max_by_key(|(weight, _)| *weight).ok_or("it has no route")?;
        let file = folder.join(format!("{}.http", workload.id));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&file, bytes_of(&answer)))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        let file = file.canonicalize().unwrap_or(file);
        Ok(Self { file, status: answer.status, body: answer.body, verified })
    }

    /// The load for the null server: what is sent stays, what must come back is this response.
    pub(crate) fn expect_in(&self, plan: &mut LoadPlan) {
        for route in &mut plan.routes {
            let body = BodyCheck::Exact(self.body.clone());
            route.expect = Expectation { status: StatusCheck::Is(self.status), body };
        }
    }
}

/// A null server as an entry called `name`, with options for `httpdyno null-server`.
///
/// # Panics
/// When `name` is no valid id of an implementation.
#[must_use]
pub fn null_entry(
    name: &str,
    program: &Path,
    root: &Path,
    options: &[String],
    endpoints: &[EndpointId],
) -> Entry {
    let mut run = vec![program.display().to_string(), "null-server".to_owned()];
    run.extend_from_slice(options);
    let manifest = Manifest {
        id: name.parse().expect("a valid id"),
        name: name.to_owned(),
        language: "rust".to_owned(),
        framework: Framework { name: "none".to_owned(), url: String::new() },
        concurrency: "an event loop per core, one fixed response".to_owned(),
        process: ProcessCommands {
            needs: Vec::new(),
            build: Vec::new(),
            run,
            version: vec![program.display().to_string(), "--version".to_owned()],
        },
        container: None,
        protocols: vec![Protocol::Http11],
        endpoints: endpoints.to_vec(),
        unavailable_status: None,
        tags: Vec::new(),
        variants: Vec::new(),
        known_deviations: Vec::new(),
    };
    Entry {
        id: name.parse().expect("a valid id"),
        manifest,
        variant: None,
        context: CommandContext::new(root, root),
        role: Role::NullServer,
        isolation: Isolation::Process,
        foreign: None,
        service: None,
    }
}

/// The response as bytes, framed as it came, without what concerns one connection only.
fn bytes_of(answer: &Answer) -> Vec<u8> {
    let chunked = answer.framed == Some(httpdyno_spec::case::Framed::Chunked);
    let mut bytes = format!("HTTP/1.1 {} OK\r\n", answer.status).into_bytes();
    let framing = ["content-length", "transfer-encoding", "connection", "keep-alive", "trailer"];
    for (name, value) in answer.fields.iter().filter(|(name, _)| !framing.contains(&name.as_str()))
    {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    let body = &answer.body;
    if chunked {
        let head = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(if body.is_empty() { b"\r\n" } else { b"\r\n0\r\n\r\n" });
    } else {
        let head = format!("content-length: {}\r\n\r\n", body.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::bytes_of;
    use httpdyno_conformance::Answer;
    use httpdyno_spec::case::Framed;

    fn answer(framed: Framed) -> Answer {
        let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        Answer {
            status: 200,
            fields: vec![field("server", "x"), field("connection", "close")],
            body: b"abc".to_vec(),
            framed: Some(framed),
            spaceless: false,
        }
    }

    #[test]
    fn the_framing_is_kept_and_the_connection_too() {
        let text = |framed| String::from_utf8(bytes_of(&answer(framed))).expect("text");
        assert_eq!(
            text(Framed::Length),
            "HTTP/1.1 200 OK\r\nserver: x\r\ncontent-length: 3\r\n\r\nabc"
        );
        assert_eq!(
            text(Framed::Chunked),
            "HTTP/1.1 200 OK\r\nserver: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        );
    }
}
