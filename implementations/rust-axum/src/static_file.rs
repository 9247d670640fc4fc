//! `GET /static/{file}`: the shared rules decide, axum sends the bytes in place. (tower-http's
//! `ServeDir` sends no `ETag`, which the contract asks for.)

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, HeaderValue};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use entry_shared::{Catalogue, Conditions, StaticMethod, decide};

pub(crate) async fn static_file(
    State(catalogue): State<&'static Catalogue>,
    method: Method,
    uri: Uri,
    fields: HeaderMap,
) -> Response<Body> {
    // The catalogue decodes the segment itself.
    let segment = uri.path().strip_prefix("/static/").unwrap_or_default();
    let Some(file) = catalogue.find(segment) else {
        return (StatusCode::NOT_FOUND, "no such file").into_response();
    };
    let method = if method == Method::HEAD { StaticMethod::Head } else { StaticMethod::Get };
    let conditions = fields.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let decision = decide(file, method, &Conditions::from_fields(conditions));
    let status = StatusCode::from_u16(decision.status.code()).expect("the codes are all known");
    let mut response = Response::new(Body::from(Bytes::from_static(decision.body)));
    *response.status_mut() = status;
    for (name, value) in decision.fields() {
        let value = HeaderValue::try_from(&*value).expect("fields are visible ASCII");
        response.headers_mut().insert(name, value);
    }
    if let (StaticMethod::Head, Some(length)) = (method, decision.content_length) {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
