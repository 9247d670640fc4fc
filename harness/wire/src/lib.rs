//! HTTP/1.1 bytes, without any I/O: a request writer and an incremental, strict, bounded
//! response parser (RFC 9112).
//!
//! Two users with different needs share one parser. The load generator asks the
//! [`ResponseDecoder`] to frame a response as fast as possible and streams the body past a
//! [`Visitor`]; the conformance engine asks the [`ResponseCollector`] to keep everything.
//! Every malformation is a named [`ResponseError`]; memory is bounded by [`Limits`].

#![forbid(unsafe_code)]

mod chars;
mod chunked;
mod collector;
mod decoder;
mod error;
mod escape;
mod fields;
mod framing;
mod head;
mod limits;
mod memo;
mod oddities;
mod request;
mod status_line;
mod template;

pub use collector::{Collecting, Response, ResponseCollector};
pub use decoder::{Advance, Completed, Eof, ResponseDecoder, Stage, Visitor};
pub use error::ResponseError;
pub use escape::{escape, escape_bounded};
pub use fields::{Field, Fields};
pub use framing::{Framing, RequestKind};
pub use head::Head;
pub use limits::Limits;
pub use memo::HeadMemo;
pub use oddities::Oddities;
pub use request::{RequestBuilder, RequestError, RequestTemplate};
pub use status_line::Version;
pub use template::{Part, SlotValue, Slots, Template, TemplateError};
