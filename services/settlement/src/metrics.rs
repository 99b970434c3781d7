//! What those who run the service see of its tables. `deploy/metrics.md` says what each figure
//! means.

use std::collections::{BTreeMap, HashMap};

use gazelle_runtime::{
    store::StoreError,
    telemetry::metrics::{chain_head, keep_reading as keep_reading_figures},
};
use opentelemetry::{KeyValue, global, metrics::Gauge};
use sqlx::{PgConnection, PgPool};
use tokio_util::task::AbortOnDropHandle;

use crate::store::{self, figures};

/// Every state that is stored, so that one that no run is in any more shows 0.
const RUN_STATES: [&str; 4] = ["computed", "published", "approved", "cancelled"];

/// Likewise of payment orders; and whether somebody is waited for in it.
const ORDER_STATES: [(&str, bool); 4] = [
    ("prepared", true),
    ("released", true),
    ("answered", false),
    ("cancelled", false),
];

#[derive(Clone)]
struct Figures {
    runs: Gauge<i64>,
    budget_left: Gauge<i64>,
    orders: Gauge<i64>,
    oldest_order_age: Gauge<i64>,
    answered: Gauge<i64>,
    oldest_untold_return_age: Gauge<i64>,
}

/// Shows runs and payment orders by state, what is left of budgets, what answers said, and the end
/// of the chain, until the handle is dropped.
pub(crate) fn keep_reading(pool: PgPool) -> AbortOnDropHandle<()> {
    let figures = Figures::new();
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
    fn new() -> Self {
        let meter = global::meter("gazelle");
        let gauge = |name: &'static str, description: &'static str| {
            meter.i64_gauge(name).with_description(description)
        };
        Self {
            runs: gauge("gazelle.settlement.runs", "Runs by state").build(),
            budget_left: gauge(
                "gazelle.settlement.budget.left.fen",
                "A year's budget less what approved runs granted of it, net",
            )
            .build(),
            orders: gauge(
                "gazelle.settlement.payment.orders",
                "Payment orders by state",
            )
            .build(),
            oldest_order_age: gauge(
                "gazelle.settlement.oldest.payment.order.age",
                "Since the oldest payment order in a state was prepared or released; 0: none",
            )
            .with_unit("s")
            .build(),
            answered: gauge(
                "gazelle.settlement.payments.answered",
                "Payments that answers settled, or said came back",
            )
            .build(),
            oldest_untold_return_age: gauge(
                "gazelle.settlement.oldest.untold.return.age",
                "Since the oldest return that the registry was not told of; 0: none",
            )
            .with_unit("s")
            .build(),
        }
    }

    async fn read(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let runs: BTreeMap<_, _> = figures::runs_by_state(connection)
            .await?
            .into_iter()
            .collect();
        for state in RUN_STATES {
            let count = runs.get(state).copied().unwrap_or_default();
            self.runs.record(count, &[KeyValue::new("state", state)]);
        }
        self.read_payments(connection).await?;
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
    async fn read_payments(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let orders = figures::orders_by_state(connection).await?;
        for (state, awaited) in ORDER_STATES {
            let found = orders.iter().find(|orders| orders.state == state);
            let label = [KeyValue::new("state", state)];
            self.orders.record(found.map_or(0, |it| it.count), &label);
            if awaited {
                let age_seconds = found.map_or(0, |it| it.oldest_age_seconds.max(0));
                self.oldest_order_age.record(age_seconds, &label);
            }
        }
        let (settled, returned) = figures::answered_payments(connection).await?;
        for (outcome, count) in [("settled", settled), ("returned", returned)] {
            self.answered
                .record(count, &[KeyValue::new("outcome", outcome)]);
        }
        let age_seconds = figures::oldest_untold_return_age_seconds(connection).await?;
        self.oldest_untold_return_age.record(age_seconds, &[]);
        Ok(())
    }
}
