//! The endpoints with a database: rows from there, JSON or HTML from here.

use bytes::Bytes;
use entry_shared::arguments;
use entry_shared::database::UNAVAILABLE;
use entry_shared::fortunes::CONTENT_TYPE as HTML;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use crate::Offer;
use crate::database::Unavailable;
use crate::reply::{Answer, Reply};

/// Which rows an endpoint answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Db,
    Queries,
    Updates,
    CachedQueries,
    Fortunes,
}

pub(crate) async fn rows(reply: Reply, offer: &Offer, rows: Rows, query: &str) -> Answer {
    let share = &offer.share;
    let count = || arguments::queries(query);
    match rows {
        Rows::Db => json(reply, share.world().await),
        Rows::Queries => json(reply, share.worlds(count()).await),
        Rows::Updates => {
            let changes = share.updates(count()).await;
            json(reply, changes.as_ref().map(|changes| changes.worlds()).map_err(|error| *error))
        }
        Rows::CachedQueries => json(reply, share.cached(&offer.cache, count()).await),
        Rows::Fortunes => match share.fortunes().await {
            Ok(page) => reply
                .field(CONTENT_TYPE, HeaderValue::from_static(HTML))
                .body(StatusCode::OK, Bytes::from(page)),
            Err(Unavailable) => unavailable(reply),
        },
    }
}

fn json(reply: Reply, payload: Result<impl Serialize, Unavailable>) -> Answer {
    match payload {
        Ok(payload) => reply.json(&payload),
        Err(Unavailable) => unavailable(reply),
    }
}

fn unavailable(reply: Reply) -> Answer {
    reply.status_text(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE)
}
