//! Lists, page by page.

use gazelle_kernel::MerchantId;
use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::{page::List, status::FieldExt};
use tonic::Status;

use super::{convert, parse};
use crate::{app::Registry, domain::revision::Revision};

pub(super) async fn enterprises(
    registry: &Registry,
    request: &pb::ListEnterprisesRequest,
) -> Result<pb::ListEnterprisesResponse, Status> {
    let list = List::new("enterprises", &[]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[uscc]| parse::uscc(uscc).ok())?;
    let rows = registry.list_enterprises(after, page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |(last, _)| [last.uscc.to_string()]);
    Ok(pb::ListEnterprisesResponse {
        enterprises: rows
            .into_iter()
            .map(|(enterprise, changes)| convert::enterprise(enterprise, changes))
            .collect(),
        next_page_token,
    })
}

pub(super) async fn bindings(
    registry: &Registry,
    request: &pb::ListMerchantBindingsRequest,
) -> Result<pb::ListMerchantBindingsResponse, Status> {
    let only = match request.platform_id.as_str() {
        "" => None,
        id => Some(parse::platform_id(id).field("platform_id")?),
    };
    let of = match request.uscc.as_str() {
        "" => None,
        code => Some(parse::uscc(code).field("uscc")?),
    };
    let list = List::new("bindings", &[&request.platform_id, &request.uscc]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[platform, merchant, from]| {
        Some((
            parse::platform_id(platform).ok()?,
            MerchantId::parse(merchant).ok()?,
            parse::day(from).ok()?,
        ))
    })?;
    let rows = registry
        .list_merchant_bindings(only.as_ref(), of, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |last| {
        [
            last.platform_id.to_string(),
            last.merchant_id.to_string(),
            last.bound.from().to_string(),
        ]
    });
    Ok(pb::ListMerchantBindingsResponse {
        bindings: rows.into_iter().map(Into::into).collect(),
        next_page_token,
    })
}

pub(super) async fn platforms(
    registry: &Registry,
    request: &pb::ListPlatformsRequest,
) -> Result<pb::ListPlatformsResponse, Status> {
    let list = List::new("platforms", &[]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[id]| parse::platform_id(id).ok())?;
    let rows = registry
        .list_platforms(after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |last| [last.platform_id.to_string()]);
    Ok(pb::ListPlatformsResponse {
        platforms: rows.into_iter().map(Into::into).collect(),
        next_page_token,
    })
}

/// A page has fewer rows than asked for where batches were large, so its token says whether it is
/// the last, and not its length.
pub(super) async fn changes(
    registry: &Registry,
    request: &pb::ListChangesRequest,
) -> Result<pb::ListChangesResponse, Status> {
    let list = List::new("changes", &[]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[revision]| revision.parse().ok().and_then(Revision::new))?;
    let (rows, more) = registry.list_changes(after, page.size()).await?;
    let next = rows.last().filter(|_| more);
    Ok(pb::ListChangesResponse {
        next_page_token: next
            .map_or_else(String::new, |last| list.token(&[last.revision.to_string()])),
        changes: rows.into_iter().map(Into::into).collect(),
    })
}
