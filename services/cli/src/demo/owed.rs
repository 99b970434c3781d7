//! Which months the platforms owe: the bureau says so before the first is reported.

use gazelle_kernel::{Period, ProgramId};
use gazelle_proto::registry::v1::{Platform, PutPlatformsRequest};
use gazelle_proto::settlement::v1::{GetReadinessRequest, OwedPeriodState};

use super::cast::Cast;
use crate::commands::import;
use crate::failure::Failure;

/// Registers the platforms, which owe each month from `first` on.
pub(super) async fn register(cast: &Cast, first: Period) -> Result<(), Failure> {
    let platform = |id: &str| Platform {
        platform_id: id.to_owned(),
        reports_from: first.to_string(),
        ..Platform::default()
    };
    let platforms = cast.platforms.iter();
    let request = PutPlatformsRequest {
        platforms: platforms.map(|(id, _)| platform(id.as_str())).collect(),
    };
    let answer = cast.registrar.registry.clone().put_platforms(request).await;
    import::one(answer?.into_inner().result)
}

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
        .filter(|month| month.state() == OwedPeriodState::Sealed);
    Ok(format!(
        "the platforms owe {} months through {last}; {} are sealed",
        owed.len(),
        sealed.count()
    ))
}
