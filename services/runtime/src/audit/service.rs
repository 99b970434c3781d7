//! Serves `AuditService`, of any service's trail.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use gazelle_kernel::{Actor, Instant, parse_digest};
use gazelle_proto::{
    access,
    audit::v1::{self as pb, ErrorReason, audit_service_server},
    time::{instant, timestamp},
};
use tonic::{Code, Request, Response, Status, codec::CompressionEncoding};

use super::{
    trail::Trail,
    whole::{Progress, WholeError},
};
use crate::{
    page::List,
    status::{FieldExt as _, FieldViolation, Fields, Refusal, fault},
    store::event::{Checkpoint, EntryFilter, StoredEntry},
};

const DOMAIN: &str = "gazelle.audit.v1";

/// Messages that are sent one by one.
type MessageStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Serves a trail.
#[derive(Debug, Clone)]
pub(crate) struct AuditService(Trail);

/// The service of the contract, on a trail.
pub(crate) fn service(trail: Trail) -> audit_service_server::AuditServiceServer<AuditService> {
    audit_service_server::AuditServiceServer::new(AuditService(trail))
        .accept_compressed(CompressionEncoding::Gzip)
}

#[tonic::async_trait]
impl audit_service_server::AuditService for AuditService {
    type VerifyChainStream = MessageStream<pb::VerifyChainResponse>;
    type ReadEntryHashesStream = MessageStream<pb::ReadEntryHashesResponse>;

    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Result<Response<pb::ListEntriesResponse>, Status> {
        let asked = request.into_inner();
        let list = list_of(&asked);
        let page = list.page(asked.page_size, &asked.page_token)?;
        let after = page.after(|[number]| number.parse().ok())?.unwrap_or(0);
        let filter = filter(&asked)?;
        let listed = self.0.list(filter, after, page.limit()).await;
        let (entries, left_out) = listed.map_err(|error| fault(&error))?;
        let key = |entry: &StoredEntry| [entry.number.to_string()];
        let rest = entries.last().filter(|_| left_out);
        let rest = rest.map(|last| list.token(&key(last)));
        let (entries, next) = list.cut(&page, entries, key);
        Ok(Response::new(pb::ListEntriesResponse {
            entries: entries.into_iter().map(entry).collect(),
            next_page_token: if next.is_empty() {
                rest.unwrap_or_default()
            } else {
                next
            },
        }))
    }

    async fn get_checkpoint(
        &self,
        _: Request<pb::GetCheckpointRequest>,
    ) -> Result<Response<pb::GetCheckpointResponse>, Status> {
        let head = self.0.head().await.map_err(|error| fault(&error))?;
        let signed = self.0.note(head);
        let (note, verifier_key) =
            signed.map_or_else(Default::default, |(note, key)| (note.text(), key));
        Ok(Response::new(pb::GetCheckpointResponse {
            checkpoint: Some(checkpoint(head)),
            note,
            verifier_key,
        }))
    }

    async fn verify_chain(
        &self,
        request: Request<pb::VerifyChainRequest>,
    ) -> Result<Response<Self::VerifyChainStream>, Status> {
        let asked = request.into_inner();
        let checkpoint = asked.checkpoint.as_ref();
        let checkpoint = checkpoint.map(read_checkpoint).transpose()?;
        let progress = self.0.verify(checkpoint, asked.with_state)?;
        let messages = progress.map(|piece| Ok(verified(piece?)));
        Ok(Response::new(Box::pin(messages)))
    }

    async fn read_entry_hashes(
        &self,
        request: Request<pb::ReadEntryHashesRequest>,
    ) -> Result<Response<Self::ReadEntryHashesStream>, Status> {
        let asked = request.get_ref();
        let mut fields = Fields::default();
        let after = fields.note(number("after_number", asked.after_number));
        let through = fields.note(number("through_number", asked.through_number));
        let (after, through) = fields.finish(after.zip(through))?;
        let pieces = self.0.entry_hashes(after, through)?;
        let messages = pieces.map(|piece| {
            Ok(pb::ReadEntryHashesResponse {
                entry_hashes: piece?,
            })
        });
        Ok(Response::new(Box::pin(messages)))
    }
}

fn list_of(asked: &pb::ListEntriesRequest) -> List {
    let moment = |moment: Option<prost_types::Timestamp>| {
        moment.map_or_else(String::new, |at| format!("{}.{:09}", at.seconds, at.nanos))
    };
    let (from, until) = (moment(asked.from), moment(asked.until));
    let filter = [&asked.actor, &asked.action, &asked.subject, &from, &until];
    List::new("entries", &filter.map(String::as_str))
}

fn filter(asked: &pb::ListEntriesRequest) -> Result<EntryFilter<'_>, Refusal> {
    let mut fields = Fields::default();
    if !asked.actor.is_empty() {
        fields.read("actor", Actor::parse(&asked.actor));
    }
    for (field, value) in [("action", &asked.action), ("subject", &asked.subject)] {
        // PostgreSQL has no text with it.
        if value.contains('\0') {
            let violation = FieldViolation::new(field, "TEXT_INVALID", "expected a text");
            fields.note::<()>(Err(violation));
        }
    }
    let from = fields.note(moment("from", asked.from));
    let until = fields.note(moment("until", asked.until));
    let read = from.zip(until).map(|(from, until)| EntryFilter {
        actor: given(&asked.actor),
        action: given(&asked.action),
        subject: given(&asked.subject),
        from,
        until,
    });
    fields.finish(read)
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn moment(
    field: &str,
    moment: Option<prost_types::Timestamp>,
) -> Result<Option<Instant>, FieldViolation> {
    moment.map(|at| instant(&at).field(field)).transpose()
}

fn number(field: &str, number: i64) -> Result<i64, FieldViolation> {
    if number >= 0 {
        return Ok(number);
    }
    let expected = "expected the number of an entry";
    Err(FieldViolation::new(field, "COUNT_NEGATIVE", expected))
}

fn read_checkpoint(checkpoint: &pb::Checkpoint) -> Result<Checkpoint, Refusal> {
    let mut fields = Fields::default();
    let digest = parse_digest(&checkpoint.digest).map_err(|error| {
        let expected = "expected 64 hexadecimal digits in lower case";
        FieldViolation::new("checkpoint.digest", error.reason(), expected)
    });
    let number = fields.note(number("checkpoint.entry_number", checkpoint.entry_number));
    let read = number.zip(fields.note(digest));
    fields.finish(read.map(|(number, digest)| Checkpoint { number, digest }))
}

fn entry(stored: StoredEntry) -> pb::Entry {
    pb::Entry {
        number: stored.number,
        at: Some(timestamp(stored.at)),
        actor: stored.actor,
        action: stored.action,
        subject: stored.subject,
        content: stored.content,
        digest: hex::encode(stored.digest),
    }
}

fn checkpoint(checkpoint: Checkpoint) -> pb::Checkpoint {
    pb::Checkpoint {
        entry_number: checkpoint.number,
        digest: hex::encode(checkpoint.digest),
    }
}

fn verified(progress: Progress) -> pb::VerifyChainResponse {
    pb::VerifyChainResponse {
        entry_count: progress.entry_count,
        verified_count: progress.verified_count,
        checkpoint: progress.done.map(checkpoint),
        state_compared: progress.state_compared,
    }
}

impl From<WholeError> for Status {
    fn from(error: WholeError) -> Self {
        let message = error.to_string();
        let refusal = |code, reason: ErrorReason| {
            Refusal::new(code, DOMAIN, reason.as_str_name(), message.clone())
        };
        match error {
            WholeError::Broken(broken) => refusal(Code::DataLoss, ErrorReason::ChainBroken)
                .with("kind", broken.kind.as_str())
                .with("entry_number", broken.entry_number)
                .with("detail", broken.detail)
                .into(),
            WholeError::Ahead { asked, entry_count } => {
                refusal(Code::OutOfRange, ErrorReason::CheckpointAhead)
                    .with("entry_number", asked)
                    .with("entry_count", entry_count)
                    .into()
            }
            WholeError::Overloaded => Refusal::shared(
                Code::ResourceExhausted,
                access::ErrorReason::Overloaded,
                message,
            )
            .with("scope", "service")
            .with("limit", super::trail::WHOLE_READS_MAX)
            .into(),
            error @ (WholeError::Store(_) | WholeError::Database(_)) => fault(&error),
        }
    }
}
