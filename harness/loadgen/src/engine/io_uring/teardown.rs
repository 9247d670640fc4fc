//! The end: no operation outlives the memory that it uses.

use std::sync::Arc;

use io_uring::types::CancelBuilder;
use io_uring::{cqueue, types};

use super::slot::{Kind, Tag};
use super::{Engine, Uring, Wait};
use crate::clock::now_ns;

/// Whether this is the last completion of an operation that was counted as outstanding.
pub(super) fn ends(entry: &cqueue::Entry) -> bool {
    !cqueue::more(entry.flags()) && Tag::from(entry.user_data()).kind() != Kind::SilentSend
}

impl Drop for Uring {
    /// Ends all operations before the memory they use is freed.
    fn drop(&mut self) {
        for conn in 0..self.slots.len() {
            self.remove(conn as u32);
        }
        // Silent sends are not counted as outstanding; this finds them too. It ends with an
        // error when there is nothing to cancel.
        let timeout = types::Timespec::new().sec(1);
        let _ = self.ring.submitter().register_sync_cancel(Some(timeout), CancelBuilder::any());
        let deadline = now_ns() + 2_000_000_000;
        while self.outstanding > 0 && now_ns() < deadline {
            if self.enter(Wait::Until(now_ns() + 10_000_000)).is_err() {
                break;
            }
            let ended = self.ring.completion().filter(ends).count();
            self.outstanding = self.outstanding.saturating_sub(ended);
        }
        if self.outstanding > 0 {
            // Leaking is safe; freeing what the kernel may still write to is not.
            self.buffers.leak();
            std::mem::forget(std::mem::take(&mut self.retired));
            std::mem::forget(Arc::clone(&self.plan));
        }
    }
}
