//! Verifying a workload's routes by the full rules of the spec, before the load and after it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use httpdyno_conformance::{Route, RouteMismatch, Target, verify_route_blocking};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::Workload;

/// Makes one exchange for each route of `workload`, with values from `seed`, and returns the
/// content of each answer by the route's name.
///
/// # Errors
/// The first route that is not answered as the spec asks.
pub(crate) fn verify_workload(
    tree: &SpecTree,
    workload: &Workload,
    address: SocketAddr,
    seed: u64,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let target = Target::at(address);
    let verified = workload.routes.iter().map(|route| {
        let parts = Route {
            name: route.id.as_str(),
            vars: &route.vars,
            request: &route.request,
            expect: &route.expect,
        };
        verify_route_blocking(&target, &tree.payloads(), parts, seed)
            .map(|verified| (route.id.to_string(), verified.answer.body))
            .map_err(|mismatch: RouteMismatch| format!("route `{}`: {mismatch}", route.id))
    });
    verified.collect()
}
