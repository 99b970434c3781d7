//! Somebody whom neither triggers nor checks stop.

use fastrand::Rng;
use gazelle_tests::apart::Apart;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    kind: String,
    pub is_nullable: bool,
}

/// A superuser whom nothing holds back, and who can put everything back.
pub struct Intruder {
    pub session: PgConnection,
    /// All tables, with their columns.
    pub tables: Vec<(String, Vec<Column>)>,
}

impl Intruder {
    pub async fn into(apart: &Apart) -> Self {
        let url = apart.database_url("usage", "postgres");
        let mut session = PgConnection::connect(&url).await.unwrap();
        let alone = "set session_replication_role = replica; create schema kept";
        session.execute(alone).await.unwrap();
        let names = "select table_name::text from information_schema.tables
                     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1";
        let names: Vec<String> = sqlx::query_scalar(names)
            .fetch_all(&mut session)
            .await
            .unwrap();
        let mut tables = Vec::new();
        for name in names {
            let kept = format!("create table kept.{name} as table {name}");
            session.execute(AssertSqlSafe(kept)).await.unwrap();
            tables.push((name.clone(), columns(&mut session, &name).await));
            let rules = "select conname::text from pg_constraint
                         where conrelid = $1::regclass and contype in ('c', 'u', 'f')";
            let rules = sqlx::query_scalar(rules)
                .bind(&name)
                .fetch_all(&mut session);
            let rules: Vec<String> = rules.await.unwrap();
            for rule in rules {
                let drop = format!("alter table {name} drop constraint {rule} cascade");
                session.execute(AssertSqlSafe(drop)).await.unwrap();
            }
        }
        Self { session, tables }
    }

    /// Does it; `false` where a key is taken, or it changes nothing.
    pub async fn tampers(&mut self, statement: &str) -> bool {
        let done = self
            .session
            .execute(AssertSqlSafe(statement.to_owned()))
            .await;
        done.is_ok_and(|done| done.rows_affected() > 0)
    }

    /// Puts a table back as it was.
    pub async fn undo(&mut self, table: &str) {
        let undo = format!("delete from {table}; insert into {table} table kept.{table}");
        self.session.execute(AssertSqlSafe(undo)).await.unwrap();
    }

    /// Where rows of a table lie, no more than so many.
    pub async fn rows(&mut self, table: &str, random: &mut Rng, most: usize) -> Vec<String> {
        let count = AssertSqlSafe(format!("select count(*) from {table}"));
        let count = sqlx::query_scalar(count).fetch_one(&mut self.session);
        let count: i64 = count.await.unwrap();
        assert!(count > 0, "{table} has nothing to tamper with");
        let mut places: Vec<i64> = (0..count).collect();
        random.shuffle(&mut places);
        places.truncate(most);
        let row = |place| {
            format!("(select ctid from {table} it order by it::text offset {place} limit 1)")
        };
        places.into_iter().map(row).collect()
    }
}

async fn columns(session: &mut PgConnection, table: &str) -> Vec<Column> {
    let columns = "select attname::text, format_type(atttypid, null), not attnotnull from pg_attribute
                   where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum";
    let columns: Vec<(String, String, bool)> = sqlx::query_as(columns)
        .bind(table)
        .fetch_all(session)
        .await
        .unwrap();
    let column = |(name, kind, is_nullable)| Column {
        name,
        kind,
        is_nullable,
    };
    columns.into_iter().map(column).collect()
}

impl Column {
    /// Something else than what a row has.
    pub fn other_value(&self, random: &mut Rng) -> String {
        let (name, by) = (&self.name, random.i32(10..100));
        match self.kind.as_str() {
            "text" => format!("coalesce({name}, '') || 'x'"),
            "smallint" | "integer" | "bigint" | "numeric" => format!("coalesce({name}, 0) + {by}"),
            "boolean" => format!("not {name}"),
            "date" => format!("{name} + {by}"),
            "bytea" => format!(
                "set_byte(coalesce({name}, '\\x00'), 0, get_byte(coalesce({name}, '\\x00'), 0) # 1)"
            ),
            "uuid" => "gen_random_uuid()".to_owned(),
            "timestamp with time zone" => {
                format!("coalesce({name}, now()) + interval '1 us'")
            }
            kind if kind.ends_with("[]") => format!("array[{name}[1] + {by}] || {name}[2:]"),
            kind => panic!("{name} is {kind}"),
        }
    }
}
