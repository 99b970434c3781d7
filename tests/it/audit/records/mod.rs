//! Whoever edits what is stored of records, periods, seals, withdrawals and totals, past all rules
//! of the database, is found by holding it against the trail.

mod intruder;
mod usage;

use std::collections::BTreeSet;

use fastrand::Rng;
use sqlx::Executor as _;

use self::intruder::{Column, Intruder};
use self::usage::Usage;

/// Rows of a table in each of whose columns something else is put.
const ROWS: usize = 2;

/// What may be edited unseen, and why.
const UNTOLD: [(&str, &str); 9] = [
    (
        "_sqlx_migrations.*",
        "what was migrated; `check --database` looks at the tables",
    ),
    (
        "schema_floor.*",
        "which binaries may serve; not what platforms sent",
    ),
    ("event.*", "the chain itself"),
    ("event_head.*", "the chain's end"),
    (
        "period.revision",
        "tells of two receipts which is newer; nothing is counted by it",
    ),
    (
        "refused_record.reason",
        "the trail tells how many were refused, and by sealing",
    ),
    ("refused_record.message", "words for a person"),
    (
        "refused_record.first_received_at",
        "the trail does not tell",
    ),
    (
        "refused_record.times",
        "the trail tells only of those that sealing refused",
    ),
];

/// Tables where a row more means nothing, and why.
const MORE: [(&str, &str); 1] = [("fee_kind", "a name that no record has")];

/// Rows that may go unseen, and why.
const LESS: [(&str, &str, &str); 1] = [(
    "reversed",
    "reversed_fen = 0",
    "nothing is taken back, which no row says as well",
)];

fn is_untold(table: &str, column: &str) -> bool {
    let names = [format!("{table}.*"), format!("{table}.{column}")];
    UNTOLD
        .iter()
        .any(|(name, _)| names.iter().any(|it| it == name))
}

/// Everything that may be done to some rows of a table, each with the column that it is about.
fn tamperings(
    table: &str,
    columns: &[Column],
    rows: &[String],
    random: &mut Rng,
) -> Vec<(String, String)> {
    let all: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
    let (mut done, names) = (Vec::new(), all.join(", "));
    let told: Vec<&Column> = columns
        .iter()
        .filter(|it| !is_untold(table, &it.name))
        .collect();
    let takes_more = MORE.iter().all(|(name, _)| *name != table);
    let less = LESS.iter().find(|(name, ..)| *name == table);
    let less = less.map_or("false", |(_, rows, _)| rows);
    for row in rows {
        let gone = format!("delete from {table} where ctid = {row} and not ({less})");
        done.extend(told.first().map(|it| (it.name.clone(), gone)));
        for &column in &told {
            let (name, value) = (&column.name, column.other_value(random));
            let mut with = |statement: String| done.push((name.clone(), statement));
            with(format!(
                "update {table} set {name} = {value} where ctid = {row}"
            ));
            if column.is_nullable {
                with(format!(
                    "update {table} set {name} = null where ctid = {row} and {name} is not null"
                ));
            }
            if takes_more {
                let value = |it: &&str| if *it == name { &*value } else { *it }.to_owned();
                let values: Vec<String> = all.iter().map(value).collect();
                let values = values.join(", ");
                with(format!(
                    "insert into {table} ({names}) select {values} from {table} where ctid = {row}"
                ));
            }
        }
    }
    done
}

#[tokio::test]
async fn whatever_is_edited_in_whatever_table_of_usage_is_found() {
    let usage = Usage::start().await;
    usage.live_in().await;
    let whole = usage.verify().await.unwrap();
    let mut intruder = Intruder::into(&usage.apart).await;
    let seed = fastrand::u64(..);
    let mut random = Rng::with_seed(seed);
    for (table, columns) in intruder.tables.clone() {
        let rows = intruder.rows(&table, &mut random, ROWS).await;
        let told = columns.iter().filter(|it| !is_untold(&table, &it.name));
        let mut untouched: BTreeSet<String> = told.map(|it| it.name.clone()).collect();
        for (column, statement) in tamperings(&table, &columns, &rows, &mut random) {
            if !intruder.tampers(&statement).await {
                continue;
            }
            let number = usage.found(&format!("seed {seed}: {statement}")).await;
            assert!(
                (0..=whole.entry_count).contains(&number),
                "seed {seed}: {statement}"
            );
            intruder.undo(&table).await;
            if statement.starts_with("update") {
                untouched.remove(&column);
            }
        }
        assert_eq!(untouched, BTreeSet::new(), "seed {seed}: of {table}");
    }
    assert_eq!(usage.verify().await.unwrap(), whole, "seed {seed}");
}

/// What somebody does, and the entry that tells otherwise: its action and whose; none, where no
/// entry tells of it.
const KNOWN: [(&str, Option<(&str, &str)>); 12] = [
    (
        "update record set amount_fen = amount_fen + 1 where period = 24206 and record_id = 'r1'",
        Some(("period.seal", "2017-03")),
    ),
    (
        "update record set merchant_id = 'mine' where period = 24206;
         update sealed_total set merchant_id = 'mine' where period = 24206 and merchant_id = 'shop'",
        Some(("period.seal", "2017-03")),
    ),
    (
        "update record set amount_fen = 301 where record_id = 'g';
         update period set total_fen = 311, stated_total_fen = 311 where period = 24208",
        Some(("statement.submit", "2017-05")),
    ),
    (
        "update sealed_total set fees_fen[1] = fees_fen[1] + 1, fees_fen[2] = fees_fen[2] - 1
         where period = 24207 and merchant_id = 'shop'",
        Some(("period.seal", "2017-04")),
    ),
    (
        "update record set fee_date = fee_date + 1 where record_id = 'a1'",
        Some(("period.seal", "2017-04")),
    ),
    (
        "update withdrawn_record set occurred_on = fee_date - 1 where record_id = 'r2'",
        Some(("period.withdraw", "2017-03")),
    ),
    (
        "update withdrawal set digest = sha256(digest) where period = 24213",
        Some(("period.withdraw", "2017-10")),
    ),
    (
        "delete from record where period = 24207; delete from sealed_total where period = 24207;
         delete from sealed_key where period = 24207; delete from refused_record where period = 24207;
         delete from period where period = 24207",
        Some(("period.seal", "2017-04")),
    ),
    ("update record set amount_fen = amount_fen + 1 where record_id = 'n'", None),
    (
        "update platform set platform_id = case platform_id
             when 'alpha-mall' then 'beta-mall' else 'alpha-mall' end",
        Some(("statement.submit", "2017-02")),
    ),
    (
        "update fee_kind set name = case name
             when 'COMMISSION' then 'MEMBERSHIP' else 'COMMISSION' end",
        Some(("period.seal", "2017-02")),
    ),
    (
        "update refused_record set times = times + 1 where reason = 'RECORD_IN_SEALED_PERIOD'",
        None,
    ),
];

#[tokio::test]
async fn what_is_edited_is_found_at_the_entry_that_tells_of_it() {
    let usage = Usage::start().await;
    usage.live_in().await;
    let whole = usage.verify().await.unwrap();
    let mut intruder = Intruder::into(&usage.apart).await;
    let tables = intruder.tables.clone();
    for (statements, told) in KNOWN {
        let done = intruder.session.execute(statements).await.unwrap();
        assert!(done.rows_affected() > 0, "{statements}");
        let number = usage.found(statements).await;
        let expected = match told {
            None => whole.entry_count,
            Some((action, period)) => {
                let entry = "select max(number) from event where action = $1 and subject = $2";
                let entry = sqlx::query_scalar(entry).bind(action);
                let entry = entry.bind(format!("alpha-mall {period}"));
                entry.fetch_one(&mut intruder.session).await.unwrap()
            }
        };
        assert_eq!(number, expected, "{statements}");
        for (table, _) in &tables {
            intruder.undo(table).await;
        }
    }
    assert_eq!(usage.verify().await.unwrap(), whole);
}
