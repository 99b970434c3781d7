//! Who may do what with a service's database, compared with who should.
//!
//! `access.sql` tells it as facts, one a line: roles and who may become them, grants, owners,
//! policies, triggers, functions. Each service has those of a database as its migrations and
//! `deploy/config/roles.sql` make it, in its `access.txt`. So nothing that differs can be
//! overlooked for want of a rule.

use std::{collections::BTreeSet, fmt};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::connect::wait_for;

const FACTS: &str = include_str!("access.sql");

/// What is not as it should be, or that nothing is amiss.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differences {
    /// Facts that should hold and do not.
    missing: BTreeSet<String>,
    /// Facts that hold and should not.
    too_much: BTreeSet<String>,
}

impl Differences {
    fn between<'a>(
        expected: impl Iterator<Item = &'a str>,
        found: impl Iterator<Item = &'a str>,
    ) -> Self {
        let (expected, found): (BTreeSet<_>, BTreeSet<_>) = (expected.collect(), found.collect());
        let texts =
            |facts: &mut dyn Iterator<Item = &&str>| facts.map(|fact| (*fact).to_owned()).collect();
        Self {
            missing: texts(&mut expected.difference(&found)),
            too_much: texts(&mut found.difference(&expected)),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.missing.len() + self.too_much.len()
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fact in &self.missing {
            writeln!(f, "missing:  {fact}")?;
        }
        for fact in &self.too_much {
            writeln!(f, "too much: {fact}")?;
        }
        Ok(())
    }
}

/// Compares what holds in a database of `service` with what should, as who serves.
pub(crate) async fn check(
    service: &str,
    options: &PgConnectOptions,
    expected: &str,
) -> anyhow::Result<Differences> {
    let mut connection = wait_for(options).await?;
    let mut found = facts(&mut connection, service).await?;
    let role: String = sqlx::query_scalar("select session_user::text")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    // Not from the catalog, but from the configuration.
    let who = |role: &str| format!("configuration: serves as {role}");
    found.push(who(&role));
    let right = who(&format!("gazelle_{service}"));
    let expected = expected.lines().chain([&*right]);
    Ok(Differences::between(
        expected,
        found.iter().map(String::as_str),
    ))
}

async fn facts(connection: &mut PgConnection, service: &str) -> sqlx::Result<Vec<String>> {
    let mut tx = connection.begin().await?;
    sqlx::query("select set_config('gazelle.service', $1, true)")
        .bind(service)
        .execute(&mut *tx)
        .await?;
    let facts = sqlx::query_scalar(FACTS).fetch_all(&mut *tx).await?;
    tx.rollback().await?;
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_and_what_is_too_much_is_told_apart() {
        let compare =
            |expected: &str, found: &str| Differences::between(expected.lines(), found.lines());
        assert_eq!(compare("a\nb", "b\na").count(), 0);
        let differences = compare("a\nb\n", "b\nc");
        assert_eq!(differences.count(), 2);
        assert_eq!(differences.to_string(), "missing:  a\ntoo much: c\n");
    }
}
