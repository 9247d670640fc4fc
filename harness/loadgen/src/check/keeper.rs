//! A response that is kept whole, while it comes.

/// Content beyond this is not kept; the generator compares it all the same.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// One response that is kept, while it comes.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    /// The response under way is one.
    pub(crate) is_on: bool,
    head: Vec<u8>,
    body: Vec<u8>,
    is_cut: bool,
}

impl Keeper {
    pub(crate) fn head(&mut self, raw: &[u8]) {
        self.body.clear();
        self.is_cut = false;
        self.head.clear();
        self.head.extend_from_slice(raw);
    }

    pub(crate) fn body(&mut self, piece: &[u8]) {
        self.is_cut |= self.body.len() + piece.len() > MOST_BODY_BYTES;
        if !self.is_cut {
            self.body.extend_from_slice(piece);
        }
    }

    /// What there is of a response that is complete: its head, and its content unless that was too
    /// long. Nothing is kept of the next one.
    pub(crate) fn take(&mut self) -> (Vec<u8>, Option<Vec<u8>>) {
        self.is_on = false;
        let (head, body) = (std::mem::take(&mut self.head), std::mem::take(&mut self.body));
        (head, (!self.is_cut).then_some(body))
    }
}
