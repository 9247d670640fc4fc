//! What has been read and not been used yet.

use std::io::{Read, Result};

use crate::http::MAX_HEAD;

const INITIAL: usize = 8 * 1024;
/// Room for the longest head, and the size of the reads of an upload.
const MAX: usize = 64 * 1024;
const _: () = assert!(MAX_HEAD < MAX, "the longest head fits");

/// A buffer with its unused octets in the middle.
#[derive(Debug)]
pub(super) struct Input {
    /// Initialised once: `Read` can't be given memory that is not.
    storage: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    pub(super) fn new() -> Self {
        Self { storage: vec![0; INITIAL], start: 0, end: 0 }
    }

    /// Forgets everything, keeps at most `capacity` octets of memory.
    pub(super) fn reset(&mut self, capacity: usize) {
        (self.start, self.end) = (0, 0);
        if self.storage.len() > capacity {
            *self = Self::new();
        }
    }

    pub(super) fn filled(&self) -> &[u8] {
        &self.storage[self.start..self.end]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(super) fn consume(&mut self, octets: usize) {
        self.start += octets;
        debug_assert!(self.start <= self.end, "only what is there can be used");
    }

    /// Makes room for large reads.
    pub(super) fn grow(&mut self) {
        self.storage.resize(MAX, 0);
    }

    /// Reads once. The octets that are there keep their order but not their place.
    pub(super) fn read_from(&mut self, source: &mut impl Read) -> Result<usize> {
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.storage.len() {
            if self.start == 0 {
                self.grow();
            }
            self.storage.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let octets = source.read(&mut self.storage[self.end..])?;
        self.end += octets;
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_consumed_stays_while_the_buffer_moves_and_grows() {
        let octets: Vec<u8> = (0..MAX).map(|at| (at % 251) as u8).collect();
        let mut source = octets.as_slice();
        let mut input = Input::new();
        input.read_from(&mut source).unwrap();
        input.consume(INITIAL - 10);
        assert_eq!(input.filled(), &octets[INITIAL - 10..INITIAL]);
        while input.read_from(&mut source).unwrap() > 0 {}
        assert_eq!(input.filled(), &octets[INITIAL - 10..]);
        assert_eq!(input.storage.len(), MAX);
        input.reset(INITIAL);
        assert!(input.is_empty());
        assert_eq!(input.storage.len(), INITIAL);
    }

    #[test]
    fn a_full_buffer_reads_nothing_more() {
        let mut input = Input::new();
        let endless = &mut std::io::repeat(7);
        for _ in 0..MAX / INITIAL {
            input.read_from(endless).unwrap();
        }
        assert_eq!(input.filled().len(), MAX);
        assert_eq!(input.read_from(endless).unwrap(), 0);
    }
}
