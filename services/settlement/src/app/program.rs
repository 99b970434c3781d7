//! Programs.

use gazelle_kernel::ProgramId;
use gazelle_runtime::detach::detached;
use sqlx::PgConnection;

use super::{App, AppError, record};
use crate::{
    domain::{
        catalog::{Application, Catalog, Versions},
        program::{Program, Terms},
        run::Actor,
    },
    store::{self, StoreError, program::Version, snapshot},
};

/// A program as it now stands.
#[derive(Debug)]
pub struct Applied {
    /// Its newest version.
    pub version: Version,
    /// Whether that was made now.
    pub changed: bool,
}

impl App {
    /// Creates a program or adds a version to it; the same content again changes nothing.
    pub async fn apply_program(&self, by: Actor, terms: Terms) -> Result<Applied, AppError> {
        let app = self.clone();
        detached(async move {
            let program = Program::new(terms)?;
            let mut tx = app.begin().await?;
            store::program::lock_catalog(&mut tx).await?;
            let mut catalog = catalog(&mut tx).await?;
            let latest = store::program::latest(&mut tx, program.id()).await?;

            let application = catalog.apply(program.clone())?;
            let version = match (application, latest) {
                (Application::Unchanged, Some(version)) => {
                    return Ok(Applied {
                        version,
                        changed: false,
                    });
                }
                (_, latest) => Version {
                    program,
                    version: latest.map_or(1, |latest| latest.version + 1),
                    applied_by: by.to_string(),
                    applied_at: app.clock.now(),
                },
            };

            store::program::insert_version(&mut tx, &version).await?;
            let (id, content) = (
                version.program.id().to_string(),
                snapshot::write_program(&version.program),
            );
            record(
                &mut tx,
                &by,
                version.applied_at,
                "program.apply",
                &id,
                &content,
            )
            .await?;
            tx.commit().await?;
            Ok(Applied {
                version,
                changed: true,
            })
        })
        .await
    }

    /// A version of a program; the newest where none is named.
    pub async fn program(&self, id: &ProgramId, version: Option<i32>) -> Result<Version, AppError> {
        let mut tx = self.begin().await?;
        let found = match version {
            Some(version) => store::program::version(&mut tx, id, version).await?,
            None => store::program::latest(&mut tx, id).await?,
        };
        found.ok_or_else(|| AppError::ProgramNotFound(id.clone()))
    }

    /// The newest versions of programs after `after`, by id.
    pub async fn programs(
        &self,
        after: Option<&ProgramId>,
        limit: i64,
    ) -> Result<Vec<Version>, AppError> {
        let mut tx = self.begin().await?;
        Ok(store::program::page(&mut tx, after, limit).await?)
    }
}

/// All programs, each with the versions that its years are or may be settled by.
async fn catalog(tx: &mut PgConnection) -> Result<Catalog, StoreError> {
    let mut settled = store::program::settled(&mut *tx).await?;
    let mut open = store::program::open(&mut *tx).await?;
    let versions = store::program::all(tx).await?.into_iter().map(|latest| {
        let id = latest.program.id().clone();
        let is_its = |(_, version): &mut (_, Version)| *version.program.id() == id;
        let mut versions = Versions::new(latest.program);
        versions.settled = settled
            .extract_if(.., is_its)
            .map(|(year, version)| (year, version.program))
            .collect();
        versions.open = open
            .extract_if(.., is_its)
            .map(|(year, version)| (year, version.program))
            .next();
        versions
    });
    Ok(Catalog::new(versions))
}
