//! `GET /static/{file}`: the shared rules decide, actix-web sends the bytes in place. (actix-files
//! knows no precompressed files, which the contract asks for.)

use actix_web::body::SizedStream;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use entry_shared::{Catalogue, Conditions, StaticMethod, decide};

use crate::handlers::refusal;

pub(crate) async fn static_file(
    catalogue: Data<&'static Catalogue>,
    request: HttpRequest,
) -> HttpResponse {
    // The catalogue decodes the segment itself.
    let segment = request.uri().path().strip_prefix("/static/").unwrap_or_default();
    let Some(file) = catalogue.find(segment) else {
        return refusal(StatusCode::NOT_FOUND, "no such file");
    };
    let is_head = request.method() == Method::HEAD;
    let method = if is_head { StaticMethod::Head } else { StaticMethod::Get };
    let fields = request.headers().iter();
    let conditions = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
    let decision = decide(file, method, &Conditions::from_fields(conditions));
    let status = StatusCode::from_u16(decision.status.code()).expect("the codes are all known");
    let mut response = HttpResponse::build(status);
    for (name, value) in decision.fields() {
        let value = HeaderValue::try_from(&*value).expect("fields are visible ASCII");
        response.insert_header((HeaderName::from_static(name), value));
    }
    match (method, decision.content_length) {
        // The length of what `GET` would send.
        (StaticMethod::Head, Some(length)) => {
            let nothing = futures_util::stream::empty::<Result<Bytes, actix_web::Error>>();
            response.body(SizedStream::new(length as u64, nothing))
        }
        _ => response.body(Bytes::from_static(decision.body)),
    }
}
