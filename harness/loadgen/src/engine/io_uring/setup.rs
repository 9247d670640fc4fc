//! Making a ring, and finding out whether this kernel lets us.

use std::io;

use io_uring::{IoUring, opcode};

use super::buffers::ReceiveBuffers;

/// Room for the sends of a round; more only cost an extra call.
const SUBMISSIONS: u32 = 1024;

/// A ring for so many connections.
pub(super) fn ring(connections: usize) -> io::Result<IoUring> {
    // A receive and a send of every connection may complete in one round.
    let completions = (connections * 4).next_power_of_two().clamp(4096, 65_536) as u32;
    let ring = IoUring::builder()
        .setup_single_issuer()
        .setup_defer_taskrun()
        .setup_taskrun_flag()
        .setup_submit_all()
        .setup_clamp()
        .setup_cqsize(completions)
        .build(SUBMISSIONS)?;
    if !ring.params().is_feature_ext_arg() {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "no timeouts for io_uring_enter"));
    }
    Ok(ring)
}

/// Whether a ring of ours works here: the kernel may be too old, or io_uring forbidden
/// (containers, `kernel.io_uring_disabled`).
pub(crate) fn probe() -> io::Result<()> {
    let ring = ring(1)?;
    let buffers = ReceiveBuffers::new(1, 0)?;
    buffers.register(&ring, 0)?;
    let mut probe = io_uring::Probe::new();
    ring.submitter().register_probe(&mut probe)?;
    let needed = [
        opcode::RecvMulti::CODE,
        opcode::Send::CODE,
        opcode::PollAdd::CODE,
        opcode::AsyncCancel::CODE,
    ];
    if needed.iter().all(|code| probe.is_supported(*code)) {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::Unsupported, "io_uring lacks an operation"))
    }
}
