//! A request template with all its places filled in.

use std::path::Path;

use httpdyno_spec::exchange::{BodyFraming, Method, RequestBody, RequestTemplate};
use rand_chacha::ChaCha8Rng;

use super::bindings::Bindings;
use super::generate::generate;

/// A request as it is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedRequest {
    /// The method.
    pub method: Method,
    /// The target in origin-form, percent-encoded.
    pub path: String,
    /// The fields beside `Host` and those that frame the content.
    pub headers: Vec<(String, String)>,
    /// The content; absent is not the same as empty, which says `Content-Length: 0`.
    pub body: Option<Vec<u8>>,
    /// How the content is framed.
    pub framing: BodyFraming,
}

/// Fills in a template. Generated content takes its random numbers from `rng`.
///
/// # Errors
/// When a payload file can not be read; the text says which and why.
pub fn render_request(
    template: &RequestTemplate,
    bindings: &Bindings,
    payloads: &Path,
    rng: &mut ChaCha8Rng,
) -> Result<RenderedRequest, String> {
    let headers = template.headers.iter();
    Ok(RenderedRequest {
        method: template.method,
        path: bindings.fill_path(&template.path),
        headers: headers.map(|(name, v)| (name.clone(), bindings.fill_text(v))).collect(),
        body: match &template.body {
            Some(body) => Some(render_body(body, bindings, payloads, rng)?),
            None => None,
        },
        framing: template.framing,
    })
}

fn render_body(
    body: &RequestBody,
    bindings: &Bindings,
    payloads: &Path,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<u8>, String> {
    Ok(match body {
        RequestBody::Json(value) => bindings.fill_json(value).to_string().into_bytes(),
        RequestBody::Text(text) => bindings.fill_text(text).into_bytes(),
        RequestBody::File(name) => {
            let path = payloads.join(name);
            std::fs::read(&path)
                .map_err(|e| format!("can not read the payload {}: {e}", path.display()))?
        }
        RequestBody::Generated(generated) => generate(generated, rng),
    })
}

impl RenderedRequest {
    /// The request as an HTTP/1.1 message (chunked content as one chunk).
    #[must_use]
    pub fn to_bytes(&self, authority: &str) -> Vec<u8> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {authority}\r\n", self.method.as_str(), self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = self.body.as_deref().unwrap_or_default();
        match (&self.body, self.framing) {
            (None, _) => head.push_str("\r\n"),
            (Some(body), BodyFraming::Length) => {
                head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
            }
            (Some(_), BodyFraming::Chunked) => {
                head.push_str("Transfer-Encoding: chunked\r\n\r\n");
                let chunk = match body.len() {
                    0 => Vec::new(),
                    length => [format!("{length:x}\r\n").as_bytes(), body, b"\r\n"].concat(),
                };
                return [head.as_bytes(), &chunk, b"0\r\n\r\n"].concat();
            }
        }
        [head.as_bytes(), body].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::super::values::case_rng;
    use super::*;

    #[test]
    fn a_template_becomes_a_message() {
        let mut bindings = Bindings::default();
        bindings.set("q", json!("é"));
        let mut template = RequestTemplate {
            method: Method::Post,
            path: "/echo?q={q}".into(),
            headers: BTreeMap::from([("accept".into(), "x/{q}".into())]),
            body: Some(RequestBody::Json(json!({ "q": "{q}" }))),
            framing: BodyFraming::Length,
        };
        let mut rng = case_rng(1, "x");
        let mut message = |template: &RequestTemplate| {
            let request = render_request(template, &bindings, Path::new("."), &mut rng);
            String::from_utf8(request.expect("a request").to_bytes("h:1")).expect("UTF-8")
        };
        let head = "POST /echo?q=%C3%A9 HTTP/1.1\r\nHost: h:1\r\naccept: x/é\r\n";
        let body = "{\"q\":\"é\"}";
        assert_eq!(message(&template), format!("{head}Content-Length: 10\r\n\r\n{body}"));
        template.framing = BodyFraming::Chunked;
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\na\r\n{body}\r\n0\r\n\r\n");
        assert_eq!(message(&template), chunked);
        template.body = Some(RequestBody::File("none".into()));
        assert!(render_request(&template, &bindings, Path::new("."), &mut rng).is_err());
    }
}
