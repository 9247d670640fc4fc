//! What an endpoint of this entry is made of; see `implementations/_shared/rust/benching`.

#[path = "../../_shared/rust/benching/mod.rs"]
mod benching;
#[path = "../../_shared/rust/benching/in_memory.rs"]
mod in_memory;

use axum::body::HttpBody;
use axum::http::HeaderValue;
use axum::http::header::SERVER;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use benching::Entry;
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use entry_shared::payload::PLAINTEXT;
use hyper_util::service::TowerToHyperService;
use serde::Serialize;
use tokio::runtime;
use tower_http::set_header::SetResponseHeaderLayer;

/// JSON is what `Json` makes of it: a whole answer, which has its own buffer.
struct Axum;

impl Entry for Axum {
    const ID: &'static str = "rust-axum";

    fn json(&mut self, payload: &impl Serialize) -> usize {
        let answer = Json(payload).into_response();
        let length = answer.body().size_hint().exact().expect("a length");
        usize::try_from(length).expect("short")
    }

    /// hyper's, and axum's routing in between.
    fn heads(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        let runtime = runtime::Builder::new_current_thread().build().expect("a runtime");
        let engine = SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("axum"));
        let router = Router::new().route("/json", get(|| async { PLAINTEXT })).layer(engine);
        group.bench_function("exchange", |bencher| {
            bencher.iter_custom(|count| {
                let service = TowerToHyperService::new(router.clone());
                in_memory::exchanges(&runtime, service, count)
            });
        });
    }
}

fn main() {
    benching::components(Axum);
}
