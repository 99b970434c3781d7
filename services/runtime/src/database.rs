//! How a service reaches its PostgreSQL.
//!
//! A password that comes from a file may change while the service runs: new connections use what
//! the file has then.
//!
//! Every write runs in an explicit transaction inside [`detach`](crate::detach); a connection is
//! proved and cleaned before each use, so that nothing of an earlier user is left on it.

use std::{error::Error, future::Future, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    causes::causes,
    config::{DatabaseConfig, DatabaseUrl},
    metrics,
    reach::wait_for,
    ready::{Needed, Readiness},
    schema,
    sqlstate::is_serialization_failure,
    watched::Watched,
};

pub use crate::reach::ConnectError;

/// Between two looks at the file of a password.
const PASSWORD_PERIOD: Duration = Duration::from_secs(1);

/// Attempts of a transaction that PostgreSQL ended to let another one through.
const ATTEMPTS_MAX: u32 = 6;

/// Opens the pool of `service` once its database answers, up to 30 s later, and sees that this
/// binary, which knows the migrations of `migrator`, may serve on its tables. `None` when it is
/// told to stop before.
pub async fn start(
    service: &'static str,
    config: &DatabaseConfig,
    migrator: &Migrator,
    shutdown: &CancellationToken,
) -> anyhow::Result<Option<PgPool>> {
    let pool = shutdown.run_until_cancelled(async {
        let pool = connect(service, config).await?;
        schema::check(&pool, service, migrator).await?;
        anyhow::Ok(pool)
    });
    pool.await.transpose()
}

/// Opens the pool of `service`; waits up to 30 s for a database that is still starting.
pub async fn connect(
    service: &'static str,
    config: &DatabaseConfig,
) -> Result<PgPool, ConnectError> {
    let pool = open(service, config)?;
    wait_for(&pool.connect_options()).await?;
    Ok(pool)
}

/// A pool of `service` that connects when it is first used.
pub fn open(service: &'static str, config: &DatabaseConfig) -> Result<PgPool, ConnectError> {
    let (options, password) = config.options().map_err(ConnectError::Password)?;
    let options = options
        .application_name(&format!("gazelle-{service}"))
        // A transaction that nobody goes on with must not hold its locks.
        .options([("idle_in_transaction_session_timeout", "10s")])
        .options([
            ("lock_timeout", config.lock_timeout_ms),
            ("statement_timeout", config.statement_timeout_ms),
        ]);
    let pool = PgPoolOptions::new()
        // `sql` makes a metric of it.
        .acquire_time_level(log::LevelFilter::Trace)
        .max_connections(config.max_connections.get())
        .acquire_timeout(Duration::from_millis(config.acquire_timeout_ms))
        // The statement below proves that the connection lives.
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move {
                // A cancelled `begin()` leaves a transaction open that `sqlx` does not know of,
                // and the next user's writes would be rolled back with it. `begin` first, since
                // a bare `rollback` warns whenever there is nothing to roll back. If that
                // transaction has failed, this fails too, and the pool drops the connection.
                connection.execute("begin; rollback").await?;
                Ok(true)
            })
        })
        .connect_lazy_with(options);
    metrics::observe_pool(service, &pool);
    if let Some(password) = password {
        tokio::spawn(follow(password, pool.clone()));
    }
    Ok(pool)
}

/// Has new connections of `pool` use the password as its file has it, until the pool is closed.
/// Those that are open stay: PostgreSQL asks for a password once.
async fn follow(password: Watched<String>, pool: PgPool) {
    let mut used = password.current();
    loop {
        tokio::select! {
            () = pool.close_event() => return,
            () = tokio::time::sleep(PASSWORD_PERIOD) => {}
        }
        let current = password.current();
        if !Arc::ptr_eq(&used, &current) {
            let options = PgConnectOptions::clone(&pool.connect_options());
            pool.set_connect_options(options.password(&current));
            used = current;
        }
    }
}

/// Not ready while the database does not answer on a connection apart from the pool: one that is
/// used up is an overload, not an outage.
pub fn watch(pool: &PgPool, readiness: &Readiness) -> AbortOnDropHandle<()> {
    let pool = pool.clone();
    let held: Arc<Mutex<Option<PgConnection>>> = Arc::default();
    readiness.watch("database", Needed::Always, move || {
        let (options, held) = (pool.connect_options(), held.clone());
        async move {
            let mut held = held.lock().await;
            // One that was ended meanwhile says nothing about the database.
            if let Some(mut connection) = held.take()
                && connection.ping().await.is_ok()
            {
                *held = Some(connection);
                return Ok(());
            }
            let connection = options.connect().await.map_err(|error| {
                tracing::debug!(%error, "the database does not answer");
                "the database does not answer".to_owned()
            })?;
            *held = Some(connection);
            Ok(())
        }
    })
}

/// Brings a database's tables to this version, as their owner. Newer ones are left as they are.
pub async fn migrate(owner: &DatabaseUrl, migrator: &Migrator) -> anyhow::Result<()> {
    migrate_as(owner.options(), migrator).await
}

pub(crate) async fn migrate_as(
    owner: &PgConnectOptions,
    migrator: &Migrator,
) -> anyhow::Result<()> {
    wait_for(owner).await?;
    let mut connection = owner.connect().await?;
    schema::lenient(migrator).run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Runs `attempt`, a whole transaction, again when PostgreSQL ended it because of another one
/// (deadlock or serialization failure), a few times at most.
pub async fn retry_serialization<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let mut pause = Duration::from_millis(5);
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(error) if causes(&error).any(is_serialization_failure) => {
                tracing::debug!(%error, "the transaction runs again");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            result => return result,
        }
    }
    attempt().await
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
