//! The registry over gRPC: parses requests into values, calls a verb, renders the answer.

use gazelle_proto::registry::v1::{
    self as pb,
    registry_service_server::{RegistryService, RegistryServiceServer},
};
use tonic::{Request, Response, Status, codec::CompressionEncoding};

use crate::app::App;

mod account;
mod change;
mod enterprise;
mod facts;
mod filing;
mod merchant_binding;
mod parse;
mod platform;
mod render;
mod status;
mod stream;
mod suspension;

/// The gRPC service over a registry.
#[must_use]
pub fn service(app: App) -> RegistryServiceServer<impl RegistryService> {
    RegistryServiceServer::new(Handler { app }).accept_compressed(CompressionEncoding::Gzip)
}

struct Handler {
    app: App,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl RegistryService for Handler {
    async fn put_enterprises(
        &self,
        request: Request<pb::PutEnterprisesRequest>,
    ) -> Answer<pb::PutEnterprisesResponse> {
        enterprise::put(&self.app, request).await
    }

    async fn change_enterprise_code(
        &self,
        request: Request<pb::ChangeEnterpriseCodeRequest>,
    ) -> Answer<pb::ChangeEnterpriseCodeResponse> {
        enterprise::change_code(&self.app, request).await
    }

    async fn put_filings(
        &self,
        request: Request<pb::PutFilingsRequest>,
    ) -> Answer<pb::PutFilingsResponse> {
        filing::put(&self.app, request).await
    }

    async fn put_suspensions(
        &self,
        request: Request<pb::PutSuspensionsRequest>,
    ) -> Answer<pb::PutSuspensionsResponse> {
        suspension::put(&self.app, request).await
    }

    async fn put_merchant_bindings(
        &self,
        request: Request<pb::PutMerchantBindingsRequest>,
    ) -> Answer<pb::PutMerchantBindingsResponse> {
        merchant_binding::put(&self.app, request).await
    }

    async fn put_platforms(
        &self,
        request: Request<pb::PutPlatformsRequest>,
    ) -> Answer<pb::PutPlatformsResponse> {
        platform::put(&self.app, request).await
    }

    async fn get_enterprise(
        &self,
        request: Request<pb::GetEnterpriseRequest>,
    ) -> Answer<pb::GetEnterpriseResponse> {
        enterprise::get(&self.app, request).await
    }

    async fn list_enterprises(
        &self,
        request: Request<pb::ListEnterprisesRequest>,
    ) -> Answer<pb::ListEnterprisesResponse> {
        enterprise::list(&self.app, request).await
    }

    async fn list_merchant_bindings(
        &self,
        request: Request<pb::ListMerchantBindingsRequest>,
    ) -> Answer<pb::ListMerchantBindingsResponse> {
        merchant_binding::list(&self.app, request).await
    }

    async fn get_platform(
        &self,
        request: Request<pb::GetPlatformRequest>,
    ) -> Answer<pb::GetPlatformResponse> {
        platform::get(&self.app, request).await
    }

    async fn list_platforms(
        &self,
        request: Request<pb::ListPlatformsRequest>,
    ) -> Answer<pb::ListPlatformsResponse> {
        platform::list(&self.app, request).await
    }

    async fn put_payment_accounts(
        &self,
        request: Request<pb::PutPaymentAccountsRequest>,
    ) -> Answer<pb::PutPaymentAccountsResponse> {
        account::put(&self.app, request).await
    }

    async fn confirm_payment_accounts(
        &self,
        request: Request<pb::ConfirmPaymentAccountsRequest>,
    ) -> Answer<pb::ConfirmPaymentAccountsResponse> {
        account::confirm(&self.app, request).await
    }

    async fn reject_payment_accounts(
        &self,
        request: Request<pb::RejectPaymentAccountsRequest>,
    ) -> Answer<pb::RejectPaymentAccountsResponse> {
        account::reject(&self.app, request).await
    }

    async fn list_payment_accounts(
        &self,
        request: Request<pb::ListPaymentAccountsRequest>,
    ) -> Answer<pb::ListPaymentAccountsResponse> {
        account::list(&self.app, request).await
    }

    async fn get_payment_account(
        &self,
        request: Request<pb::GetPaymentAccountRequest>,
    ) -> Answer<pb::GetPaymentAccountResponse> {
        account::get(&self.app, request).await
    }

    type ReadPaymentAccountsStream = stream::Messages<pb::ReadPaymentAccountsResponse>;

    async fn read_payment_accounts(
        &self,
        request: Request<pb::ReadPaymentAccountsRequest>,
    ) -> Answer<Self::ReadPaymentAccountsStream> {
        account::read(&self.app, request).await
    }

    async fn note_payment_returns(
        &self,
        request: Request<pb::NotePaymentReturnsRequest>,
    ) -> Answer<pb::NotePaymentReturnsResponse> {
        account::note_returns(&self.app, request).await
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Answer<pb::ListChangesResponse> {
        change::list(&self.app, request).await
    }

    type ReadFactsStream = stream::Messages<pb::ReadFactsResponse>;

    async fn read_facts(
        &self,
        request: Request<pb::ReadFactsRequest>,
    ) -> Answer<Self::ReadFactsStream> {
        facts::read(&self.app, request).await
    }
}
