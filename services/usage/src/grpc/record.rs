//! Serves `ListRecords`.

use gazelle_kernel::RecordId;
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, page::List, status::FieldExt};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::{app::App, domain::key::RecordKey};

/// Lists the records of a period, page by page, or shows one of them.
pub async fn list(
    app: &App,
    request: Request<pb::ListRecordsRequest>,
) -> Result<Response<pb::ListRecordsResponse>, Status> {
    let (caller, asked) = (principal(&request), request.get_ref());
    let (platform, period) = parse::period(&asked.platform_id, &asked.period)?;
    let withdrawal = parse::withdrawal_number(asked.withdrawal_number)?;
    let filter = [
        &asked.platform_id,
        &asked.period,
        &asked.record_id,
        &withdrawal.to_string(),
    ];
    let list = List::new("records", &filter.map(String::as_str));
    let page = list.page(asked.page_size, &asked.page_token)?;
    let after = page.after(|[key]| key.parse().ok().map(RecordKey))?;
    let named_period = (&platform, period);
    if !asked.record_id.is_empty() {
        let id = RecordId::parse(&asked.record_id).field("record_id")?;
        let found = app
            .find_record(caller, named_period, withdrawal, &id)
            .await?;
        return Ok(Response::new(pb::ListRecordsResponse {
            records: found.iter().map(render::record).collect(),
            next_page_token: String::new(),
        }));
    }
    let records = app.list_records(caller, named_period, withdrawal, after, page.limit());
    let (records, next_page_token) =
        list.cut(&page, records.await?, |(key, _)| [key.0.to_string()]);
    Ok(Response::new(pb::ListRecordsResponse {
        records: records
            .iter()
            .map(|(_, record)| render::record(record))
            .collect(),
        next_page_token,
    }))
}
