//! The writers without gRPC around them: what `make bench` compares the service with. No part of
//! what the crate offers.

use std::sync::Arc;

use anyhow::Context as _;
use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_runtime::{clock::Clock, config::DatabaseConfig, database};

use crate::{
    config::IngestConfig,
    grpc::sent,
    ingest::{Batch, Ingest, Writers},
    names::Names,
};

/// Writers configured by default.
#[derive(Debug)]
pub struct Direct {
    ingest: Ingest,
    writers: Writers,
}

/// Where batches are handed in.
#[derive(Debug, Clone)]
pub struct Intake(Ingest);

impl Direct {
    /// Starts them on a database with the service's tables.
    pub async fn start(database: &DatabaseConfig) -> Result<Self, database::ConnectError> {
        let config = IngestConfig::default();
        let mut database = database.clone();
        database.max_connections = Writers::connections(&config);
        let pool = database::connect("usage-writers", &database).await?;
        let (ingest, writers) = Writers::start(&config, pool, Arc::new(Names::default()));
        Ok(Self { ingest, writers })
    }

    /// Where batches are handed in.
    #[must_use]
    pub fn ingest(&self) -> Intake {
        Intake(self.ingest.clone())
    }

    /// Returns when what is queued is written.
    pub async fn finish(self) {
        self.writers.finish().await;
    }
}

impl Intake {
    /// Queues a batch; then waits, apart from that, for how many of its records are new.
    pub async fn submit(
        &self,
        request: ReportUsageRequest,
    ) -> anyhow::Result<impl Future<Output = anyhow::Result<i32>> + use<>> {
        let mut batch = Batch::new(
            PlatformId::parse(&request.platform_id)?,
            Period::parse(&request.period)?,
            Clock::system().now(),
        );
        batch.begin_message(request.records.len(), request.records.encoded_len());
        for view in &request.records {
            batch.push(sent(view?));
        }
        let count = batch.len();
        let answer = self.0.submit(batch).await?;
        Ok(async move {
            let acknowledgement = answer.await.context("the writer was lost")??;
            Ok(i32::try_from(count)? - i32::try_from(acknowledgement.remarks.len())?)
        })
    }
}
