//! One connection as the driver sees it.

use std::collections::VecDeque;

use httpdyno_wire::ResponseDecoder;

use crate::check::CheckState;
use crate::plan::Churn;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ConnState {
    /// Not connected; waits for its turn to dial.
    #[default]
    Down,
    Dialing {
        since_ns: u64,
    },
    Up,
}

/// A request that was issued and has no response yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct InFlight {
    pub(super) index: u64,
    pub(super) intended_ns: u64,
    /// When it was due and had a connection.
    pub(super) ready_ns: u64,
    /// When it was handed to the system; until then, when it was issued.
    pub(super) sent_ns: u64,
    pub(super) route: u32,
    pub(super) sent: bool,
    /// Its end counts in the measurement.
    pub(super) measured: bool,
    /// Its response is kept.
    pub(super) audited: bool,
}

#[derive(Debug, Default)]
pub(super) struct Conn {
    pub(super) state: ConnState,
    /// Counts the connections that had this place, to tell permits of dead ones.
    pub(super) epoch: u32,
    pub(super) decoder: ResponseDecoder,
    pub(super) check: CheckState,
    pub(super) in_flight: VecDeque<InFlight>,
    /// A prebuilt request that waits to be sent, and nothing else does.
    pub(super) prebuilt: Option<u32>,
    /// Rendered requests that wait to be sent.
    pub(super) out: Vec<u8>,
    pub(super) flush_queued: bool,
    /// Requests issued on this connection.
    pub(super) issued: u64,
    /// Responses complete on this connection.
    pub(super) served: u64,
    /// Connections in a row that served nothing.
    pub(super) failures: u32,
}

impl Conn {
    /// Has issued all that a connection may.
    pub(super) fn is_spent(&self, churn: Churn) -> bool {
        matches!(churn, Churn::After(most) if self.issued >= most)
    }

    /// Forgets what belonged to the connection that is no more.
    pub(super) fn reset(&mut self) {
        self.state = ConnState::Down;
        self.epoch = self.epoch.wrapping_add(1);
        self.decoder.reset();
        self.check.reset();
        self.in_flight.clear();
        self.prebuilt = None;
        self.out.clear();
        self.issued = 0;
        self.served = 0;
    }
}
