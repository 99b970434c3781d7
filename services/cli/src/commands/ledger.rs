//! `gazelle ledger`.

use std::fs;
use std::path::Path;

use gazelle_kernel::parse_instant;
use gazelle_proto::settlement::v1::{
    ExportLedgerRequest, GetLedgerCheckpointRequest, LedgerCheckpoint, LedgerFormat,
    VerifyLedgerRequest,
};
use gazelle_proto::time::timestamp;
use serde::Deserialize;

use super::checked::{Step, follow};
use super::payment::ToldFile;
use crate::args::{JournalFormat, LedgerCommand};
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column, progress, thousands};
use crate::words;

pub(crate) async fn run(context: &mut Context, command: LedgerCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        LedgerCommand::Verify { checkpoint } => {
            let checkpoint = checkpoint.map(|file| read_checkpoint(&file)).transpose()?;
            verify(context, &client, checkpoint).await
        }
        LedgerCommand::Export { format, out } => export(context, &client, format, &out).await,
        LedgerCommand::Checkpoint => {
            let request = GetLedgerCheckpointRequest {};
            let answer = client.ledger.clone().get_ledger_checkpoint(request).await?;
            let checkpoint = answer.into_inner().checkpoint.unwrap_or_default();
            context.out.one(&facts(&checkpoint))
        }
    }
}

fn facts(checkpoint: &LedgerCheckpoint) -> Vec<(Column, Cell)> {
    vec![
        (
            column("entry_number", "entry"),
            checkpoint.entry_number.into(),
        ),
        (
            column("digest", "digest"),
            checkpoint.digest.as_str().into(),
        ),
        (
            column("recorded_at", "recorded at"),
            checkpoint.recorded_at.into(),
        ),
    ]
}

/// A checkpoint as it is printed in JSON.
#[derive(Deserialize)]
struct PrintedCheckpoint {
    entry_number: i64,
    digest: String,
    #[serde(default)]
    recorded_at: String,
}

/// Reads a checkpoint that was kept. Refused as `CHECKPOINT_UNREADABLE`.
fn read_checkpoint(path: &Path) -> Result<LedgerCheckpoint, Failure> {
    let unreadable = || {
        let message = words::CHECKPOINT_UNREADABLE.with(&[("path", &path.display())]);
        Failure::new("CHECKPOINT_UNREADABLE", message)
    };
    let text = fs::read_to_string(path).map_err(|_| unreadable())?;
    let printed: PrintedCheckpoint = serde_json::from_str(&text).map_err(|_| unreadable())?;
    let recorded_at = match printed.recorded_at.as_str() {
        "" => None,
        text => Some(timestamp(parse_instant(text).map_err(|_| unreadable())?)),
    };
    Ok(LedgerCheckpoint {
        entry_number: printed.entry_number,
        digest: printed.digest,
        recorded_at,
    })
}

/// Has the books checked: how many entries they have, and where they end. Refused as
/// `LEDGER_BROKEN`.
pub(crate) async fn verified(
    client: &Client,
    checkpoint: Option<LedgerCheckpoint>,
) -> Result<(i64, LedgerCheckpoint), Failure> {
    let request = VerifyLedgerRequest { checkpoint };
    let answer = client.ledger.clone().verify_ledger(request).await?;
    let steps = answer.into_inner();
    follow(steps, |step| Step {
        entry_count: step.entry_count,
        verified_count: step.verified_count,
        checkpoint: step.checkpoint,
    })
    .await
}

async fn verify(
    context: &mut Context,
    client: &Client,
    checkpoint: Option<LedgerCheckpoint>,
) -> Result<(), Failure> {
    let (verified, last) = verified(client, checkpoint).await?;
    if context.out.format() == Format::Table {
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("count", &thousands(verified)), ("digest", &last.digest)];
        return context.out.line(&words::LEDGER_RIGHT.with(&values));
    }
    let mut fields = vec![(column("verified_count", "checked"), verified.into())];
    fields.extend(facts(&last));
    context.out.one(&fields)
}

async fn export(
    context: &mut Context,
    client: &Client,
    format: JournalFormat,
    path: &Path,
) -> Result<(), Failure> {
    let format = match format {
        JournalFormat::Hledger => LedgerFormat::Hledger,
        JournalFormat::Beancount => LedgerFormat::Beancount,
    };
    let request = ExportLedgerRequest {
        format: format.into(),
    };
    let wait = progress::waiting(words::EXPORTING.say());
    let answer = client.ledger.clone().export_ledger(request).await?;
    let mut pieces = answer.into_inner();
    let mut file = ToldFile::begin(path)?;
    while let Some(piece) = pieces.message().await? {
        file.write(&mut context.out, piece.text.as_bytes())?;
    }
    wait.finish_and_clear();
    file.ask(context)?;
    file.finish(&mut context.out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_that_was_printed_can_be_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.json");
        let text = r#"{"entry_number": 7, "digest": "ab", "recorded_at": "2026-11-29T16:00:00Z"}"#;
        fs::write(&path, text).unwrap();
        let read = read_checkpoint(&path).unwrap();
        assert_eq!((read.entry_number, read.digest.as_str()), (7, "ab"));
        assert_eq!(read.recorded_at.unwrap().seconds, 1_795_968_000);
        fs::write(&path, "7").unwrap();
        assert_eq!(
            read_checkpoint(&path).unwrap_err().reason(),
            "CHECKPOINT_UNREADABLE"
        );
    }
}
