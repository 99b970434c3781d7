//! Lists, page by page.

use gazelle_kernel::{Period, PlatformId, RecordId};
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, auth::Principal, page::List, status::FieldExt};
use time::OffsetDateTime;
use tonic::{Request, Status};

use super::{Usage, may_see, parse_period};
use crate::{
    app::AppError,
    domain::RecordKey,
    store::{
        period::Selection,
        refused::{After, Kept},
    },
};

impl Usage {
    pub(super) async fn periods(
        &self,
        request: &Request<pb::ListPeriodsRequest>,
    ) -> Result<pb::ListPeriodsResponse, Status> {
        let asked = request.get_ref();
        let mut only = match asked.platform_id.as_str() {
            "" => None,
            id => Some(PlatformId::parse(id).field("platform_id")?),
        };
        let list = List::new("periods", &[&asked.platform_id]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let after = page.after(|[platform, period]| {
            Some((
                PlatformId::parse(platform).ok()?,
                Period::parse(period).ok()?,
            ))
        })?;
        if let Principal::Platform(own) = principal(request) {
            match &only {
                Some(other) if other != own => return Ok(pb::ListPeriodsResponse::default()),
                Some(_) | None => only = Some(own.clone()),
            }
        }
        let which = Selection {
            platform_ids: only.map(|id| vec![id.as_str().into()]),
            after,
            limit: Some(page.limit()),
            ..Selection::default()
        };
        let accounts = self.app.list_periods(&which).await?;
        let (accounts, next_page_token) = list.cut(&page, accounts, |last| {
            [last.platform_id.to_string(), last.period.to_string()]
        });
        Ok(pb::ListPeriodsResponse {
            periods: accounts.into_iter().map(Into::into).collect(),
            next_page_token,
        })
    }

    pub(super) async fn records(
        &self,
        request: &Request<pb::ListRecordsRequest>,
    ) -> Result<pb::ListRecordsResponse, Status> {
        let asked = request.get_ref();
        let (platform, period) = parse_period(&asked.platform_id, &asked.period)?;
        let filter = [&asked.platform_id, &asked.period, &asked.record_id];
        let list = List::new("records", &filter.map(String::as_str));
        let page = list.page(asked.page_size, &asked.page_token)?;
        let after = page.after(|[key]| key.parse().ok().map(RecordKey))?;
        let only = match asked.record_id.as_str() {
            "" => None,
            id => Some(RecordId::parse(id).field("record_id")?),
        };
        if !may_see(request, &platform) {
            return Err(AppError::PeriodNotFound.into());
        }
        if let Some(id) = only {
            let found = self.app.find_record(&platform, period, &id).await?;
            return Ok(pb::ListRecordsResponse {
                records: found.into_iter().map(Into::into).collect(),
                next_page_token: String::new(),
            });
        }
        let records = self
            .app
            .list_records(&platform, period, after, page.limit())
            .await?;
        let (records, next_page_token) = list.cut(&page, records, |(key, _)| [key.0.to_string()]);
        Ok(pb::ListRecordsResponse {
            records: records
                .into_iter()
                .map(|(_, record)| record.into())
                .collect(),
            next_page_token,
        })
    }

    pub(super) async fn refused_records(
        &self,
        request: &Request<pb::ListRefusedRecordsRequest>,
    ) -> Result<pb::ListRefusedRecordsResponse, Status> {
        let asked = request.get_ref();
        let (platform, period) = parse_period(&asked.platform_id, &asked.period)?;
        let list = List::new("refused", &[&asked.platform_id, &asked.period]);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let after = page.after(refused_after)?;
        if !may_see(request, &platform) {
            return Ok(pb::ListRefusedRecordsResponse::default());
        }
        let kept = self
            .app
            .list_refused(&platform, period, after.as_ref(), page.limit())
            .await?;
        let (kept, next_page_token) = list.cut(&page, kept, refused_key);
        Ok(pb::ListRefusedRecordsResponse {
            records: kept.into_iter().map(Into::into).collect(),
            next_page_token,
        })
    }
}

/// When it first came in microseconds, its content and its reason.
fn refused_key(kept: &Kept) -> [String; 3] {
    let microseconds = kept.first_received_at.unix_timestamp_nanos() / 1_000;
    [
        microseconds.to_string(),
        kept.content_key.to_string(),
        kept.reason.clone(),
    ]
}

fn refused_after([microseconds, content_key, reason]: [&str; 3]) -> Option<After> {
    let nanoseconds = microseconds.parse::<i128>().ok()?.checked_mul(1_000)?;
    Some(After {
        first_received_at: OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?,
        content_key: content_key.parse().ok()?,
        reason: reason.into(),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::SentRecord;

    #[test]
    fn the_key_of_a_refused_record_leads_back_to_it() {
        let kept = Kept {
            record: SentRecord::default(),
            content_key: Uuid::from_u128(7),
            reason: "RECORD_CONFLICT".into(),
            message: String::new(),
            first_received_at: time::macros::datetime!(2017-03-05 08:00:00.123456 UTC),
            times: 1,
        };
        let key = refused_key(&kept);
        let after = refused_after(key.each_ref().map(String::as_str)).unwrap();
        assert_eq!(
            (after.first_received_at, after.content_key, after.reason),
            (kept.first_received_at, kept.content_key, kept.reason)
        );
        assert!(refused_after(["soon", "7", "RECORD_CONFLICT"]).is_none());
    }
}
