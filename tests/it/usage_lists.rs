//! What the usage service holds of a month, read as a client does.

use gazelle_cli::client::Client;
use gazelle_proto::usage::v1::{
    GetPeriodRequest, ListRecordsRequest, ListRefusedRecordsRequest, Period, RefusedRecord,
    UsageRecord,
};
use tonic::Status;

pub async fn get_period(client: &Client, platform: &str, period: &str) -> Result<Period, Status> {
    let request = GetPeriodRequest {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
    };
    let found = client.usage.clone().get_period(request).await?;
    Ok(found.into_inner().period.unwrap())
}

pub async fn list_refused(client: &Client, platform: &str, period: &str) -> Vec<RefusedRecord> {
    let (mut all, mut page_token) = (vec![], String::new());
    loop {
        let request = ListRefusedRecordsRequest {
            platform_id: platform.to_owned(),
            period: period.to_owned(),
            page_size: 3,
            page_token,
        };
        let page = client
            .usage
            .clone()
            .list_refused_records(request)
            .await
            .unwrap()
            .into_inner();
        all.extend(page.records);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

pub async fn list_records(client: &Client, platform: &str, period: &str) -> Vec<UsageRecord> {
    let (mut all, mut page_token) = (vec![], String::new());
    loop {
        let request = ListRecordsRequest {
            platform_id: platform.to_owned(),
            period: period.to_owned(),
            record_id: String::new(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .usage
            .clone()
            .list_records(request)
            .await
            .unwrap()
            .into_inner();
        all.extend(page.records);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}
