//! What needs no token: health and reflection.

use tonic::{codec::CompressionEncoding, service::RoutesBuilder};
use tonic_health::server::HealthReporter;
use tonic_reflection::server::Builder;

/// Longest message of a call that needs no token: nothing large is read of strangers.
const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// Serves both beside `services`; what is to be said of health goes to the reporter.
pub(super) fn add(
    routes: &mut RoutesBuilder,
    services: &[&'static str],
) -> anyhow::Result<HealthReporter> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let (v1, v1alpha) = (
        reflection(services).build_v1()?,
        reflection(services).build_v1alpha()?,
    );
    routes
        .add_service(
            health
                .accept_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(
            v1.accept_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(
            v1alpha
                .accept_compressed(CompressionEncoding::Gzip)
                .max_decoding_message_size(MESSAGE_BYTES_MAX),
        );
    Ok(reporter)
}

/// The services served here, with the messages of the whole contract and of its errors, so that a
/// tool can show both.
fn reflection(services: &[&'static str]) -> Builder<'static> {
    let descriptors = [
        gazelle_proto::DESCRIPTORS,
        tonic_types::pb::FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
    ];
    let builder = descriptors.into_iter().fold(
        Builder::configure(),
        Builder::register_encoded_file_descriptor_set,
    );
    services
        .iter()
        .chain(&["grpc.health.v1.Health"])
        .fold(builder, |builder, &service| {
            builder.with_service_name(service)
        })
}
