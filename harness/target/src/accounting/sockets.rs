//! Whose sockets they are: a process that answers in a server's place has one, whoever started it.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;

use netlink_packet_sock_diag::inet::StateFlags;

use super::processes::{all_processes, folder};
use crate::listen_backlog::sockets_at;

/// The processes, but this one, that hold a socket whose own end is `address`: one that listens or
/// one that was accepted. Empty where the kernel does not tell.
pub(crate) fn owners_of(address: SocketAddr) -> Vec<u32> {
    let states = StateFlags::LISTEN | StateFlags::ESTABLISHED;
    let sockets = sockets_at(address, states).unwrap_or_default();
    let inodes: BTreeSet<u32> = sockets.iter().map(|socket| socket.header.inode).collect();
    // A connection that nobody has accepted yet has none.
    let links: BTreeSet<String> = inodes
        .iter()
        .filter(|&&inode| inode != 0)
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let own = std::process::id();
    let holds_one = |process: &u32| {
        let files = fs::read_dir(folder(*process).join("fd")).into_iter().flatten().flatten();
        let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
        targets.any(|target| target.to_str().is_some_and(|target| links.contains(target)))
    };
    if links.is_empty() {
        return Vec::new();
    }
    all_processes().filter(|&process| process != own).filter(holds_one).collect()
}
