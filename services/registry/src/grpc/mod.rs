//! The contract, served: parse, call, render.

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

use gazelle_proto::registry::v1::{
    self as pb,
    registry_service_server::{RegistryService, RegistryServiceServer},
};
use tonic::{Request, Response, Status, codec::CompressionEncoding};

use crate::app::App;

/// The service of the contract, on these verbs.
#[must_use]
pub fn service(app: App) -> RegistryServiceServer<impl RegistryService> {
    RegistryServiceServer::new(Registry { app }).accept_compressed(CompressionEncoding::Gzip)
}

/// The registry, served.
#[derive(Debug)]
struct Registry {
    app: App,
}

#[tonic::async_trait]
impl RegistryService for Registry {
    async fn put_enterprises(
        &self,
        request: Request<pb::PutEnterprisesRequest>,
    ) -> Result<Response<pb::PutEnterprisesResponse>, Status> {
        enterprise::put(&self.app, request).await
    }

    async fn change_enterprise_code(
        &self,
        request: Request<pb::ChangeEnterpriseCodeRequest>,
    ) -> Result<Response<pb::ChangeEnterpriseCodeResponse>, Status> {
        enterprise::change_code(&self.app, request).await
    }

    async fn put_filings(
        &self,
        request: Request<pb::PutFilingsRequest>,
    ) -> Result<Response<pb::PutFilingsResponse>, Status> {
        filing::put(&self.app, request).await
    }

    async fn put_suspensions(
        &self,
        request: Request<pb::PutSuspensionsRequest>,
    ) -> Result<Response<pb::PutSuspensionsResponse>, Status> {
        suspension::put(&self.app, request).await
    }

    async fn put_merchant_bindings(
        &self,
        request: Request<pb::PutMerchantBindingsRequest>,
    ) -> Result<Response<pb::PutMerchantBindingsResponse>, Status> {
        merchant_binding::put(&self.app, request).await
    }

    async fn put_platforms(
        &self,
        request: Request<pb::PutPlatformsRequest>,
    ) -> Result<Response<pb::PutPlatformsResponse>, Status> {
        platform::put(&self.app, request).await
    }

    async fn get_enterprise(
        &self,
        request: Request<pb::GetEnterpriseRequest>,
    ) -> Result<Response<pb::GetEnterpriseResponse>, Status> {
        enterprise::get(&self.app, request).await
    }

    async fn list_enterprises(
        &self,
        request: Request<pb::ListEnterprisesRequest>,
    ) -> Result<Response<pb::ListEnterprisesResponse>, Status> {
        enterprise::list(&self.app, request).await
    }

    async fn list_merchant_bindings(
        &self,
        request: Request<pb::ListMerchantBindingsRequest>,
    ) -> Result<Response<pb::ListMerchantBindingsResponse>, Status> {
        merchant_binding::list(&self.app, request).await
    }

    async fn get_platform(
        &self,
        request: Request<pb::GetPlatformRequest>,
    ) -> Result<Response<pb::GetPlatformResponse>, Status> {
        platform::get(&self.app, request).await
    }

    async fn list_platforms(
        &self,
        request: Request<pb::ListPlatformsRequest>,
    ) -> Result<Response<pb::ListPlatformsResponse>, Status> {
        platform::list(&self.app, request).await
    }

    async fn put_payment_accounts(
        &self,
        request: Request<pb::PutPaymentAccountsRequest>,
    ) -> Result<Response<pb::PutPaymentAccountsResponse>, Status> {
        account::put(&self.app, request).await
    }

    async fn confirm_payment_accounts(
        &self,
        request: Request<pb::ConfirmPaymentAccountsRequest>,
    ) -> Result<Response<pb::ConfirmPaymentAccountsResponse>, Status> {
        account::confirm(&self.app, request).await
    }

    async fn reject_payment_accounts(
        &self,
        request: Request<pb::RejectPaymentAccountsRequest>,
    ) -> Result<Response<pb::RejectPaymentAccountsResponse>, Status> {
        account::reject(&self.app, request).await
    }

    async fn list_payment_accounts(
        &self,
        request: Request<pb::ListPaymentAccountsRequest>,
    ) -> Result<Response<pb::ListPaymentAccountsResponse>, Status> {
        account::list(&self.app, request).await
    }

    async fn get_payment_account(
        &self,
        request: Request<pb::GetPaymentAccountRequest>,
    ) -> Result<Response<pb::GetPaymentAccountResponse>, Status> {
        account::get(&self.app, request).await
    }

    type ReadPaymentAccountsStream = stream::Messages<pb::ReadPaymentAccountsResponse>;

    async fn read_payment_accounts(
        &self,
        request: Request<pb::ReadPaymentAccountsRequest>,
    ) -> Result<Response<Self::ReadPaymentAccountsStream>, Status> {
        account::read(&self.app, request).await
    }

    async fn note_payment_returns(
        &self,
        request: Request<pb::NotePaymentReturnsRequest>,
    ) -> Result<Response<pb::NotePaymentReturnsResponse>, Status> {
        account::note_returns(&self.app, request).await
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        change::list(&self.app, request).await
    }

    type ReadFactsStream = stream::Messages<pb::ReadFactsResponse>;

    async fn read_facts(
        &self,
        request: Request<pb::ReadFactsRequest>,
    ) -> Result<Response<Self::ReadFactsStream>, Status> {
        facts::read(&self.app, request).await
    }
}
