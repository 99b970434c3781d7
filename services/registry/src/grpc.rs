//! The registry over gRPC: parses requests into values, calls a verb, renders the answer.

use gazelle_proto::registry::v1::{
    self as pb,
    registry_service_server::{RegistryService, RegistryServiceServer},
};
use gazelle_runtime::{access::principal, status::FieldExt};
use tonic::{Request, Response, Status};

use crate::app::Registry;

mod convert;
mod facts;
mod list;
mod parse;
mod status;

/// The gRPC service over a registry.
#[must_use]
pub fn service(registry: Registry) -> RegistryServiceServer<impl RegistryService> {
    RegistryServiceServer::new(Handler { registry })
}

struct Handler {
    registry: Registry,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl RegistryService for Handler {
    async fn put_enterprises(
        &self,
        request: Request<pb::PutEnterprisesRequest>,
    ) -> Answer<pb::PutEnterprisesResponse> {
        let by = principal(&request).clone();
        let items = parse::batch(&request.get_ref().enterprises, parse::enterprise)?;
        let result = Some(self.registry.put_enterprises(&by, items).await?.into());
        Ok(Response::new(pb::PutEnterprisesResponse { result }))
    }

    async fn change_enterprise_code(
        &self,
        request: Request<pb::ChangeEnterpriseCodeRequest>,
    ) -> Answer<pb::ChangeEnterpriseCodeResponse> {
        let by = principal(&request).clone();
        let change = parse::code_change(request.get_ref())?;
        let (record, revision) = self.registry.change_enterprise_code(&by, change).await?;
        Ok(Response::new(pb::ChangeEnterpriseCodeResponse {
            enterprise: Some(convert::enterprise(record.enterprise, record.code_changes)),
            revision: revision.get(),
        }))
    }

    async fn put_filings(
        &self,
        request: Request<pb::PutFilingsRequest>,
    ) -> Answer<pb::PutFilingsResponse> {
        let by = principal(&request).clone();
        let items = parse::batch(&request.get_ref().filings, parse::filing)?;
        let result = Some(self.registry.put_filings(&by, items).await?.into());
        Ok(Response::new(pb::PutFilingsResponse { result }))
    }

    async fn put_suspensions(
        &self,
        request: Request<pb::PutSuspensionsRequest>,
    ) -> Answer<pb::PutSuspensionsResponse> {
        let by = principal(&request).clone();
        let items = parse::batch(&request.get_ref().suspensions, parse::suspension)?;
        let result = Some(self.registry.put_suspensions(&by, items).await?.into());
        Ok(Response::new(pb::PutSuspensionsResponse { result }))
    }

    async fn put_merchant_bindings(
        &self,
        request: Request<pb::PutMerchantBindingsRequest>,
    ) -> Answer<pb::PutMerchantBindingsResponse> {
        let by = principal(&request).clone();
        let items = parse::batch(&request.get_ref().bindings, parse::binding)?;
        let result = Some(
            self.registry
                .put_merchant_bindings(&by, items)
                .await?
                .into(),
        );
        Ok(Response::new(pb::PutMerchantBindingsResponse { result }))
    }

    async fn put_platforms(
        &self,
        request: Request<pb::PutPlatformsRequest>,
    ) -> Answer<pb::PutPlatformsResponse> {
        let by = principal(&request).clone();
        let items = parse::batch(&request.get_ref().platforms, parse::platform)?;
        let result = Some(self.registry.put_platforms(&by, items).await?.into());
        Ok(Response::new(pb::PutPlatformsResponse { result }))
    }

    async fn get_enterprise(
        &self,
        request: Request<pb::GetEnterpriseRequest>,
    ) -> Answer<pb::GetEnterpriseResponse> {
        let uscc = parse::uscc(&request.get_ref().uscc).field("uscc")?;
        let (record, bindings) = self.registry.get_enterprise(uscc).await?;
        let facts = convert::facts(record);
        Ok(Response::new(pb::GetEnterpriseResponse {
            enterprise: facts.enterprise,
            filings: facts.filings,
            suspensions: facts.suspensions,
            bindings: bindings.into_iter().map(Into::into).collect(),
        }))
    }

    async fn list_enterprises(
        &self,
        request: Request<pb::ListEnterprisesRequest>,
    ) -> Answer<pb::ListEnterprisesResponse> {
        list::enterprises(&self.registry, request.get_ref())
            .await
            .map(Response::new)
    }

    async fn list_merchant_bindings(
        &self,
        request: Request<pb::ListMerchantBindingsRequest>,
    ) -> Answer<pb::ListMerchantBindingsResponse> {
        list::bindings(&self.registry, request.get_ref())
            .await
            .map(Response::new)
    }

    async fn get_platform(
        &self,
        request: Request<pb::GetPlatformRequest>,
    ) -> Answer<pb::GetPlatformResponse> {
        let id = parse::platform_id(&request.get_ref().platform_id).field("platform_id")?;
        let platform = self.registry.get_platform(principal(&request), id).await?;
        Ok(Response::new(pb::GetPlatformResponse {
            platform: Some(platform.into()),
        }))
    }

    async fn list_platforms(
        &self,
        request: Request<pb::ListPlatformsRequest>,
    ) -> Answer<pb::ListPlatformsResponse> {
        list::platforms(&self.registry, request.get_ref())
            .await
            .map(Response::new)
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Answer<pb::ListChangesResponse> {
        list::changes(&self.registry, request.get_ref())
            .await
            .map(Response::new)
    }

    type ReadFactsStream = facts::Messages;

    async fn read_facts(
        &self,
        request: Request<pb::ReadFactsRequest>,
    ) -> Answer<Self::ReadFactsStream> {
        let revision = parse::revision(request.get_ref().revision).field("revision")?;
        let facts = self.registry.read_facts(revision).await?;
        Ok(Response::new(facts::messages(facts)))
    }
}
