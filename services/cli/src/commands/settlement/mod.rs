//! `gazelle settlement`.

mod decide;
mod explain;
mod find;
mod objection;
mod readiness;
mod run;
mod tables;

use gazelle_kernel::{Period, PlatformId, ProgramId, Year};
use gazelle_proto::settlement::v1::{
    ComputeRunRequest, ListRunsRequest, OwedPeriod, Run, VerifyRunRequest,
};

use find::{find, there};

pub use decide::{approve, publish};
pub use explain::{explain, print_explanation};
pub use find::get;
pub use tables::{enterprises, exclusions};

use super::names;
use crate::args::{ResultTable, RunRef, SettlementCommand};
use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Format, column, progress};
use crate::words;

pub(crate) async fn run(context: &mut Context, command: SettlementCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        SettlementCommand::Compute {
            program,
            through,
            year,
            without,
        } => {
            let wait = progress::waiting(words::COMPUTING.say());
            let computed = compute(&client, &program, through, year, &without).await;
            wait.finish_and_clear();
            let computed = computed?;
            context.out.one(&run::facts(&computed))?;
            match run::emptiness(&computed) {
                Some(empty) if context.out.format() == Format::Table => context.out.line(&empty),
                _ => Ok(()),
            }
        }
        SettlementCommand::Readiness {
            program,
            through,
            year,
        } => readiness::show(context, &client, &program, through, year).await,
        SettlementCommand::Show { run, latest, table } => {
            let newest = latest.map(|program| RunRef::Numbered(program, 0));
            show(context, &client, run.or(newest), table).await
        }
        SettlementCommand::Publish { run } => decide::run_publish(context, &client, run).await,
        SettlementCommand::Approve { run, digest } => {
            decide::run_approve(context, &client, run, digest).await
        }
        SettlementCommand::Cancel { run } => decide::run_cancel(context, &client, run).await,
        SettlementCommand::List { program } => list(context, &client, program).await,
        SettlementCommand::Explain { run, uscc } => {
            explain_to(context, &client, run, uscc.as_str().to_owned()).await
        }
        SettlementCommand::Verify { run } => {
            let run_id = find::id(&client, run).await?;
            verify(context, &client, run_id).await
        }
        SettlementCommand::Object {
            run,
            uscc,
            statement,
        } => {
            let run_id = find::id(&client, run).await?;
            objection::object(context, &client, run_id, uscc, statement).await
        }
        SettlementCommand::Decide {
            run,
            uscc,
            uphold,
            dismiss: _,
            decision,
        } => {
            let about = objection::about(&uscc, uphold);
            let run_id = decide::asked(context, &client, run, &about).await?;
            objection::decide(context, &client, run_id, uscc, uphold, decision).await
        }
        SettlementCommand::Objections { run } => {
            let run_id = find::id(&client, run).await?;
            objection::list(context, &client, &run_id).await
        }
    }
}

async fn show(
    context: &mut Context,
    client: &Client,
    run: Option<RunRef>,
    table: Option<ResultTable>,
) -> Result<(), Failure> {
    let run = run.ok_or_else(|| Failure::new("RUN_NOT_FOUND", words::WHICH_RUN.say()))?;
    match table {
        None => context.out.one(&run::facts(&find(client, run).await?)),
        Some(table) => {
            let run_id = find::id(client, run).await?;
            tables::show(context, client, &run_id, table).await
        }
    }
}

async fn explain_to(
    context: &mut Context,
    client: &Client,
    run: RunRef,
    uscc: String,
) -> Result<(), Failure> {
    let run_id = find::id(client, run).await?;
    let explanation = explain(client, run_id, uscc.clone()).await?;
    let names = names::enterprises(context, client, &[&uscc]).await;
    print_explanation(&mut context.out, &names.text(&uscc), explanation)
}

/// Computes a run.
pub async fn compute(
    client: &Client,
    program: &ProgramId,
    through: Period,
    year: Option<Year>,
    without: &[(PlatformId, Period)],
) -> Result<Run, Failure> {
    let owed = |(platform, period): &(PlatformId, Period)| OwedPeriod {
        platform_id: platform.to_string(),
        period: period.to_string(),
    };
    let request = ComputeRunRequest {
        program_id: program.to_string(),
        through_period: through.to_string(),
        year: year.map_or(0, Year::get),
        left_out: without.iter().map(owed).collect(),
    };
    let answer = client.runs.clone().compute_run(request).await;
    let answer = answer.map_err(|status| match Failure::from(status) {
        missing if missing.reason() == "PERIOD_NOT_SEALED" => missing.hint(words::LEAVE_OUT.say()),
        failure => failure,
    });
    there(answer?.into_inner().run)
}

async fn list(
    context: &mut Context,
    client: &Client,
    program: Option<ProgramId>,
) -> Result<(), Failure> {
    let program_id = program.map(|id| id.to_string()).unwrap_or_default();
    let fetch = async |page_token| {
        let request = ListRunsRequest {
            program_id: program_id.clone(),
            page_size: 1_000,
            page_token,
        };
        let page = client.runs.clone().list_runs(request).await?.into_inner();
        Ok((page.runs, page.next_page_token))
    };
    let names = names::programs(context, client).await;
    let mut listing = context.out.list("runs", run::LIST_COLUMNS);
    pages(fetch, |run| listing.row(run::list_cells(&run, &names))).await?;
    listing.finish(&[])?;
    Ok(())
}

async fn verify(context: &mut Context, client: &Client, run_id: String) -> Result<(), Failure> {
    let wait = progress::waiting(words::COMPUTING_AGAIN.say());
    let answer = client
        .runs
        .clone()
        .verify_run(VerifyRunRequest { run_id })
        .await;
    wait.finish_and_clear();
    let answer = answer?.into_inner();
    context.out.one(&[
        (column("agrees", "agrees"), Cell::Flag(answer.agrees)),
        (
            column("stored_digest", "stored digest"),
            answer.stored_digest.into(),
        ),
        (
            column("recomputed_digest", "recomputed digest"),
            answer.recomputed_digest.into(),
        ),
    ])?;
    if answer.agrees {
        return Ok(());
    }
    Err(disagrees())
}

fn disagrees() -> Failure {
    Failure::new("DIGEST_MISMATCH", words::RUN_DISAGREES.say())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_does_not_agree_is_not_told_as_one_that_somebody_saw_otherwise() {
        let told = words::in_chinese(|| disagrees().to_string());
        assert!(
            told.starts_with("DIGEST_MISMATCH: 摘要不符（重新计算的结果"),
            "{told}"
        );
    }
}
