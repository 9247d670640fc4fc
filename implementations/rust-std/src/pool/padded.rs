//! Keeps values that different cores write apart.

use std::ops::Deref;

/// A value on cache lines of its own: 128 octets, because x86 fetches lines in
/// pairs and some Arm cores have lines of that length.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);

impl<T> Deref for Padded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
