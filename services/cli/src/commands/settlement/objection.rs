//! Objections to what a published run grants.

use gazelle_kernel::Uscc;
use gazelle_proto::settlement::v1::{
    DecideObjectionRequest, ListObjectionsRequest, Objection, ObjectionState, RaiseObjectionRequest,
};

use crate::client::Client;
use crate::commands::names;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, column};
use crate::words;

const COLUMNS: &[Column] = &[
    column("run_id", "run"),
    column("uscc", "enterprise"),
    column("state", "state"),
    column("statement", "statement"),
    column("raised_by", "raised by"),
    column("raised_at", "raised at"),
    column("decision", "decision"),
    column("decided_by", "decided by"),
    column("decided_at", "decided at"),
];

fn cells(objection: Objection) -> Vec<Cell> {
    let said = |code: &str, text: words::Text| Cell::coded(code, text.say());
    let state = match objection.state() {
        ObjectionState::Unspecified => said("UNKNOWN", words::CODE_UNKNOWN),
        ObjectionState::Open => said("OPEN", words::OBJECTION_OPEN),
        ObjectionState::Upheld => said("UPHELD", words::OBJECTION_UPHELD),
        ObjectionState::Dismissed => said("DISMISSED", words::OBJECTION_DISMISSED),
    };
    vec![
        objection.run_id.into(),
        objection.uscc.into(),
        state,
        objection.statement.into(),
        objection.raised_by.into(),
        objection.raised_at.into(),
        objection.decision.into(),
        objection.decided_by.into(),
        objection.decided_at.into(),
    ]
}

fn facts(objection: Option<Objection>) -> Result<Vec<(Column, Cell)>, Failure> {
    let none = || Failure::said("INTERNAL", "the service answered without an objection");
    Ok(COLUMNS
        .iter()
        .copied()
        .zip(cells(objection.ok_or_else(none)?))
        .collect())
}

pub(super) async fn object(
    context: &mut Context,
    client: &Client,
    run_id: String,
    uscc: Uscc,
    statement: String,
) -> Result<(), Failure> {
    let request = RaiseObjectionRequest {
        run_id,
        uscc: uscc.to_string(),
        statement,
    };
    let answer = client
        .runs
        .clone()
        .raise_objection(request)
        .await?
        .into_inner();
    context.out.one(&facts(answer.objection)?)
}

/// What a decision does, before it is made.
pub(super) fn about(uscc: &Uscc, uphold: bool) -> String {
    let text = if uphold {
        words::ABOUT_TO_UPHOLD
    } else {
        words::ABOUT_TO_DISMISS
    };
    text.with(&[("uscc", uscc)])
}

pub(super) async fn decide(
    context: &mut Context,
    client: &Client,
    run_id: String,
    uscc: Uscc,
    uphold: bool,
    decision: String,
) -> Result<(), Failure> {
    let request = DecideObjectionRequest {
        run_id,
        uscc: uscc.to_string(),
        uphold,
        decision,
    };
    let answer = client
        .runs
        .clone()
        .decide_objection(request)
        .await?
        .into_inner();
    let mut fields = facts(answer.objection)?;
    let digest = answer.run.map(|run| run.digest).unwrap_or_default();
    fields.push((column("digest", "digest of the run now"), digest.into()));
    context.out.one(&fields)
}

pub(super) async fn list(context: &mut Context, client: &Client, run: &str) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListObjectionsRequest {
            run_id: run.to_owned(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .runs
            .clone()
            .list_objections(request)
            .await?
            .into_inner();
        Ok((page.objections, page.next_page_token))
    };
    let format = context.out.format();
    let mut listing = context.out.list("objections", COLUMNS);
    names::pages_with_names(format, client, fetch, |objection, names| {
        let whose = names.cell(objection.uscc.as_str());
        let mut cells = cells(objection);
        cells[1] = whose;
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_says_beforehand_what_it_does_and_to_whom() {
        let uscc = Uscc::parse_excepted("91330102MA02A8AX98").unwrap();
        let (uphold, dismiss) = (about(&uscc, true), about(&uscc, false));
        assert!(uphold.contains("gets nothing in this run"), "{uphold}");
        assert!(dismiss.contains("its grant stands"), "{dismiss}");
        for told in [uphold, dismiss] {
            assert!(
                told.contains(uscc.as_str()) && told.contains("undone"),
                "{told}"
            );
        }
    }
}
