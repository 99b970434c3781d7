//! One period of the story.

use std::collections::HashMap;
use std::path::Path;

use gazelle_kernel::{Fen, Period, PlatformId, ProgramId};
use gazelle_proto::settlement::v1::Run;
use indicatif::ProgressBar;

use super::cast::Cast;
use crate::args::PlatformPeriod;
use crate::client::Client;
use crate::commands::{report, settlement, usage};
use crate::failure::Failure;
use crate::input::rows::RowFile;
use crate::output::thousands;
use crate::words;

/// What a period came to.
pub(super) struct SettledPeriod {
    pub(super) period: Period,
    records: i64,
    fees_fen: i64,
    /// The approved runs, in the order of the programs.
    pub(super) runs: Vec<Run>,
}

/// Count and sum that a platform states, by platform and period.
pub(super) type Statements = HashMap<(String, String), (i64, i64)>;

/// Reads the city's `statements.csv`.
pub(super) fn statements(city: &Path) -> Result<Statements, Failure> {
    let columns = ["platform_id", "period", "record_count", "total_fen"];
    let mut file = RowFile::open(&city.join("statements.csv"), &columns, &[])?;
    let mut statements = Statements::new();
    while let Some(row) = file.next_row()? {
        let row = row.map_err(|bad| Failure::new(bad.reason, bad.message))?;
        let [platform, period, records, total] = <[String; 4]>::try_from(row.fields)
            .map_err(|_| Failure::new("INTERNAL", "a row has as many fields as were asked for"))?;
        let figures = (Fen::parse(&records)?.get(), Fen::parse(&total)?.get());
        statements.insert((platform, period), figures);
    }
    Ok(statements)
}

/// The platforms report and state, the officer seals, computes and publishes, the approver
/// approves.
pub(super) async fn play(
    cast: &Cast,
    city: &Path,
    statements: &Statements,
    programs: &[ProgramId],
    period: Period,
) -> Result<SettledPeriod, Failure> {
    let reports = cast
        .platforms
        .iter()
        .map(|(id, client)| report_and_state(client, city, statements, id, period));
    let reported = futures::future::try_join_all(reports).await?;
    for (platform, _) in &cast.platforms {
        usage::seal_period(&cast.officer, &platform_period(platform, period), None).await?;
    }
    let mut runs = Vec::new();
    for program in programs {
        let run = settlement::compute(&cast.officer, program, period, None, &[]).await?;
        settlement::publish(&cast.officer, run.run_id.clone()).await?;
        runs.push(settlement::approve(&cast.approver, run.run_id, Some(run.digest)).await?);
    }
    Ok(SettledPeriod {
        period,
        records: reported.iter().map(|(records, _)| records).sum(),
        fees_fen: reported.iter().map(|(_, total)| total).sum(),
        runs,
    })
}

fn platform_period(platform: &PlatformId, period: Period) -> PlatformPeriod {
    PlatformPeriod {
        platform: platform.clone(),
        period,
    }
}

async fn report_and_state(
    client: &Client,
    city: &Path,
    statements: &Statements,
    platform: &PlatformId,
    period: Period,
) -> Result<(i64, i64), Failure> {
    let file = city.join(format!("usage/{platform}/{period}.csv"));
    let refused = |bad: crate::input::rows::BadRow| {
        let message = words::told_in_words(&bad.reason, &bad.message);
        Err(Failure::new(bad.reason, message))
    };
    let job = report::Job {
        platform,
        period,
        source: report::Source::open(&file)?,
        check_only: false,
        expected: report::Expected::default(),
    };
    let reported = report::run(&client.usage, job, &ProgressBar::hidden(), refused).await?;
    reported.tally.check(None).agreed()?;
    let key = (platform.to_string(), period.to_string());
    let (records, total_fen) = statements.get(&key).copied().unwrap_or_default();
    usage::submit(
        client,
        &platform_period(platform, period),
        records,
        total_fen,
    )
    .await?;
    Ok((records, total_fen))
}

impl SettledPeriod {
    /// As a line of the demo says it.
    pub(super) fn line(&self) -> String {
        let granted: i64 = self.totals().map(|totals| totals.line_government_fen).sum();
        let (fees, granted) = (
            Fen::new(self.fees_fen).to_yuan(),
            Fen::new(granted).to_yuan(),
        );
        words::MONTH.with(&[
            ("period", &self.period),
            ("records", &format!("{:>8}", thousands(self.records))),
            ("fees", &format!("{fees:>14}")),
            ("granted", &format!("{granted:>12}")),
        ])
    }

    /// The sums of its runs, in the order of the programs.
    pub(super) fn totals(
        &self,
    ) -> impl Iterator<Item = gazelle_proto::settlement::v1::RunTotals> + '_ {
        self.runs.iter().map(|run| run.totals.unwrap_or_default())
    }
}
