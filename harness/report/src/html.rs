//! A record as one self-contained page: it opens from disk, fetches nothing and sends nothing.

mod assets;
mod data;
mod embed;
mod facts;
mod index;
mod matrix;
mod page;
mod points;
mod series;
mod trials;

/// What other pages are made of too.
pub(crate) mod parts {
    pub(crate) use super::assets::{LIBRARIES, STYLE, compare_script, policy};
    pub(crate) use super::embed::json;
}

pub use index::{IndexedGroup, IndexedRun, render_index};
pub use page::{HtmlError, render};
