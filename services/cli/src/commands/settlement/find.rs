//! Runs by the names that people have for them, and what comes of looking at one.

use gazelle_proto::settlement::v1::{GetRunRequest, Run};

use crate::args::RunRef;
use crate::client::Client;
use crate::failure::Failure;
use crate::words;

/// Shows a run.
pub async fn get(client: &Client, run_id: String) -> Result<Run, Failure> {
    let request = GetRunRequest {
        run_id,
        ..GetRunRequest::default()
    };
    there(client.runs.clone().get_run(request).await?.into_inner().run)
}

/// Shows the run that `run` names.
pub(super) async fn find(client: &Client, run: RunRef) -> Result<Run, Failure> {
    let request = match run {
        RunRef::Id(run_id) => return get(client, run_id).await,
        RunRef::Numbered(program, number) => GetRunRequest {
            run_id: String::new(),
            program_id: program.to_string(),
            number,
        },
    };
    let none = match (request.program_id.clone(), request.number) {
        (program, 0) => Some(words::NO_SUCH_RUN.with(&[("program", &program)])),
        _ => None,
    };
    let answer = client
        .runs
        .clone()
        .get_run(request)
        .await
        .map_err(Failure::from);
    let answer = answer.map_err(|failure| match none {
        Some(none) if failure.reason() == "RUN_NOT_FOUND" => Failure::new("RUN_NOT_FOUND", none),
        _ => failure,
    });
    there(answer?.into_inner().run)
}

/// The id of the run that `run` names.
pub(super) async fn id(client: &Client, run: RunRef) -> Result<String, Failure> {
    match run {
        RunRef::Id(id) => Ok(id),
        numbered @ RunRef::Numbered(..) => Ok(find(client, numbered).await?.run_id),
    }
}

/// The run of an answer.
pub(super) fn there(run: Option<Run>) -> Result<Run, Failure> {
    run.ok_or_else(|| Failure::said("INTERNAL", "the service answered without a run"))
}
