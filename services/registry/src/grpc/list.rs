//! Lists, page by page. One row more than a page is read, to know whether it is the last.

use gazelle_kernel::MerchantId;
use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::status::FieldExt;
use tonic::Status;

use super::{convert, page, parse};
use crate::{app::Registry, domain::revision::Revision};

pub(super) async fn enterprises(
    registry: &Registry,
    request: &pb::ListEnterprisesRequest,
) -> Result<pb::ListEnterprisesResponse, Status> {
    let list = "enterprises";
    let size = page::size(request.page_size)?;
    let after = page::after(list, &request.page_token, |key| match key {
        [uscc] => parse::uscc(uscc).ok(),
        _ => None,
    })?;

    let mut rows = registry.list_enterprises(after, size + 1).await?;
    let more = page::cut(&mut rows, size);

    let next = rows.last().filter(|_| more);
    Ok(pb::ListEnterprisesResponse {
        next_page_token: next.map_or_else(String::new, |(last, _)| {
            page::token(list, &[last.uscc.as_str()])
        }),
        enterprises: rows
            .into_iter()
            .map(|(enterprise, changes)| convert::enterprise(enterprise, changes))
            .collect(),
    })
}

pub(super) async fn bindings(
    registry: &Registry,
    request: &pb::ListMerchantBindingsRequest,
) -> Result<pb::ListMerchantBindingsResponse, Status> {
    let list = format!("bindings/{}", request.platform_id);
    let only = match request.platform_id.as_str() {
        "" => None,
        id => Some(parse::platform_id(id).field("platform_id")?),
    };
    let size = page::size(request.page_size)?;
    let after = page::after(&list, &request.page_token, |key| match key {
        [platform, merchant, from] => Some((
            parse::platform_id(platform).ok()?,
            MerchantId::parse(merchant).ok()?,
            parse::day(from).ok()?,
        )),
        _ => None,
    })?;

    let mut rows = registry
        .list_merchant_bindings(only.as_ref(), after.as_ref(), size + 1)
        .await?;
    let more = page::cut(&mut rows, size);

    let next = rows.last().filter(|_| more);
    Ok(pb::ListMerchantBindingsResponse {
        next_page_token: next.map_or_else(String::new, |last| {
            let from = last.bound.from().to_string();
            page::token(
                &list,
                &[last.platform_id.as_str(), last.merchant_id.as_str(), &from],
            )
        }),
        bindings: rows.into_iter().map(Into::into).collect(),
    })
}

pub(super) async fn platforms(
    registry: &Registry,
    request: &pb::ListPlatformsRequest,
) -> Result<pb::ListPlatformsResponse, Status> {
    let list = "platforms";
    let size = page::size(request.page_size)?;
    let after = page::after(list, &request.page_token, |key| match key {
        [id] => parse::platform_id(id).ok(),
        _ => None,
    })?;

    let mut rows = registry.list_platforms(after.as_ref(), size + 1).await?;
    let more = page::cut(&mut rows, size);

    let next = rows.last().filter(|_| more);
    Ok(pb::ListPlatformsResponse {
        next_page_token: next.map_or_else(String::new, |last| {
            page::token(list, &[last.platform_id.as_str()])
        }),
        platforms: rows.into_iter().map(Into::into).collect(),
    })
}

/// A page has fewer rows than asked for where batches were large, so its token says whether it is
/// the last, and not its length.
pub(super) async fn changes(
    registry: &Registry,
    request: &pb::ListChangesRequest,
) -> Result<pb::ListChangesResponse, Status> {
    let list = "changes";
    let size = page::size(request.page_size)?;
    let after = page::after(list, &request.page_token, |key| match key {
        [revision] => revision.parse().ok().and_then(Revision::new),
        _ => None,
    })?;

    let (rows, more) = registry.list_changes(after, size).await?;

    let next = rows.last().filter(|_| more);
    Ok(pb::ListChangesResponse {
        next_page_token: next.map_or_else(String::new, |last| {
            page::token(list, &[&last.revision.to_string()])
        }),
        changes: rows.into_iter().map(Into::into).collect(),
    })
}
