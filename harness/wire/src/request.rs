//! Requests: checked once, prebuilt where nothing varies, rendered where something does.

use std::sync::Arc;

use crate::chars::{bad_value_byte, is_token, trim_ows};
use crate::escape::excerpt;
use crate::framing::RequestKind;
use crate::template::{Part, Slots, Template};

/// Why a request can not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// RFC 9110 section 9.1: a method is a token.
    #[error("bad method `{found}`, expected a token such as GET")]
    BadMethod {
        /// What was found, escaped.
        found: String,
    },
    /// CONNECT turns the connection into a tunnel.
    #[error("the method CONNECT is not supported: it opens a tunnel")]
    Connect,
    /// RFC 9112 section 3.2: visible ASCII, starting with `/` (or `*`, or a scheme).
    #[error("bad request target `{found}`, expected visible ASCII without spaces")]
    BadTarget {
        /// What was found, escaped.
        found: String,
    },
    /// RFC 9110 section 5.1.
    #[error("bad field name `{found}`, expected a token")]
    BadFieldName {
        /// What was found, escaped.
        found: String,
    },
    /// RFC 9110 section 5.5.
    #[error("the value of field `{name}` has the control character 0x{byte:02x}")]
    BadFieldValue {
        /// The field.
        name: String,
        /// The first such byte.
        byte: u8,
    },
    /// The writer frames the body itself.
    #[error("field `{name}` is written by the request writer, leave it out")]
    FramingField {
        /// The field.
        name: String,
    },
    /// RFC 9112 section 3.2.
    #[error("no Host field, expected exactly one")]
    MissingHost,
    /// RFC 9112 section 3.2.
    #[error("{found} Host fields, expected exactly one")]
    SeveralHosts {
        /// How many.
        found: usize,
    },
}

/// Bodies from this length on are shared by all who send them, and not copied, in bytes.
const SHARED_BYTES: usize = 64 * 1024;

/// RFC 9110 section 9.2.2.
const IDEMPOTENT: [&[u8]; 6] = [b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE"];

/// Collects the parts of a request.
#[derive(Debug, Clone)]
pub struct RequestBuilder {
    method: Vec<u8>,
    target: Template,
    fields: Vec<(Vec<u8>, Template)>,
    body: Option<Template>,
}

impl RequestBuilder {
    /// A request without fields and body.
    #[must_use]
    pub fn new(method: impl Into<Vec<u8>>, target: Template) -> Self {
        Self { method: method.into(), target, fields: Vec::new(), body: None }
    }

    /// Adds a field line. A `Host` is required; `Content-Length` comes by itself.
    #[must_use]
    pub fn field(mut self, name: impl Into<Vec<u8>>, value: Template) -> Self {
        self.fields.push((name.into(), value));
        self
    }

    /// Gives it a body.
    #[must_use]
    pub fn body(mut self, body: Template) -> Self {
        self.body = Some(body);
        self
    }

    /// Checks everything and renders what does not vary.
    ///
    /// # Errors
    /// The first part that RFC 9112 does not allow.
    pub fn build(self) -> Result<RequestTemplate, RequestError> {
        self.check()?;
        let kind = RequestKind::of_method(&self.method);
        let mut head = vec![];
        let mut put = |bytes: &[u8], template: Option<&Template>| {
            head.push(Part::Literal(bytes.to_vec()));
            head.extend(template.into_iter().flat_map(|t| t.parts().iter().cloned()));
        };
        put(&self.method, None);
        put(b" ", Some(&self.target));
        put(b" HTTP/1.1", None);
        for (name, value) in &self.fields {
            put(b"\r\n", None);
            put(name, None);
            put(b": ", Some(value));
        }
        put(b"\r\n", None);
        // RFC 9110 section 8.6: POST and PUT say that their body is empty.
        let needs_length = self.body.is_some() || matches!(&self.method[..], b"POST" | b"PUT");
        let body = self.body.unwrap_or_default();
        let slots = Template::new(head.clone()).max_slot().max(body.max_slot());
        let shared = body.as_literal().filter(|bytes| bytes.len() >= SHARED_BYTES);
        let mut template = RequestTemplate {
            shared_body: shared.map(Arc::from),
            is_idempotent: IDEMPOTENT.contains(&&self.method[..]),
            says_close: self.fields.iter().any(|(name, value)| says_close(name, value)),
            head: Template::new(merge(head)),
            body,
            needs_length,
            kind,
            slots: slots.map_or(0, |highest| highest + 1),
            prebuilt: None,
        };
        if template.slots == 0 {
            let mut bytes = Vec::new();
            template.render(&[], &mut bytes);
            template.prebuilt = Some(bytes);
        }
        Ok(template)
    }

    fn check(&self) -> Result<(), RequestError> {
        if !is_token(&self.method) {
            return Err(RequestError::BadMethod { found: excerpt(&self.method) });
        }
        if self.method == b"CONNECT" {
            return Err(RequestError::Connect);
        }
        self.check_target()?;
        for (name, value) in &self.fields {
            check_field(name, value)?;
        }
        let hosts = self.fields.iter().filter(|(n, _)| n.eq_ignore_ascii_case(b"host")).count();
        match hosts {
            0 => Err(RequestError::MissingHost),
            1 => Ok(()),
            found => Err(RequestError::SeveralHosts { found }),
        }
    }

    fn check_target(&self) -> Result<(), RequestError> {
        let literal = |part: &Part| match part {
            Part::Literal(bytes) => bytes.clone(),
            // Any value that may stand in a target.
            Part::Slot(_) => b"1".to_vec(),
        };
        let target: Vec<u8> = self.target.parts().iter().flat_map(literal).collect();
        if target.is_empty() || !target.iter().all(|b| (0x21..=0x7e).contains(b)) {
            return Err(RequestError::BadTarget { found: excerpt(&target) });
        }
        Ok(())
    }
}

fn check_field(name: &[u8], value: &Template) -> Result<(), RequestError> {
    let shown = || excerpt(name);
    if !is_token(name) {
        return Err(RequestError::BadFieldName { found: shown() });
    }
    if [&b"content-length"[..], b"transfer-encoding"].iter().any(|f| name.eq_ignore_ascii_case(f)) {
        return Err(RequestError::FramingField { name: shown() });
    }
    for part in value.parts() {
        if let Part::Literal(bytes) = part
            && let Some(byte) = bad_value_byte(bytes)
        {
            return Err(RequestError::BadFieldValue { name: shown(), byte });
        }
    }
    Ok(())
}

/// Whether a field says that the connection ends after the response (RFC 9112 section 9.6).
fn says_close(name: &[u8], value: &Template) -> bool {
    let is_close = |option: &[u8]| trim_ows(option).eq_ignore_ascii_case(b"close");
    name.eq_ignore_ascii_case(b"connection")
        && value.as_literal().is_some_and(|value| value.split(|&b| b == b',').any(is_close))
}

/// Joins neighbouring literals.
fn merge(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Literal(before)), Part::Literal(bytes)) => before.extend(bytes),
            (_, part) => out.push(part),
        }
    }
    out
}

/// A request that has been checked and can be written again and again.
#[derive(Debug, Clone)]
pub struct RequestTemplate {
    /// Up to the CRLF of the last given field.
    head: Template,
    body: Template,
    needs_length: bool,
    kind: RequestKind,
    slots: usize,
    prebuilt: Option<Vec<u8>>,
    shared_body: Option<Arc<[u8]>>,
    is_idempotent: bool,
    says_close: bool,
}

impl RequestTemplate {
    /// The body, if it is the same for all and so large that copies of it would count.
    #[must_use]
    pub fn shared_body(&self) -> Option<&Arc<[u8]>> {
        self.shared_body.as_ref()
    }

    /// Whether it may be sent again when it is not known what became of it.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.is_idempotent
    }

    /// Whether it says that the connection ends after its response.
    #[must_use]
    pub fn says_close(&self) -> bool {
        self.says_close
    }

    /// All bytes of the request, if nothing in it varies.
    #[must_use]
    pub fn prebuilt(&self) -> Option<&[u8]> {
        self.prebuilt.as_deref()
    }

    /// What the framing of the response depends on.
    #[must_use]
    pub fn kind(&self) -> RequestKind {
        self.kind
    }

    /// How many slot values [`render`](Self::render) needs.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The body alone.
    #[must_use]
    pub fn body(&self) -> &Template {
        &self.body
    }

    /// Appends the request with the slots filled in; `Content-Length` fits.
    ///
    /// # Panics
    /// If `slots` is shorter than [`slots`](Self::slots).
    pub fn render(&self, slots: &Slots, out: &mut Vec<u8>) {
        if let Some(bytes) = &self.prebuilt {
            out.extend_from_slice(bytes);
            return;
        }
        self.render_head(slots, out);
        self.body.render(slots, out);
    }

    /// Appends all that stands before the body.
    ///
    /// # Panics
    /// If `slots` is shorter than [`slots`](Self::slots).
    pub fn render_head(&self, slots: &Slots, out: &mut Vec<u8>) {
        self.head.render(slots, out);
        if self.needs_length {
            out.extend_from_slice(b"Content-Length: ");
            let length = self.body.rendered_bytes(slots);
            out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }
}
