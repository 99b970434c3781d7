//! Bringing the tables to a version.

use sqlx::{Connection as _, migrate::Migrator, postgres::PgConnectOptions};

use super::{
    connect::{though_it_goes_away, wait_for},
    schema,
};
use crate::config::DatabaseUrl;

/// Brings a database's tables to this version, as their owner. Newer ones are left as they are.
pub async fn migrate(owner: &DatabaseUrl, migrator: &Migrator) -> anyhow::Result<()> {
    migrate_as(owner.options(), migrator).await
}

pub(crate) async fn migrate_as(
    owner: &PgConnectOptions,
    migrator: &Migrator,
) -> anyhow::Result<()> {
    let migrator = schema::lenient(migrator);
    though_it_goes_away(|| async {
        let mut connection = wait_for(owner).await?;
        migrator.run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    })
    .await
}
