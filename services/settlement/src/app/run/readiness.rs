//! What a run would read, and what is missing.

use std::collections::BTreeMap;

use gazelle_kernel::{Period, PlatformId, ProgramId, Year};
use gazelle_runtime::store::snapshot;

use super::basis::standing;
use crate::{
    app::{
        App,
        error::{AppError, ComputeRefused},
    },
    domain::run::{OwedPeriod, Owing, Readiness, ReportedPeriod, check_year},
    peers::HeldPeriod,
    store,
};

impl App {
    /// Where each month stands that a run of a program and year through a period would read.
    pub async fn get_readiness(
        &self,
        program_id: &ProgramId,
        year: Year,
        through: Period,
    ) -> Result<Readiness, AppError> {
        check_year(year, through).map_err(ComputeRefused::Period)?;
        let mut tx = snapshot(&self.pool).await?;
        let program = standing(&mut tx, program_id, year).await?.in_force();
        let open_run_id = store::run::open_id(&mut tx, program_id).await?;
        let now = store::clock::now(&mut tx).await?;
        drop(tx);
        let (held, platforms) =
            futures::future::try_join(self.peers.periods(), self.peers.platforms()).await?;

        let held: Vec<HeldPeriod> = held
            .into_iter()
            .filter(|held| program.covers(&held.reported.platform_id))
            .collect();
        let reported: Vec<ReportedPeriod> = held.iter().map(|held| held.reported.clone()).collect();
        let owing = Owing::new(
            &program,
            (year.january(), through),
            &platforms,
            &first_periods(&reported),
            &reported,
        );
        let stated = held.into_iter().map(|held| {
            let ReportedPeriod {
                platform_id,
                period,
                ..
            } = held.reported;
            let owed = OwedPeriod {
                platform_id,
                period,
            };
            (owed, held.stated)
        });
        let stated = stated.collect();
        Ok(Readiness::new(owing, &stated, (through, now), open_run_id))
    }
}

/// The first period of each platform.
fn first_periods(reported: &[ReportedPeriod]) -> BTreeMap<PlatformId, Period> {
    let mut first = BTreeMap::new();
    for ReportedPeriod {
        platform_id,
        period,
        ..
    } in reported
    {
        let earliest = first.entry(platform_id.clone()).or_insert(*period);
        *earliest = (*earliest).min(*period);
    }
    first
}
