//! What those who run the service see of its tables. `deploy/metrics.md` says what each figure
//! means.

use std::collections::{BTreeMap, HashMap};

use gazelle_runtime::{
    metrics::{chain_head, keep_reading as keep_reading_figures},
    store::StoreError,
};
use opentelemetry::{KeyValue, global, metrics::Gauge};
use sqlx::{PgConnection, PgPool};
use tokio_util::task::AbortOnDropHandle;

use crate::store::{self, figures};

/// Every state that is stored, so that one that no run is in any more shows 0.
const STATES: [&str; 4] = ["computed", "published", "approved", "cancelled"];

#[derive(Clone)]
struct Figures {
    runs: Gauge<i64>,
    budget_left: Gauge<i64>,
}

/// Shows runs by state, what is left of budgets, and the end of the chain, until the handle is
/// dropped.
pub(crate) fn keep_reading(pool: PgPool) -> AbortOnDropHandle<()> {
    let meter = global::meter("gazelle");
    let figures = Figures {
        runs: meter
            .i64_gauge("gazelle.settlement.runs")
            .with_description("Runs by state")
            .build(),
        budget_left: meter
            .i64_gauge("gazelle.settlement.budget.left.fen")
            .with_description("A year's budget less what approved runs granted of it, net")
            .build(),
    };
    keep_reading_figures("settlement", move || {
        let (pool, figures) = (pool.clone(), figures.clone());
        async move {
            let mut connection = pool.acquire().await?;
            figures.read(&mut connection).await?;
            Ok(())
        }
    })
}

impl Figures {
    async fn read(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let runs: BTreeMap<_, _> = figures::runs_by_state(connection)
            .await?
            .into_iter()
            .collect();
        for state in STATES {
            let count = runs.get(state).copied().unwrap_or_default();
            self.runs.record(count, &[KeyValue::new("state", state)]);
        }
        let granted = figures::granted(connection).await?;
        let granted: HashMap<_, _> = granted
            .into_iter()
            .map(|(program, year, fen)| ((program, year), fen))
            .collect();
        for version in store::program::all(connection).await? {
            let program = version.program.id();
            for budget in &version.program.terms().budgets {
                let granted = granted.get(&(program.clone(), budget.year));
                let granted = granted.copied().unwrap_or_default();
                let labels = [
                    KeyValue::new("program", program.to_string()),
                    KeyValue::new("year", i64::from(budget.year.get())),
                ];
                // A budget that was cut may be overdrawn: then this is negative.
                let left = budget.amount_fen.get().saturating_sub(granted);
                self.budget_left.record(left, &labels);
            }
        }
        chain_head("settlement", figures::chain_head(connection).await?);
        Ok(())
    }
}
