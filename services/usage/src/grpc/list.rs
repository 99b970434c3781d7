//! Lists, page by page.

use gazelle_kernel::{Period, PlatformId, RecordId};
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, auth::Principal, status::FieldExt};
use time::OffsetDateTime;
use tonic::{Request, Status};
use uuid::Uuid;

use super::{
    Usage, may_see,
    page::{self, List},
    parse_period,
};
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
        let size = page::size(asked.page_size)?;
        let mut only = match asked.platform_id.as_str() {
            "" => None,
            id => Some(PlatformId::parse(id).field("platform_id")?),
        };
        let list = List(&["periods", &asked.platform_id]);
        let after = list.after(&asked.page_token)?;
        let after = after
            .map(|key| periods_key(&key).ok_or_else(page::invalid))
            .transpose()?;
        if let Principal::Platform(own) = principal(request) {
            match &only {
                Some(other) if other != own => return Ok(pb::ListPeriodsResponse::default()),
                Some(_) | None => only = Some(own.clone()),
            }
        }
        let which = Selection {
            platform_ids: only.map(|id| vec![id.as_str().into()]),
            after,
            limit: Some(size + 1),
            ..Selection::default()
        };
        let mut accounts = self.app.list_periods(&which).await?;
        let more = page::cut(&mut accounts, size);
        let next_page_token = accounts.last().filter(|_| more).map(|last| {
            let mut key = last.period.index().to_be_bytes().to_vec();
            key.extend_from_slice(last.platform_id.as_str().as_bytes());
            list.token(&key)
        });
        Ok(pb::ListPeriodsResponse {
            periods: accounts.into_iter().map(Into::into).collect(),
            next_page_token: next_page_token.unwrap_or_default(),
        })
    }

    pub(super) async fn records(
        &self,
        request: &Request<pb::ListRecordsRequest>,
    ) -> Result<pb::ListRecordsResponse, Status> {
        let asked = request.get_ref();
        let (platform, period) = parse_period(&asked.platform_id, &asked.period)?;
        let size = page::size(asked.page_size)?;
        let list = List(&[
            "records",
            &asked.platform_id,
            &asked.period,
            &asked.record_id,
        ]);
        let after = list.after(&asked.page_token)?;
        let after = after
            .map(|key| records_key(&key).ok_or_else(page::invalid))
            .transpose()?;
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
        let mut records = self
            .app
            .list_records(&platform, period, after, size + 1)
            .await?;
        let more = page::cut(&mut records, size);
        let next_page_token = records
            .last()
            .filter(|_| more)
            .map(|(key, _)| list.token(&key.0.to_be_bytes()));
        Ok(pb::ListRecordsResponse {
            records: records
                .into_iter()
                .map(|(_, record)| record.into())
                .collect(),
            next_page_token: next_page_token.unwrap_or_default(),
        })
    }

    pub(super) async fn refused_records(
        &self,
        request: &Request<pb::ListRefusedRecordsRequest>,
    ) -> Result<pb::ListRefusedRecordsResponse, Status> {
        let asked = request.get_ref();
        let (platform, period) = parse_period(&asked.platform_id, &asked.period)?;
        let size = page::size(asked.page_size)?;
        let list = List(&["refused", &asked.platform_id, &asked.period]);
        let after = list.after(&asked.page_token)?;
        let after = after
            .map(|key| refused_after(&key).ok_or_else(page::invalid))
            .transpose()?;
        if !may_see(request, &platform) {
            return Ok(pb::ListRefusedRecordsResponse::default());
        }
        let mut kept = self
            .app
            .list_refused(&platform, period, after.as_ref(), size + 1)
            .await?;
        let more = page::cut(&mut kept, size);
        let next_page_token = kept
            .last()
            .filter(|_| more)
            .map(|last| list.token(&refused_key(last)));
        Ok(pb::ListRefusedRecordsResponse {
            records: kept.into_iter().map(Into::into).collect(),
            next_page_token: next_page_token.unwrap_or_default(),
        })
    }
}

fn periods_key(key: &[u8]) -> Option<(PlatformId, Period)> {
    let (period, platform) = key.split_first_chunk()?;
    let period = Period::from_index(i16::from_be_bytes(*period)).ok()?;
    Some((
        PlatformId::parse(std::str::from_utf8(platform).ok()?).ok()?,
        period,
    ))
}

fn records_key(key: &[u8]) -> Option<RecordKey> {
    Some(RecordKey(u128::from_be_bytes(key.try_into().ok()?)))
}

/// When it first came in microseconds, its content and its reason.
fn refused_key(kept: &Kept) -> Vec<u8> {
    let microseconds = kept.first_received_at.unix_timestamp_nanos() / 1_000;
    let mut key = microseconds.to_be_bytes().to_vec();
    key.extend_from_slice(kept.content_key.as_bytes());
    key.extend_from_slice(kept.reason.as_bytes());
    key
}

fn refused_after(key: &[u8]) -> Option<After> {
    let (microseconds, key) = key.split_first_chunk()?;
    let (content_key, reason) = key.split_first_chunk()?;
    let nanoseconds = i128::from_be_bytes(*microseconds).checked_mul(1_000)?;
    Some(After {
        first_received_at: OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?,
        content_key: Uuid::from_bytes(*content_key),
        reason: std::str::from_utf8(reason).ok()?.into(),
    })
}

#[cfg(test)]
mod tests {
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
        let after = refused_after(&refused_key(&kept)).unwrap();
        assert_eq!(
            (after.first_received_at, after.content_key, after.reason),
            (kept.first_received_at, kept.content_key, kept.reason)
        );
        assert!(refused_after(b"short").is_none());
    }
}
