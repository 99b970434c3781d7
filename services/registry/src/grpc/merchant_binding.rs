//! Serves what is asked of merchant bindings.

use gazelle_kernel::{MerchantId, PlatformId, parse_date};
use gazelle_proto::{optional, registry::v1 as pb};
use gazelle_runtime::{access::principal, page::List, status::Fields};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        common::{batch, uscc},
        merchant_binding::binding,
    },
    render::{self, import::imported},
};
use crate::app::App;

/// Binds accounts of merchants.
pub async fn put(
    app: &App,
    request: Request<pb::PutMerchantBindingsRequest>,
) -> Result<Response<pb::PutMerchantBindingsResponse>, Status> {
    let items = batch(&request.get_ref().bindings, binding)?;
    let result = app
        .put_merchant_bindings(principal(&request), items)
        .await?;
    Ok(Response::new(pb::PutMerchantBindingsResponse {
        result: Some(imported(&result)),
    }))
}

/// Lists bindings.
pub async fn list(
    app: &App,
    request: Request<pb::ListMerchantBindingsRequest>,
) -> Result<Response<pb::ListMerchantBindingsResponse>, Status> {
    let request = request.get_ref();
    let mut fields = Fields::default();
    let platform_id = optional::parse(&request.platform_id, PlatformId::parse);
    let platform_id = fields.read("platform_id", platform_id);
    let uscc = fields.read("uscc", optional::parse(&request.uscc, uscc));
    let (platform_id, uscc) = fields.finish(platform_id.zip(uscc))?;
    let list = List::new("bindings", &[&request.platform_id, &request.uscc]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[platform, merchant, from]| {
        Some((
            PlatformId::parse(platform).ok()?,
            MerchantId::parse(merchant).ok()?,
            parse_date(from).ok()?,
        ))
    })?;
    let limit = page.limit();
    let rows = app
        .list_merchant_bindings(platform_id.as_ref(), uscc, after.as_ref(), limit)
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |last| {
        [
            last.platform_id.to_string(),
            last.merchant_id.to_string(),
            last.bound.from().to_string(),
        ]
    });
    Ok(Response::new(pb::ListMerchantBindingsResponse {
        bindings: rows.iter().map(render::merchant_binding::binding).collect(),
        next_page_token,
    }))
}
