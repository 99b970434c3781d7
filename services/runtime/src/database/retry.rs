//! Transactions that run again.

use std::{error::Error, future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};

use crate::failure::{causes, sqlstate, told};

/// How often a transaction that PostgreSQL ended to let another one through runs again.
const REPEATS_MAX: usize = 5;

/// Runs `attempt`, a whole transaction, again when PostgreSQL ended it because of another one
/// (deadlock or serialization failure), a few times at most.
pub async fn retry_serialization<T, E, F>(attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(5))
        .with_max_times(REPEATS_MAX)
        .with_jitter();
    attempt
        .retry(pauses)
        .when(|error: &E| causes(error).any(sqlstate::is_serialization_failure))
        .notify(|error, _| {
            tracing::debug!(cause = told(error), "the transaction runs again");
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_not_a_serialization_failure_is_tried_once() {
        let mut attempts = 0;
        let result: Result<(), _> = retry_serialization(|| {
            attempts += 1;
            async { Err(sqlx::Error::RowNotFound) }
        })
        .await;
        assert!(matches!(result, Err(sqlx::Error::RowNotFound)));
        assert_eq!(attempts, 1);
    }
}
