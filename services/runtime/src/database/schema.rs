//! Whether a binary and the tables that it finds fit together.
//!
//! The rule, which lets a release be rolled out and back without a stop:
//!
//! - `migrate` comes before `serve`: a binary needs every migration that it knows, with the
//!   content that it knows.
//! - A release's migrations only add, so that binaries of the release before go on serving while
//!   they are replaced. What is no longer used is taken away one release later, at the earliest.
//! - A migration that takes away says so: it sets `schema_floor.migration` to the last migration
//!   of the oldest binaries that it leaves in service. A binary that does not know that one stops
//!   at its next start, and says why.

use std::borrow::Cow;

use sqlx::{PgConnection, migrate::Migrator};

/// The tables are none that this binary may serve on.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// They are older.
    #[error(
        "the tables lack migration {migration}; run `gazelle-{service} migrate` of this version first"
    )]
    Older {
        /// Whose tables they are.
        service: &'static str,
        /// The first that is missing.
        migration: i64,
    },
    /// They have another history.
    #[error(
        "migration {migration} of the tables is another than this binary's; they are of another build"
    )]
    Differs {
        /// The first that differs.
        migration: i64,
    },
    /// They are newer than this binary understands.
    #[error(
        "the tables need a binary that knows migration {floor}, and this one knows {known} at most; serve with a newer version"
    )]
    Newer {
        /// What a binary must know.
        floor: i64,
        /// What this one knows.
        known: i64,
    },
    /// They can't be looked at.
    #[error(
        "the tables' version cannot be read; if there are none yet, run `gazelle-{service} migrate`"
    )]
    Unreadable {
        /// Whose tables they are.
        service: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
}

/// Whether the binary of `service`, which knows the migrations of `migrator`, may serve.
pub async fn check(
    connection: &mut PgConnection,
    service: &'static str,
    migrator: &Migrator,
) -> Result<(), SchemaError> {
    let unreadable = |source| SchemaError::Unreadable { service, source };
    let applied: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select version, checksum from _sqlx_migrations where success order by version",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(unreadable)?;
    let floor: i64 = sqlx::query_scalar("select migration from schema_floor")
        .fetch_one(connection)
        .await
        .map_err(unreadable)?;
    judge(service, migrator, &applied, floor)
}

fn judge(
    service: &'static str,
    migrator: &Migrator,
    applied: &[(i64, Vec<u8>)],
    floor: i64,
) -> Result<(), SchemaError> {
    for known in migrator.iter() {
        let migration = known.version;
        match applied.iter().find(|(version, _)| *version == migration) {
            None => return Err(SchemaError::Older { service, migration }),
            Some((_, checksum)) if **checksum != *known.checksum => {
                return Err(SchemaError::Differs { migration });
            }
            Some(_) => {}
        }
    }
    let known = migrator.iter().map(|known| known.version).max();
    let known = known.unwrap_or_default();
    if floor > known {
        return Err(SchemaError::Newer { floor, known });
    }
    Ok(())
}

/// The same migrations, for tables that may be newer: then there is nothing to do, so that the
/// release before can be rolled back to.
pub(crate) fn lenient(migrator: &Migrator) -> Migrator {
    Migrator {
        migrations: Cow::Owned(migrator.iter().cloned().collect()),
        ignore_missing: true,
        ..Migrator::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use sqlx::migrate::{Migration, MigrationType};

    use super::*;

    /// Knows migrations 1 to `last`.
    fn migrator(last: i64) -> Migrator {
        let migration = |version: i64| {
            let sql =
                sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(format!("select {version}")));
            Migration::new(version, "".into(), MigrationType::Simple, sql, false)
        };
        Migrator {
            migrations: (1..=last).map(migration).collect(),
            ..Migrator::DEFAULT
        }
    }

    fn applied(last: i64) -> Vec<(i64, Vec<u8>)> {
        let migrator = migrator(last);
        let each = migrator.iter();
        each.map(|it| (it.version, it.checksum.to_vec())).collect()
    }

    #[test]
    fn tables_must_be_as_new_and_may_be_newer_as_long_as_they_say_so() {
        let judge = |known, found, floor| judge("usage", &migrator(known), &applied(found), floor);
        judge(2, 2, 1).unwrap();
        judge(2, 4, 2).unwrap();
        let older = judge(3, 2, 1).unwrap_err();
        assert!(matches!(older, SchemaError::Older { migration: 3, .. }));
        let newer = judge(2, 4, 3).unwrap_err();
        assert!(matches!(newer, SchemaError::Newer { floor: 3, known: 2 }));
    }

    #[test]
    fn tables_of_another_build_are_refused() {
        let mut applied = applied(2);
        applied[1].1[0] ^= 1;
        let differs = judge("usage", &migrator(2), &applied, 1).unwrap_err();
        assert!(matches!(differs, SchemaError::Differs { migration: 2 }));
    }
}
