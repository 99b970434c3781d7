//! The connections of a service.

use std::{sync::Arc, time::Duration};

use gazelle_client::watched::Watched;
use sqlx::{
    Connection as _, Executor as _, PgPool, Row as _,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio_util::sync::CancellationToken;

use super::{
    connect::{ConnectError, though_it_goes_away, wait_for},
    schema,
};
use crate::{config::DatabaseConfig, telemetry::metrics};

/// Between two looks at the file of a password.
const PASSWORD_PERIOD: Duration = Duration::from_secs(1);

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
        let pool = open(service, config)?;
        // Beside the pool, whose connections are waited for as briefly as callers can.
        though_it_goes_away(|| async {
            let mut connection = wait_for(&pool.connect_options()).await?;
            schema::check(&mut connection, service, migrator).await?;
            connection.close().await?;
            Ok(())
        })
        .await?;
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
    let connection = wait_for(&pool.connect_options()).await?;
    connection.close().await.map_err(ConnectError::Unusable)?;
    Ok(pool)
}

/// A pool of `service` that connects when it is first used.
pub fn open(service: &'static str, config: &DatabaseConfig) -> Result<PgPool, ConnectError> {
    let (options, password) = config.options().map_err(ConnectError::Password)?;
    let options = options
        .application_name(&format!("gazelle-{service}"))
        // A transaction that nobody goes on with must not hold its locks.
        .options([("idle_in_transaction_session_timeout", "10s")])
        // The `begin` below warns of each transaction that a cancelled call left open, and callers
        // cancel as often as they like. PostgreSQL's own log has its warnings all the same.
        .options([("client_min_messages", "error")])
        // To compile a statement takes longer than what it saves of any of ours.
        .options([("jit", "off")])
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
                // transaction has failed, this fails too, and the pool drops the connection. So
                // it does with one whose server has become a replica: after a failover a new one
                // finds the server that writes.
                let clean = "begin; rollback; show transaction_read_only";
                let writes = connection.fetch_one(clean).await?;
                Ok(writes.try_get::<&str, _>(0)? == "off")
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
