//! The real program, over real sockets, with each of its queues.
#![forbid(unsafe_code)]

mod client;
mod endpoints;
mod life;
mod load;
mod messages;
mod process;
