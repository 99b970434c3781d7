//! Serves `ReadFacts`.

use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::status::FieldExt;
use tonic::{Request, Response, Status};

use super::{
    parse::common::revision,
    render::{enterprise::facts, merchant_binding::binding, platform::platform},
    stream::{Messages, by_size, messages},
};
use crate::{app::App, domain::facts::FactsPart};

/// Streams the facts as of a revision.
pub async fn read(
    app: &App,
    request: Request<pb::ReadFactsRequest>,
) -> Result<Response<Messages<pb::ReadFactsResponse>>, Status> {
    let revision = revision(request.get_ref().revision).field("revision")?;
    let streamed = app.read_facts(revision).await?;
    let first = pb::ReadFactsResponse {
        revision: streamed.revision.get(),
        ..Default::default()
    };
    Ok(Response::new(messages(streamed, first, cut)))
}

fn cut(part: FactsPart) -> Vec<pb::ReadFactsResponse> {
    let empty = pb::ReadFactsResponse::default;
    match part {
        FactsPart::Platforms(rows) => by_size(rows.iter().map(platform))
            .into_iter()
            .map(|platforms| pb::ReadFactsResponse {
                platforms,
                ..empty()
            })
            .collect(),
        FactsPart::Enterprises(rows) => by_size(rows.iter().map(facts))
            .into_iter()
            .map(|enterprises| pb::ReadFactsResponse {
                enterprises,
                ..empty()
            })
            .collect(),
        FactsPart::Bindings(rows) => by_size(rows.iter().map(binding))
            .into_iter()
            .map(|bindings| pb::ReadFactsResponse {
                bindings,
                ..empty()
            })
            .collect(),
    }
}
