//! The usual way, as a baseline: each batch is one `insert .. select from unnest .. on conflict do
//! nothing` into the same table, and acknowledged after its commit.

use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;
use futures::{Stream, StreamExt as _};
use gazelle_proto::batch::{RecordView, ReportUsageRequest};
use gazelle_proto::usage::v1 as pb;
use gazelle_proto::usage::v1::usage_service_server::{UsageService, UsageServiceServer};
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::signal::unix::{SignalKind, signal};
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use crate::data::{FEE_KINDS, PLATFORMS};

/// The variable with the address to listen on.
pub const LISTEN: &str = "BENCH_UNNEST_LISTEN";

const WINDOW_BYTES: u32 = 8 * 1024 * 1024;

const INSERT: &str = "insert into record (platform, period, fee_kind, amount_fen, key, occurred_on, fee_date, record_id, merchant_id) \
     select $1, $2, fee_kind, amount, key, day::date, day::date, id, merchant \
     from unnest($3::int8[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::int4[]) given (amount, key, day, id, merchant, fee_kind) \
     on conflict do nothing";

/// Serves until it is told to stop.
pub async fn serve(url: &str) -> Result<()> {
    let address = std::env::var(LISTEN)?.parse()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = PgPoolOptions::new()
        .max_connections(u32::try_from(cores)?)
        .acquire_timeout(Duration::from_mins(1))
        .connect(url)
        .await?;
    let mut stop = signal(SignalKind::terminate())?;
    tonic::transport::Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .add_service(UsageServiceServer::new(Unnest(pool)))
        .serve_with_shutdown(address, async move {
            stop.recv().await;
        })
        .await?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Unnest(PgPool);

impl Unnest {
    async fn insert(&self, batch: ReportUsageRequest) -> pb::ReportUsageResponse {
        let platform = PLATFORMS.iter().position(|id| batch.platform_id == *id);
        let number: usize = batch.period[5..].parse().unwrap();
        let records: Vec<RecordView<'_>> = batch.records.iter().map(Result::unwrap).collect();
        let amounts: Vec<i64> = records.iter().map(|r| r.amount_fen).collect();
        let key = |record: &RecordView<'_>| {
            Uuid::from_slice(&Sha256::digest(record.record_id)[..16]).unwrap()
        };
        let keys: Vec<Uuid> = records.iter().map(key).collect();
        let days: Vec<&str> = records.iter().map(|r| r.occurred_on).collect();
        let ids: Vec<&str> = records.iter().map(|r| r.record_id).collect();
        let merchants: Vec<&str> = records.iter().map(|r| r.merchant_id).collect();
        let kind = |record: &RecordView<'_>| {
            let place = FEE_KINDS.iter().position(|kind| *kind == record.fee_kind);
            i32::try_from(place.unwrap() + 1).unwrap()
        };
        let kinds: Vec<i32> = records.iter().map(kind).collect();
        let inserted = sqlx::query(INSERT)
            .bind(i16::try_from(platform.unwrap() + 1).unwrap())
            .bind(i16::try_from(2017 * 12 + number - 1).unwrap())
            .bind(amounts)
            .bind(keys)
            .bind(days)
            .bind(ids)
            .bind(merchants)
            .bind(kinds)
            .execute(&self.0)
            .await
            .unwrap();
        let accepted_count = i32::try_from(inserted.rows_affected()).unwrap();
        pb::ReportUsageResponse {
            sequence: batch.sequence,
            accepted_count,
            duplicate_count: i32::try_from(batch.records.len()).unwrap() - accepted_count,
            ..Default::default()
        }
    }
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl UsageService for Unnest {
    type ReportUsageStream = Answers<pb::ReportUsageResponse>;
    type ReadSealedTotalsStream = Answers<pb::ReadSealedTotalsResponse>;

    async fn report_usage(
        &self,
        request: Request<Streaming<ReportUsageRequest>>,
    ) -> Answer<Self::ReportUsageStream> {
        let this = self.clone();
        let answers = request.into_inner().then(move |batch| {
            let this = this.clone();
            async move { Ok(this.insert(batch?).await) }
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn submit_statement(
        &self,
        _: Request<pb::SubmitStatementRequest>,
    ) -> Answer<pb::SubmitStatementResponse> {
        Err(Status::unimplemented(""))
    }

    async fn withdraw_period(
        &self,
        _: Request<pb::WithdrawPeriodRequest>,
    ) -> Answer<pb::WithdrawPeriodResponse> {
        Err(Status::unimplemented(""))
    }

    async fn seal_period(
        &self,
        _: Request<pb::SealPeriodRequest>,
    ) -> Answer<pb::SealPeriodResponse> {
        Err(Status::unimplemented(""))
    }

    async fn get_period(&self, _: Request<pb::GetPeriodRequest>) -> Answer<pb::GetPeriodResponse> {
        Err(Status::unimplemented(""))
    }

    async fn list_periods(
        &self,
        _: Request<pb::ListPeriodsRequest>,
    ) -> Answer<pb::ListPeriodsResponse> {
        Err(Status::unimplemented(""))
    }

    async fn list_records(
        &self,
        _: Request<pb::ListRecordsRequest>,
    ) -> Answer<pb::ListRecordsResponse> {
        Err(Status::unimplemented(""))
    }

    async fn list_refused_records(
        &self,
        _: Request<pb::ListRefusedRecordsRequest>,
    ) -> Answer<pb::ListRefusedRecordsResponse> {
        Err(Status::unimplemented(""))
    }

    async fn read_sealed_totals(
        &self,
        _: Request<pb::ReadSealedTotalsRequest>,
    ) -> Answer<Self::ReadSealedTotalsStream> {
        Err(Status::unimplemented(""))
    }
}
