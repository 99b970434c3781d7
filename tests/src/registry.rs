//! What a registrar puts into the registry, and what became of it.

use gazelle_proto::registry::v1::{
    Enterprise, Filing, GetEnterpriseRequest, GetEnterpriseResponse, ImportResult, MerchantBinding,
    Platform, PutEnterprisesRequest, PutFilingsRequest, PutMerchantBindingsRequest,
    PutPlatformsRequest, PutSuspensionsRequest, Suspension,
};
use tonic::Status;

use crate::city::City;

/// Puts enterprises, as a registrar.
pub async fn put_enterprises(
    city: &City<'_>,
    enterprises: Vec<Enterprise>,
) -> Result<ImportResult, Status> {
    let mut registry = city.registrar.registry.clone();
    let request = PutEnterprisesRequest { enterprises };
    let put = registry.put_enterprises(request).await?;
    Ok(put.into_inner().result.unwrap())
}

/// Puts filings, as a registrar.
pub async fn put_filings(city: &City<'_>, filings: Vec<Filing>) -> Result<ImportResult, Status> {
    let mut registry = city.registrar.registry.clone();
    let put = registry.put_filings(PutFilingsRequest { filings }).await?;
    Ok(put.into_inner().result.unwrap())
}

/// Puts suspensions, as a registrar.
pub async fn put_suspensions(
    city: &City<'_>,
    suspensions: Vec<Suspension>,
) -> Result<ImportResult, Status> {
    let mut registry = city.registrar.registry.clone();
    let request = PutSuspensionsRequest { suspensions };
    let put = registry.put_suspensions(request).await?;
    Ok(put.into_inner().result.unwrap())
}

/// Puts bindings, as a registrar.
pub async fn put_bindings(
    city: &City<'_>,
    bindings: Vec<MerchantBinding>,
) -> Result<ImportResult, Status> {
    let mut registry = city.registrar.registry.clone();
    let request = PutMerchantBindingsRequest { bindings };
    let put = registry.put_merchant_bindings(request).await?;
    Ok(put.into_inner().result.unwrap())
}

/// Puts platforms, as a registrar.
pub async fn put_platforms(
    city: &City<'_>,
    platforms: Vec<Platform>,
) -> Result<ImportResult, Status> {
    let mut registry = city.registrar.registry.clone();
    let put = registry
        .put_platforms(PutPlatformsRequest { platforms })
        .await?;
    Ok(put.into_inner().result.unwrap())
}

/// All that is recorded of an enterprise.
pub async fn get_enterprise(city: &City<'_>, uscc: &str) -> Result<GetEnterpriseResponse, Status> {
    let mut registry = city.auditor.registry.clone();
    let uscc = uscc.to_owned();
    let shown = registry
        .get_enterprise(GetEnterpriseRequest { uscc })
        .await?;
    Ok(shown.into_inner())
}

/// Index, reason and field of each rejection.
#[must_use]
pub fn rejections(result: &ImportResult) -> Vec<(i32, &str, &str)> {
    let rejections = result.rejections.iter();
    rejections
        .map(|r| (r.index, r.reason.as_str(), r.field.as_str()))
        .collect()
}

/// How many were created, changed and unchanged.
#[must_use]
pub fn counts(result: &ImportResult) -> (i32, i32, i32) {
    (
        result.created_count,
        result.changed_count,
        result.unchanged_count,
    )
}
