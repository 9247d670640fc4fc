//! `GET /static/{file}`: the shared rules decide, hyper sends the bytes in place.

use std::borrow::Cow;

use bytes::Bytes;
use entry_shared::{Conditions, StaticMethod, decide};
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};

use crate::App;
use crate::reply::{Answer, Reply};

pub(crate) fn static_file(
    app: &'static App,
    method: &Method,
    segment: &str,
    fields: HeaderMap,
    closing: bool,
) -> Answer {
    let Some(file) = app.catalogue.find(segment) else {
        let reply = Reply::reusing(fields).closing(closing);
        return reply.status_text(StatusCode::NOT_FOUND, "no such file");
    };
    let method = if method == Method::HEAD { StaticMethod::Head } else { StaticMethod::Get };
    let conditions = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let decision = decide(file, method, &Conditions::from_fields(conditions));
    let mut reply = Reply::reusing(fields).closing(closing);
    for (name, value) in decision.fields() {
        let value = match value {
            Cow::Borrowed(value) => HeaderValue::from_static(value),
            Cow::Owned(value) => HeaderValue::try_from(value).expect("a range is visible ASCII"),
        };
        reply = reply.field(HeaderName::from_static(name), value);
    }
    if let (StaticMethod::Head, Some(length)) = (method, decision.content_length) {
        reply = reply.field(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let status = StatusCode::from_u16(decision.status.code()).expect("the codes are all known");
    reply.body(status, Bytes::from_static(decision.body))
}
