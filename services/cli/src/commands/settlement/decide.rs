//! What takes a run on: publishing, approving, cancelling. People see what it is before.

use gazelle_proto::settlement::v1::{ApproveRunRequest, CancelRunRequest, PublishRunRequest, Run};

use super::find::{find, get, id, there};
use super::run;
use crate::args::RunRef;
use crate::client::Client;
use crate::commands::confirm::{asks, confirm};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::note;
use crate::words;

/// Puts a run on public notice.
pub async fn publish(client: &Client, run_id: String) -> Result<Run, Failure> {
    let request = PublishRunRequest { run_id };
    let answer = client.runs.clone().publish_run(request).await?;
    there(answer.into_inner().run)
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
    let answer = client.runs.clone().approve_run(request).await?;
    there(answer.into_inner().run)
}

async fn cancel(client: &Client, run_id: String) -> Result<Run, Failure> {
    let request = CancelRunRequest { run_id };
    let answer = client.runs.clone().cancel_run(request).await?;
    there(answer.into_inner().run)
}

pub(super) async fn run_publish(
    context: &mut Context,
    client: &Client,
    run: RunRef,
) -> Result<(), Failure> {
    let run_id = asked(context, client, run, words::ABOUT_TO_PUBLISH.say()).await?;
    let published = publish(client, run_id).await?;
    context.out.one(&run::facts(&published))
}

pub(super) async fn run_cancel(
    context: &mut Context,
    client: &Client,
    run: RunRef,
) -> Result<(), Failure> {
    let run_id = asked(context, client, run, words::ABOUT_TO_CANCEL.say()).await?;
    let cancelled = cancel(client, run_id).await?;
    context.out.one(&run::facts(&cancelled))
}

/// What is approved is what was shown, in a script's log too: the digest is that of the run that
/// was looked at.
pub(super) async fn run_approve(
    context: &mut Context,
    client: &Client,
    run: RunRef,
    digest: Option<String>,
) -> Result<(), Failure> {
    let found = find(client, run).await?;
    let summary = run::summary(&found);
    if asks(context) {
        confirm(&format!("{summary}\n{}", words::ABOUT_TO_APPROVE.say()))?;
    } else {
        note(&summary);
    }
    let digest = digest.unwrap_or(found.digest);
    let approved = approve(client, found.run_id, Some(digest)).await?;
    context.out.one(&run::facts(&approved))
}

/// The run's id, once whoever is there to be asked said yes to what is about to be done.
pub(super) async fn asked(
    context: &Context,
    client: &Client,
    run: RunRef,
    about: &str,
) -> Result<String, Failure> {
    if !asks(context) {
        return id(client, run).await;
    }
    let found = find(client, run).await?;
    confirm(&format!("{}\n{about}", run::summary(&found)))?;
    Ok(found.run_id)
}
