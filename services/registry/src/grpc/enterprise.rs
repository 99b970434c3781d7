//! Serves what is asked of enterprises.

use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::{access::principal, page::List, status::FieldExt};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        common::{batch, uscc},
        enterprise::{code_change, enterprise},
    },
    render::{self, enterprise::facts, import::imported, merchant_binding::binding},
};
use crate::app::App;

/// Creates or changes enterprises.
pub async fn put(
    app: &App,
    request: Request<pb::PutEnterprisesRequest>,
) -> Result<Response<pb::PutEnterprisesResponse>, Status> {
    let items = batch(&request.get_ref().enterprises, enterprise)?;
    let result = app.put_enterprises(principal(&request), items).await?;
    Ok(Response::new(pb::PutEnterprisesResponse {
        result: Some(imported(&result)),
    }))
}

/// Records a dated change of a code.
pub async fn change_code(
    app: &App,
    request: Request<pb::ChangeEnterpriseCodeRequest>,
) -> Result<Response<pb::ChangeEnterpriseCodeResponse>, Status> {
    let change = code_change(request.get_ref())?;
    let (record, revision) = app
        .change_enterprise_code(principal(&request), change)
        .await?;
    let enterprise = render::enterprise::enterprise(&record.enterprise, &record.code_changes);
    Ok(Response::new(pb::ChangeEnterpriseCodeResponse {
        enterprise: Some(enterprise),
        revision: revision.get(),
    }))
}

/// Shows an enterprise.
pub async fn get(
    app: &App,
    request: Request<pb::GetEnterpriseRequest>,
) -> Result<Response<pb::GetEnterpriseResponse>, Status> {
    let uscc = uscc(&request.get_ref().uscc).field("uscc")?;
    let (record, bindings) = app.get_enterprise(uscc).await?;
    let facts = facts(&record);
    Ok(Response::new(pb::GetEnterpriseResponse {
        enterprise: facts.enterprise,
        filings: facts.filings,
        suspensions: facts.suspensions,
        bindings: bindings.iter().map(binding).collect(),
    }))
}

/// Lists enterprises with the changes of their codes.
pub async fn list(
    app: &App,
    request: Request<pb::ListEnterprisesRequest>,
) -> Result<Response<pb::ListEnterprisesResponse>, Status> {
    let request = request.get_ref();
    let list = List::new("enterprises", &[]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[code]| uscc(code).ok())?;
    let rows = app.list_enterprises(after, page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |(last, _)| [last.uscc.to_string()]);
    Ok(Response::new(pb::ListEnterprisesResponse {
        enterprises: rows
            .iter()
            .map(|(enterprise, changes)| render::enterprise::enterprise(enterprise, changes))
            .collect(),
        next_page_token,
    }))
}
