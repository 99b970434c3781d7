//! What the usage service holds, read as a client does.

use gazelle_client::Client;
use gazelle_proto::audit::v1::VerifyChainRequest;
use gazelle_proto::usage::v1::read_sealed_totals_response::Part;
use gazelle_proto::usage::v1::{
    GetPeriodRequest, ListRecordsRequest, ListRefusedRecordsRequest, Period, PeriodState,
    ReadSealedTotalsRequest, RefusedRecord, UsageRecord,
};
use time::{Duration, macros::date};
use tonic::Status;

use crate::listing::whole;
use crate::trail::{trail, verify};

/// A platform's period, as the service shows it.
pub async fn get_period(client: &Client, platform: &str, period: &str) -> Result<Period, Status> {
    let request = GetPeriodRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
    };
    let found = client.usage.clone().get_period(request).await?;
    Ok(found.into_inner().period.unwrap())
}

/// All refused records of a period.
pub async fn list_refused(client: &Client, platform: &str, period: &str) -> Vec<RefusedRecord> {
    let of_period = ListRefusedRecordsRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
        ..ListRefusedRecordsRequest::default()
    };
    list_refused_as(client, of_period).await
}

/// All refused records that a request is about.
pub async fn list_refused_as(
    client: &Client,
    request: ListRefusedRecordsRequest,
) -> Vec<RefusedRecord> {
    let fetch = async |page_token| {
        let request = ListRefusedRecordsRequest {
            page_size: 3,
            page_token,
            ..request.clone()
        };
        let page = client.usage.clone().list_refused_records(request).await?;
        let page = page.into_inner();
        Ok((page.records, page.next_page_token))
    };
    whole(fetch).await.unwrap()
}

/// All accepted records of a period.
pub async fn list_records(client: &Client, platform: &str, period: &str) -> Vec<UsageRecord> {
    list_withdrawn(client, platform, period, 0).await
}

/// All records of a withdrawal; 0: those that stand.
pub async fn list_withdrawn(
    client: &Client,
    platform: &str,
    period: &str,
    withdrawal_number: i32,
) -> Vec<UsageRecord> {
    let fetch = async |page_token| {
        let request = ListRecordsRequest {
            platform_id: platform.to_owned(),
            period: period.to_owned(),
            record_id: String::new(),
            page_size: 1_000,
            page_token,
            withdrawal_number,
        };
        let page = client.usage.clone().list_records(request).await?;
        let page = page.into_inner();
        Ok((page.records, page.next_page_token))
    };
    whole(fetch).await.unwrap()
}

/// Sees that everything that usage stores is what its trail tells.
pub async fn agrees_with_trail(auditor: &Client) {
    let request = VerifyChainRequest {
        with_state: true,
        ..VerifyChainRequest::default()
    };
    let right = verify(&trail(auditor, "usage"), request).await;
    assert!(right.unwrap().state_compared);
}

/// Everything that `ReadSealedTotals` says, a line each.
pub async fn totals(client: &Client, platforms: &[&str], from: &str, through: &str) -> Vec<String> {
    let request = ReadSealedTotalsRequest {
        platform_ids: platforms.iter().map(|&id| id.to_owned()).collect(),
        from_period: from.to_owned(),
        through_period: through.to_owned(),
    };
    let mut stream = client
        .usage
        .clone()
        .read_sealed_totals(request)
        .await
        .unwrap()
        .into_inner();
    let mut lines = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        match message.part.unwrap() {
            Part::FirstPeriod(first) => {
                lines.push(format!("{} first {}", first.platform_id, first.period));
            }
            Part::Period(period) => {
                let state = match period.state() {
                    PeriodState::Open => "open",
                    PeriodState::Sealed => "sealed",
                    PeriodState::Unspecified => "?",
                };
                lines.push(format!("{} {} {state}", period.platform_id, period.period));
            }
            Part::Totals(part) => {
                for merchant in part.merchants {
                    for (at, kind) in merchant.fee_kinds.iter().enumerate() {
                        lines.push(format!(
                            "{} {} {} {} in {}",
                            merchant.merchant_id,
                            part.fee_kinds[usize::try_from(*kind).unwrap()],
                            date!(1970 - 01 - 01) + Duration::days(merchant.fee_days[at].into()),
                            merchant.fees_fen[at],
                            merchant.record_counts[at]
                        ));
                    }
                }
            }
        }
    }
    lines
}
