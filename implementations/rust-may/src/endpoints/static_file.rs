//! `GET /static/{file}`: the shared rules decide, the engine copies the bytes.

use std::borrow::Cow;

use entry_shared::{Conditions, StaticDecision, StaticMethod, decide};
use may_minihttp::Request;

use crate::App;
use crate::interned::intern;
use crate::reply::{Reply, Status};

pub(crate) fn static_file(
    app: &'static App,
    reply: &mut Reply<'_, '_>,
    request: &Request<'_, '_, '_>,
    segment: &str,
) {
    let Some(file) = app.catalogue.find(segment) else {
        return reply.text(Status::NotFound, "no such file");
    };
    let head = request.method() == "HEAD";
    let method = if head { StaticMethod::Head } else { StaticMethod::Get };
    let fields = request.headers().iter().map(|field| (field.name, field.value));
    let conditions = Conditions::from_fields(fields);
    if !send(reply, &decide(file, method, &conditions)) {
        send(reply, &decide(file, method, &conditions.without_range()));
    }
}

/// Sends what was decided, or nothing (false) when one more `Content-Range` can not
/// be kept: the engine takes only fields that live forever.
fn send(reply: &mut Reply<'_, '_>, decision: &StaticDecision<'static>) -> bool {
    let mut lines = [""; 8];
    let mut count = 0;
    for line in decision.lines() {
        let line = match line {
            Cow::Borrowed(line) => line,
            Cow::Owned(line) => match intern(&line) {
                Some(line) => line,
                None => return false,
            },
        };
        lines[count] = line;
        count += 1;
    }
    reply.status_code(decision.status.code(), decision.status.reason());
    for line in &lines[..count] {
        reply.field(line);
    }
    reply.body(decision.body);
    true
}
