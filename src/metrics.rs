//! What the program tells of itself: requests by route pattern, in Prometheus' text form.
//!
//! Labels are patterns, methods and status classes: never a path, a number or a person.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::http::Method;
use prometheus::{Encoder, HistogramOpts, HistogramVec, Registry, TextEncoder};

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

static REQUESTS: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let options = HistogramOpts::new("louma_request_seconds", "Time to answer a request, in seconds")
        .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0]);
    let histogram = HistogramVec::new(options, &["method", "pattern", "status"]).ok()?;
    REGISTRY.register(Box::new(histogram.clone())).ok()?;
    Some(histogram)
});

/// Counts one answered request.
pub fn observe(method: &Method, pattern: &str, status: u16, took: Duration) {
    let class = format!("{}xx", status / 100);
    if let Some(requests) = &*REQUESTS {
        requests.with_label_values(&[method.as_str(), pattern, class.as_str()]).observe(took.as_secs_f64());
    }
}

/// Everything, in Prometheus' text form.
pub fn text() -> String {
    let mut out = Vec::new();
    let encoded = TextEncoder::new().encode(&REGISTRY.gather(), &mut out);
    encoded.ok().and_then(|()| String::from_utf8(out).ok()).unwrap_or_default()
}
