//! Serves `ListRefusedRecords`.

use gazelle_kernel::Instant;
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, page::List, status::Fields};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::{
    app::App,
    domain::refused::{RefusedAfter, RefusedRecord, RefusedSelection},
};

/// Lists the refused records of a period, page by page.
pub async fn list(
    app: &App,
    request: Request<pb::ListRefusedRecordsRequest>,
) -> Result<Response<pb::ListRefusedRecordsResponse>, Status> {
    let asked = request.get_ref();
    let mut fields = Fields::default();
    let named = parse::period(&mut fields, &asked.platform_id, &asked.period);
    let withdrawal = fields.note(parse::withdrawal_number(asked.withdrawal_number));
    let ((platform, period), withdrawal) = fields.finish(named.zip(withdrawal))?;
    let which = RefusedSelection {
        withdrawal,
        by_seal_only: asked.refused_by_seal,
    };
    let filter = [
        &asked.platform_id,
        &asked.period,
        &which.withdrawal.to_string(),
        &which.by_seal_only.to_string(),
    ];
    let list = List::new("refused", &filter.map(String::as_str));
    let page = list.page(asked.page_size, &asked.page_token)?;
    let after = page.after(after)?;
    let refused = app.list_refused_records(
        principal(&request),
        (&platform, period),
        which,
        after.as_ref(),
        page.limit(),
    );
    let (refused, next_page_token) = list.cut(&page, refused.await?, key);
    Ok(Response::new(pb::ListRefusedRecordsResponse {
        records: refused.into_iter().map(render::refused).collect(),
        next_page_token,
    }))
}

/// When it first came in microseconds, its content and its reason.
fn key(refused: &RefusedRecord) -> [String; 3] {
    let microseconds = refused.first_received_at.unix_timestamp_nanos() / 1_000;
    [
        microseconds.to_string(),
        refused.content_key.to_string(),
        refused.reason.clone(),
    ]
}

fn after([microseconds, content_key, reason]: [&str; 3]) -> Option<RefusedAfter> {
    let nanoseconds = microseconds.parse::<i128>().ok()?.checked_mul(1_000)?;
    Some(RefusedAfter {
        first_received_at: Instant::from_unix_timestamp_nanos(nanoseconds).ok()?,
        content_key: content_key.parse().ok()?,
        reason: reason.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sent::SentRecord;

    #[test]
    fn the_key_of_a_refused_record_leads_back_to_it() {
        let refused = RefusedRecord {
            record: SentRecord::default(),
            content_key: 7,
            reason: "RECORD_CONFLICT".into(),
            message: String::new(),
            first_received_at: time::macros::datetime!(2017-03-05 08:00:00.123456 UTC),
            times: 1,
            is_resolved: false,
        };
        let [at, content, reason] = key(&refused);
        let found = after([&at, &content, &reason]).unwrap();
        assert_eq!(
            (found.first_received_at, found.content_key, found.reason),
            (
                refused.first_received_at,
                refused.content_key,
                refused.reason
            )
        );
        assert!(after(["soon", "7", "RECORD_CONFLICT"]).is_none());
    }
}
