//! Verifying a workload's routes by the full rules of the spec, before the load and after it.

use std::net::SocketAddr;

use httpdyno_conformance::{Route, RouteMismatch, Target, verify_route_blocking};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::Workload;

/// Makes one exchange for each route of `workload`, with values from `seed`.
///
/// # Errors
/// The first route that is not answered as the spec asks.
pub(crate) fn verify_workload(
    tree: &SpecTree,
    workload: &Workload,
    address: SocketAddr,
    seed: u64,
) -> Result<(), String> {
    let target = Target::at(address);
    for route in &workload.routes {
        let parts = Route {
            name: route.id.as_str(),
            vars: &route.vars,
            request: &route.request,
            expect: &route.expect,
        };
        verify_route_blocking(&target, &tree.payloads(), parts, seed)
            .map_err(|mismatch: RouteMismatch| format!("route `{}`: {mismatch}", route.id))?;
    }
    Ok(())
}
