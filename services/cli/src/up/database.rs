//! The three databases: on the embedded PostgreSQL, or on one that somebody else runs.

use std::convert::Infallible;
use std::fs::{File, create_dir_all};
use std::time::Duration;

use gazelle_runtime::config::DatabaseUrl;
use gazelle_runtime::database::migrate;
use sqlx::migrate::Migrator;
use tokio::task::spawn_blocking;

use crate::embedded::{EmbeddedError, Postgres, lock};
use crate::failure::Failure;
use crate::profile::Home;
use crate::words;

/// Before a server that ended by itself is started again, doubled each time that it does not start.
const RESTART_PAUSE: Duration = Duration::from_millis(500);
const RESTART_PAUSE_MAX: Duration = Duration::from_secs(30);

/// The services, each with a database of its own.
const SERVICES: [(&str, &Migrator); 3] = [
    ("registry", &gazelle_registry::MIGRATOR),
    ("usage", &gazelle_usage::MIGRATOR),
    ("settlement", &gazelle_settlement::MIGRATOR),
];

/// Where the databases are.
#[derive(Debug)]
pub(super) enum Database {
    /// On a server of our own.
    Embedded(Postgres),
    /// Elsewhere; the lock keeps a second process off the home.
    External { template: String, _lock: File },
}

impl Database {
    pub(super) async fn start(home: &Home, template: Option<&str>) -> Result<Self, Failure> {
        let Some(template) = template else {
            let postgres = Postgres::start(home.folder()).await;
            return postgres.map(Self::Embedded).map_err(|e| failed(&e));
        };
        if !template.contains("{database}") || !template.contains("{role}") {
            let message = words::URL_WITHOUT_PLACES.say();
            return Err(Failure::new("DATABASE_URL_INVALID", message));
        }
        create_dir_all(home.folder())?;
        let folder = home.folder().to_owned();
        let locked = spawn_blocking(move || lock(&folder))
            .await
            .map_err(EmbeddedError::Interrupted)
            .flatten();
        Ok(Self::External {
            template: template.to_owned(),
            _lock: locked.map_err(|error| failed(&error))?,
        })
    }

    /// Brings every database to this version; returns where each service reaches its own.
    pub(super) async fn prepare(&self) -> Result<[DatabaseUrl; 3], Failure> {
        let [a, b, c] = SERVICES.map(|(service, migrator)| self.prepare_one(service, migrator));
        let all = async { tokio::try_join!(a, b, c) };
        tokio::select! {
            prepared = all => prepared.map(|(a, b, c)| [a, b, c]),
            // Nobody starts it again yet, and they would wait for it.
            failure = self.ended() => Err(failure),
        }
    }

    /// Returns when a server of our own has ended by itself.
    async fn ended(&self) -> Failure {
        let Self::Embedded(postgres) = self else {
            return std::future::pending().await;
        };
        let how = postgres.exited().await;
        Failure::new(
            "DATABASE_FAILED",
            words::POSTGRES_ENDED.with(&[("how", &how)]),
        )
    }

    async fn prepare_one(
        &self,
        service: &str,
        migrator: &Migrator,
    ) -> Result<DatabaseUrl, Failure> {
        let (role, owner) = (
            format!("gazelle_{service}"),
            format!("gazelle_{service}_owner"),
        );
        // The service's role and its database have the same name.
        let database = &role;
        if let Self::Embedded(postgres) = self {
            let ensured = postgres.ensure_database(database, &owner, &role).await;
            ensured.map_err(|error| failed(&error))?;
        }
        migrate(&self.url(database, &owner)?, migrator)
            .await
            .map_err(|error| {
                let error = format!("{error:#}");
                let values: [(&str, &dyn std::fmt::Display); 2] =
                    [("service", &service), ("error", &error)];
                Failure::new("MIGRATION_FAILED", words::MIGRATION.with(&values))
            })?;
        self.url(database, &role)
    }

    fn url(&self, database: &str, role: &str) -> Result<DatabaseUrl, Failure> {
        let url = match self {
            Self::Embedded(postgres) => postgres.url(database, role),
            Self::External { template, .. } => template
                .replace("{database}", database)
                .replace("{role}", role),
        };
        // The cause could repeat a password.
        url.parse()
            .map_err(|_| Failure::new("DATABASE_URL_INVALID", words::URL_NO_POSTGRES.say()))
    }

    /// Starts a server of our own again whenever it ends by itself, as for want of room on the
    /// disk: it goes on when there is some. Never returns.
    pub(super) async fn keep_up(&mut self) -> Infallible {
        let Self::Embedded(postgres) = self else {
            return std::future::pending().await;
        };
        loop {
            let how = postgres.exited().await;
            tracing::error!(
                how,
                "PostgreSQL ended by itself; see postgres.log in the home"
            );
            let mut pause = RESTART_PAUSE;
            loop {
                tokio::time::sleep(pause).await;
                match postgres.restart().await {
                    Ok(()) => break,
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::error!(error, "PostgreSQL does not start; it is tried again");
                    }
                }
                pause = (pause * 2).min(RESTART_PAUSE_MAX);
            }
            tracing::info!("PostgreSQL is up again");
        }
    }

    pub(super) async fn stop(self) -> Result<(), Failure> {
        match self {
            Self::Embedded(postgres) => postgres.stop().await.map_err(|error| failed(&error)),
            Self::External { .. } => Ok(()),
        }
    }
}

fn failed(error: &EmbeddedError) -> Failure {
    Failure::caused(error.reason(), error)
}
