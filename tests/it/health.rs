//! What anybody may ask: whether a service serves, and what its contract is.

use std::time::Duration;

use gazelle_client::channel::{Channel, channel};
use gazelle_tests::suite::Suite;
use tokio_stream::{StreamExt as _, once};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};

const WAIT: Duration = Duration::from_secs(30);

/// Each process, with the services of the contract that it serves.
fn processes(suite: &Suite) -> Vec<(Channel, Vec<&'static str>)> {
    let services = |name: &str| match name {
        "registry" => vec![
            "gazelle.audit.v1.AuditService",
            "gazelle.registry.v1.RegistryService",
        ],
        "usage" => vec![
            "gazelle.audit.v1.AuditService",
            "gazelle.usage.v1.UsageService",
        ],
        _ => vec![
            "gazelle.audit.v1.AuditService",
            "gazelle.settlement.v1.LedgerService",
            "gazelle.settlement.v1.PaymentService",
            "gazelle.settlement.v1.ProgramService",
            "gazelle.settlement.v1.RunService",
        ],
    };
    let tls = suite.endpoints.tls_files().unwrap();
    let each = suite.endpoints.each();
    each.map(|(name, url)| (channel(url, &tls, WAIT).unwrap(), services(name)))
        .into()
}

#[tokio::test]
async fn every_service_says_that_it_serves() {
    for (channel, services) in processes(Suite::shared()) {
        let mut health = HealthClient::new(channel);
        for service in [""].iter().chain(&services) {
            let service = (*service).to_owned();
            let answer = health.check(HealthCheckRequest { service }).await.unwrap();
            assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
        }
        let service = "gazelle.nothing.v1.Nothing".to_owned();
        let status = health
            .check(HealthCheckRequest { service })
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
    }
}

/// The services that reflection lists, without reflection and health themselves.
fn ours<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut ours: Vec<_> = names
        .into_iter()
        .filter(|name| name.starts_with("gazelle."))
        .collect();
    ours.sort_unstable();
    ours
}

#[tokio::test]
async fn reflection_lists_the_services_and_describes_them() {
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;
    for (channel, services) in processes(Suite::shared()) {
        let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel);
        let mut ask = async |message: MessageRequest| {
            let request = v1::ServerReflectionRequest {
                host: String::new(),
                message_request: Some(message),
            };
            let mut answers = client
                .server_reflection_info(once(request))
                .await
                .unwrap()
                .into_inner();
            answers
                .next()
                .await
                .unwrap()
                .unwrap()
                .message_response
                .unwrap()
        };

        let answer = ask(MessageRequest::ListServices(String::new())).await;
        let MessageResponse::ListServicesResponse(list) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(
            ours(list.service.iter().map(|service| service.name.as_str())),
            services
        );

        for service in services {
            let answer = ask(MessageRequest::FileContainingSymbol(service.to_owned())).await;
            let MessageResponse::FileDescriptorResponse(files) = answer else {
                panic!("{answer:?}")
            };
            assert!(!files.file_descriptor_proto.is_empty(), "{service}");
        }
    }
}

#[tokio::test]
async fn older_tools_find_the_older_reflection() {
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;
    for (channel, services) in processes(Suite::shared()) {
        let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(channel);
        let request = v1alpha::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut answers = client
            .server_reflection_info(once(request))
            .await
            .unwrap()
            .into_inner();
        let answer = answers
            .next()
            .await
            .unwrap()
            .unwrap()
            .message_response
            .unwrap();
        let MessageResponse::ListServicesResponse(list) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(
            ours(list.service.iter().map(|service| service.name.as_str())),
            services
        );
    }
}
