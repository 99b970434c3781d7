//! The trace that a call belongs to.

use opentelemetry::{global, propagation::Injector};
use tonic::metadata::{Ascii, MetadataKey, MetadataMap};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Adds `traceparent` (W3C), where this task works on something that is traced.
pub fn continue_trace(metadata: &mut MetadataMap) {
    let trace = tracing::Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&trace, &mut Carrier(metadata));
    });
}

struct Carrier<'a>(&'a mut MetadataMap);

impl Injector for Carrier<'_> {
    fn set(&mut self, key: &str, value: String) {
        let key = MetadataKey::<Ascii>::from_bytes(key.as_bytes());
        if let (Ok(key), Ok(value)) = (key, value.parse()) {
            self.0.insert(key, value);
        }
    }
}
