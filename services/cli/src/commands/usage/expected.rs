//! What a report is compared with before it costs a month: programs' fee kinds, the platform's
//! first month. Who may not ask, or nobody answers, is not told.

use std::collections::BTreeSet;
use std::time::Duration;

use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::settlement::v1::ListProgramsRequest;
use gazelle_proto::usage::v1::ListPeriodsRequest;

use crate::client::{Client, pages};
use crate::commands::platform;
use crate::commands::report::Expected;
use crate::failure::Failure;

/// Longest wait for an answer: a remark is not worth more.
const WAIT: Duration = Duration::from_secs(3);

pub(super) async fn ask(client: &Client, platform: &PlatformId) -> Expected {
    let asked = tokio::time::timeout(WAIT, ask_all(client, platform)).await;
    asked.unwrap_or_default()
}

async fn ask_all(client: &Client, platform: &PlatformId) -> Expected {
    Expected {
        fee_kinds: fee_kinds(client)
            .await
            .ok()
            .filter(|kinds| !kinds.is_empty()),
        first_period: first_period(client, platform).await,
    }
}

async fn fee_kinds(client: &Client) -> Result<BTreeSet<String>, Failure> {
    let mut kinds = BTreeSet::new();
    let fetch = async |page_token| {
        let request = ListProgramsRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client.programs.clone().list_programs(request).await?;
        let page = page.into_inner();
        Ok((page.programs, page.next_page_token))
    };
    pages(fetch, |program| {
        kinds.extend(program.shares.into_iter().map(|share| share.fee_kind));
        Ok::<_, Failure>(())
    })
    .await?;
    Ok(kinds)
}

/// The month that the registry has, else the first in which the platform reported anything.
async fn first_period(client: &Client, platform: &PlatformId) -> Option<Period> {
    let known = platform::find(client, platform.as_str())
        .await
        .ok()
        .flatten();
    if let Some(period) = known.and_then(|known| Period::parse(&known.reports_from).ok()) {
        return Some(period);
    }
    let request = ListPeriodsRequest {
        platform_id: platform.to_string(),
        page_size: 1,
        page_token: String::new(),
    };
    let first = client.usage.clone().list_periods(request).await.ok()?;
    Period::parse(&first.into_inner().periods.first()?.period).ok()
}
