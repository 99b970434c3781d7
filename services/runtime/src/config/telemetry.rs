//! Where a service sends what it does.

use serde::Deserialize;

/// Where a service sends what it does.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Such as `http://collector:4317`: OTLP over gRPC, for traces, metrics and logs. Nowhere
    /// when not given.
    pub otlp_endpoint: Option<String>,
}
