//! Servers in containers, with the Docker engine of this machine. Where none runs (or no base image
//! can be had) these tests are skipped, by name; with `HTTPDYNO_REQUIRE_DOCKER=1` they fail instead.

#![cfg(feature = "containers")]

mod building;
mod leftovers;
mod lifecycle;
#[path = "../../testing/misbehaving.rs"]
mod misbehaving;
#[path = "../../testing/needs.rs"]
mod needs;
#[path = "../../testing/processes.rs"]
mod processes;
mod support;
