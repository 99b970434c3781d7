//! Serves `ListRecords`.

use gazelle_kernel::RecordId;
use gazelle_proto::{optional, usage::v1 as pb};
use gazelle_runtime::{access::principal, page::List, status::Fields};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::{app::App, domain::key::RecordKey};

/// Lists the records of a period, page by page, or shows one of them.
pub async fn list(
    app: &App,
    request: Request<pb::ListRecordsRequest>,
) -> Result<Response<pb::ListRecordsResponse>, Status> {
    let (caller, asked) = (principal(&request), request.get_ref());
    let mut fields = Fields::default();
    let named = parse::period(&mut fields, &asked.platform_id, &asked.period);
    let withdrawal = fields.note(parse::withdrawal_number(asked.withdrawal_number));
    let id = fields.read(
        "record_id",
        optional::parse(&asked.record_id, RecordId::parse),
    );
    let (((platform, period), withdrawal), id) = fields.finish(named.zip(withdrawal).zip(id))?;
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
    if let Some(id) = id {
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
