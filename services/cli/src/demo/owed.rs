//! How many of the months that the platforms owe are there.

use gazelle_kernel::{Period, ProgramId};
use gazelle_proto::settlement::v1::{GetReadinessRequest, OwedPeriodState};

use super::cast::Cast;
use crate::failure::Failure;
use crate::words;

/// How many months the platforms owe for a program through `last`, and how many are sealed.
pub(super) async fn line(
    cast: &Cast,
    program: &ProgramId,
    last: Period,
) -> Result<String, Failure> {
    let request = GetReadinessRequest {
        program_id: program.to_string(),
        through_period: last.to_string(),
        year: 0,
    };
    let answer = cast.auditor.runs.clone().get_readiness(request).await?;
    let owed = answer.into_inner().periods;
    let sealed = owed
        .iter()
        .filter(|owed_period| owed_period.state() == OwedPeriodState::Sealed);
    Ok(words::OWED.with(&[
        ("owed", &owed.len()),
        ("last", &last),
        ("sealed", &sealed.count()),
    ]))
}
