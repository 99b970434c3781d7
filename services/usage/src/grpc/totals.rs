//! Serves `ReadSealedTotals`.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use gazelle_kernel::{Period, PlatformId};
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, status::Fields};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::render;
use crate::{
    app::{App, AppError},
    domain::{period::PeriodSelection, totals::SealedPart},
};

/// The parts as messages.
pub type TotalsParts =
    Pin<Box<dyn Stream<Item = Result<pb::ReadSealedTotalsResponse, Status>> + Send>>;

/// Streams first periods, periods and totals.
pub async fn read(
    app: &App,
    request: Request<pb::ReadSealedTotalsRequest>,
) -> Result<Response<TotalsParts>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let mut fields = Fields::default();
    let platform_ids = fields.read_all("platform_ids", &request.platform_ids, |id| {
        PlatformId::parse(id)
    });
    let from = fields.read("from_period", Period::parse(&request.from_period));
    let through = fields.read("through_period", Period::parse(&request.through_period));
    let (from, through) = fields.finish(from.zip(through))?;
    let which = PeriodSelection {
        platform_ids: (!platform_ids.is_empty()).then_some(platform_ids),
        from: Some(from),
        through: Some(through),
        ..PeriodSelection::default()
    };
    let parts = app.read_sealed_totals(&caller, which).await?;
    Ok(Response::new(Box::pin(totals(ReceiverStream::new(parts)))))
}

/// Renders the parts; where they stop short of the end, the stream fails.
fn totals(
    parts: impl Stream<Item = Result<SealedPart, AppError>> + Send,
) -> impl Stream<Item = Result<pb::ReadSealedTotalsResponse, Status>> + Send {
    use pb::read_sealed_totals_response::Part as StreamedPart;
    let cut_off = futures::stream::once(async { Err(AppError::Overloaded) });
    parts
        .chain(cut_off)
        .scan(false, |ended, part| {
            let part = match part {
                _ if *ended => None,
                Ok(SealedPart::End) => None,
                Ok(SealedPart::FirstPeriod(platform, period)) => {
                    Some(Ok(StreamedPart::FirstPeriod(pb::FirstPeriod {
                        platform_id: platform.to_string(),
                        period: period.to_string(),
                    })))
                }
                Ok(SealedPart::Period(reported)) => {
                    let mut period = render::period(&reported);
                    period.received = None;
                    (period.refused_count, period.refused_by_seal_count) = (0, 0);
                    Some(Ok(StreamedPart::Period(period)))
                }
                Ok(SealedPart::Totals(part)) => {
                    Some(Ok(StreamedPart::Totals(render::totals(part))))
                }
                Err(error) => {
                    *ended = true;
                    Some(Err(error.into()))
                }
            };
            std::future::ready(part)
        })
        .map(|part| part.map(|part| pb::ReadSealedTotalsResponse { part: Some(part) }))
}
