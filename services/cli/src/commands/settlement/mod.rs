//! `gazelle settlement`.

mod explain;
mod objection;
mod run;
mod tables;

use gazelle_kernel::{Period, ProgramId, Year};
use gazelle_proto::settlement::v1::{
    ApproveRunRequest, CancelRunRequest, ComputeRunRequest, GetRunRequest, ListRunsRequest,
    PublishRunRequest, Run, VerifyRunRequest,
};

pub use explain::{explain, print_explanation};
pub use tables::{enterprises, exclusions};

use super::Context;
use crate::args::SettlementCommand;
use crate::client::{Client, pages};
use crate::failure::Failure;
use crate::output::{Cell, column, progress};

pub(super) async fn run(context: &mut Context, command: SettlementCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        SettlementCommand::Compute {
            program,
            through,
            year,
        } => {
            let wait = progress::waiting("computing");
            let computed = compute(&client, &program, through, year).await;
            wait.finish_and_clear();
            context.out.one(&run::facts(&computed?))
        }
        SettlementCommand::Show { run, table: None } => {
            let found = get(&client, run).await?;
            context.out.one(&run::facts(&found))
        }
        SettlementCommand::Show {
            run,
            table: Some(table),
        } => tables::show(context, &client, &run, table).await,
        SettlementCommand::Publish { run } => {
            let published = publish(&client, run).await?;
            context.out.one(&run::facts(&published))
        }
        SettlementCommand::Approve { run, digest } => {
            let approved = approve(&client, run, digest).await?;
            context.out.one(&run::facts(&approved))
        }
        SettlementCommand::Cancel { run } => {
            let request = CancelRunRequest { run_id: run };
            let answer = client.runs.clone().cancel_run(request).await?.into_inner();
            context.out.one(&run::facts(&there(answer.run)?))
        }
        SettlementCommand::List { program } => list(context, &client, program).await,
        SettlementCommand::Explain { run, uscc } => {
            let explanation = explain(&client, run, uscc.to_string()).await?;
            print_explanation(&mut context.out, explanation)
        }
        SettlementCommand::Verify { run } => verify(context, &client, run).await,
        SettlementCommand::Object {
            run,
            uscc,
            statement,
        } => objection::object(context, &client, run, uscc, statement).await,
        SettlementCommand::Decide {
            run,
            uscc,
            uphold,
            dismiss: _,
            decision,
        } => objection::decide(context, &client, run, uscc, uphold, decision).await,
        SettlementCommand::Objections { run } => objection::list(context, &client, &run).await,
    }
}

/// Computes a run.
pub async fn compute(
    client: &Client,
    program: &ProgramId,
    through: Period,
    year: Option<Year>,
) -> Result<Run, Failure> {
    let request = ComputeRunRequest {
        program_id: program.to_string(),
        through: through.to_string(),
        year: year.map_or(0, Year::get),
    };
    there(
        client
            .runs
            .clone()
            .compute_run(request)
            .await?
            .into_inner()
            .run,
    )
}

/// Shows a run.
pub async fn get(client: &Client, run_id: String) -> Result<Run, Failure> {
    there(
        client
            .runs
            .clone()
            .get_run(GetRunRequest { run_id })
            .await?
            .into_inner()
            .run,
    )
}

/// Puts a run on public notice.
pub async fn publish(client: &Client, run_id: String) -> Result<Run, Failure> {
    there(
        client
            .runs
            .clone()
            .publish_run(PublishRunRequest { run_id })
            .await?
            .into_inner()
            .run,
    )
}

/// Approves the result with that digest, or the result as it stands.
pub async fn approve(
    client: &Client,
    run_id: String,
    digest: Option<String>,
) -> Result<Run, Failure> {
    let digest = match digest {
        Some(digest) => digest,
        None => get(client, run_id.clone()).await?.digest,
    };
    let request = ApproveRunRequest { run_id, digest };
    there(
        client
            .runs
            .clone()
            .approve_run(request)
            .await?
            .into_inner()
            .run,
    )
}

fn there(run: Option<Run>) -> Result<Run, Failure> {
    run.ok_or_else(|| Failure::new("INTERNAL", "the service answered without a run"))
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
    let mut listing = context.out.list("runs", run::LIST_COLUMNS);
    pages(fetch, |run| listing.row(run::list_cells(&run))).await?;
    listing.finish(&[])?;
    Ok(())
}

async fn verify(context: &mut Context, client: &Client, run_id: String) -> Result<(), Failure> {
    let wait = progress::waiting("computing again");
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
    let message = "computed again, the run comes to another result than the stored one; have the database and the audit chain examined";
    Err(Failure::new("DIGEST_MISMATCH", message))
}
