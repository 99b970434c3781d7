//! A thousand random things that a superuser does to the books and to what they are about, past
//! all triggers, foreign keys and checks, one at a time: each is found, and named by a kind of the
//! closed list.

use fastrand::Rng;
use gazelle_proto::settlement::v1::LedgerCheckpoint;
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::City;
use gazelle_tests::payments::{
    Owing, answer_list, cancel, confirm_account, payments, prepare, release, take_answer, verify,
};
use gazelle_tests::refusal::{metadata, reason};
use gazelle_tests::runs::{decide, raise, run_of_400, short_run};
use gazelle_tests::suite::Suite;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

const TAMPERINGS: usize = 1_000;

/// What may be found.
const KINDS: [&str; 14] = [
    "ENTRY_EDITED",
    "ENTRY_DELETED",
    "ENTRY_INSERTED",
    "ENTRIES_SWAPPED",
    "POSTING_DELETED",
    "POSTING_INSERTED",
    "BALANCE_EDITED",
    "BALANCE_DELETED",
    "BALANCE_INSERTED",
    "ACCOUNT_EDITED",
    "TAIL_CUT",
    "WRITTEN_ANEW",
    "CAUSE_DISAGREES",
    "TRAIL_BROKEN",
];

/// The books, what they are about, and the trail.
const TABLES: [&str; 24] = [
    "ledger_account",
    "ledger_entry",
    "ledger_posting",
    "ledger_balance",
    "ledger_head",
    "open_item",
    "payment_order",
    "payment",
    "remittance",
    "held_payee",
    "payment_answer",
    "payment_break",
    "run",
    "run_enterprise",
    "run_line",
    "run_exclusion",
    "run_seal",
    "objection",
    "program",
    "program_version",
    "program_year",
    "enrollment",
    "event",
    "event_head",
];

#[derive(Debug)]
struct BookColumn {
    name: String,
    kind: String,
}

#[derive(Debug)]
struct Table {
    name: &'static str,
    /// All that are stored.
    columns: Vec<BookColumn>,
    row_count: usize,
}

impl Table {
    async fn read(session: &mut PgConnection, name: &'static str) -> Self {
        let columns = "select attname::text, format_type(atttypid, null) from pg_attribute
                       where attrelid = $1::regclass and attnum > 0 and not attisdropped
                         and attgenerated = '' order by attnum";
        let columns: Vec<(String, String)> = sqlx::query_as(columns)
            .bind(name)
            .fetch_all(&mut *session)
            .await
            .unwrap();
        let count = AssertSqlSafe(format!("select count(*) from {name}"));
        let row_count: i64 = sqlx::query_scalar(count).fetch_one(session).await.unwrap();
        assert!(row_count > 0, "{name} has nothing to tamper with");
        let column = |(name, kind)| BookColumn { name, kind };
        Self {
            name,
            columns: columns.into_iter().map(column).collect(),
            row_count: usize::try_from(row_count).unwrap(),
        }
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|it| it.name.as_str()).collect();
        names.join(", ")
    }

    /// Where a row lies.
    fn row(&self, random: &mut Rng) -> String {
        let place = random.usize(..self.row_count);
        format!("(select ctid from {} offset {place} limit 1)", self.name)
    }

    /// What may be done to it.
    fn tampering(&self, random: &mut Rng) -> String {
        let Self { name, .. } = self;
        let column = &self.columns[random.usize(..self.columns.len())];
        let row = self.row(random);
        match random.u8(..10) {
            0 => format!("delete from {name} where ctid = {row}"),
            1 => {
                let value = |it: &BookColumn| {
                    if it.name == column.name {
                        other_value(it, random)
                    } else {
                        it.name.clone()
                    }
                };
                let values: Vec<String> = self.columns.iter().map(value).collect();
                let (names, values) = (self.names(), values.join(", "));
                format!(
                    "insert into {name} ({names}) select {values} from {name} where ctid = {row}"
                )
            }
            2 | 3 => {
                let (it, other) = (&column.name, self.row(random));
                format!(
                    "update {name} set {it} = case ctid when {row}
                         then (select {it} from {name} where ctid = {other})
                         else (select {it} from {name} where ctid = {row}) end
                     where ctid in ({row}, {other})"
                )
            }
            _ => {
                let (it, value) = (&column.name, other_value(column, random));
                format!("update {name} set {it} = {value} where ctid = {row}")
            }
        }
    }
}

/// Something else than what a row has in a column.
fn other_value(column: &BookColumn, random: &mut Rng) -> String {
    let name = &column.name;
    let by = random.i32(1..1_000) * if random.bool() { 1 } else { -1 };
    match column.kind.as_str() {
        _ if random.u8(..10) == 0 => "null".to_owned(),
        "text" if random.u8(..4) == 0 => "''".to_owned(),
        "bigint" if random.u8(..4) == 0 => format!("{}", i64::MIN),
        "text" if random.bool() => format!("coalesce({name}, '') || 'x'"),
        "text" => format!("substr(coalesce({name}, 'xx'), 2)"),
        "integer" | "bigint" | "numeric" => format!("coalesce({name}, 0) + {by}"),
        "boolean" => format!("not {name}"),
        "date" => format!("coalesce({name}, date '2017-01-01') + {by}"),
        "bytea" => format!("sha256({name})"),
        "uuid" => "gen_random_uuid()".to_owned(),
        "text[]" => format!("{name} || array['person:mallory']"),
        kind if kind.starts_with("timestamp") => {
            format!("coalesce({name}, now()) + interval '{by} us'")
        }
        kind => panic!("{name} is {kind}"),
    }
}

/// The last entries are gone as if they had never been.
fn cut(random: &mut Rng, entry_count: usize) -> String {
    let left = entry_count - random.usize(1..entry_count);
    format!(
        "delete from ledger_balance where posting_number in (
             select posting_number from ledger_posting where entry_number > {left});
         delete from ledger_posting where entry_number > {left};
         delete from ledger_entry where entry_number > {left};
         update ledger_head set entry_number = {left},
                posting_count = (select count(*) from ledger_posting),
                digest = (select digest from ledger_entry where entry_number = {left})"
    )
}

/// Books in which everything happened once.
async fn lived_in(city: &City<'_>) {
    let owing = Owing::found(city, 3).await;
    let first = prepare(&city.officer, &owing.program_id).await.unwrap();
    release(&city.approver, &first).await.unwrap();
    let made = payments(city, &first).await;
    let ids: Vec<&str> = made.iter().map(|it| it.payment_id.as_str()).collect();
    let rows = [(ids[0], "成功"), (ids[1], "退回"), (ids[2], "退回")];
    let list = answer_list(&first, &rows);
    take_answer(&city.officer, &list).await.unwrap();
    let strange = answer_list(&first, &[("strange", "成功"), ("stranger", "成功")]);
    take_answer(&city.officer, &strange).await.unwrap_err();
    confirm_account(city, &owing.payees[1], "777").await;
    // One payee is held, and the payment to the other waits.
    prepare(&city.officer, &owing.program_id).await.unwrap();

    let (_, _, [objector, _], run) = short_run(city).await;
    let run = city.publish(&run).await.unwrap();
    raise(&city.officer, &run, &objector).await.unwrap();
    decide(&city.officer, &run, &objector, true).await.unwrap();

    run_of_400(city).await;
    // One that nobody publishes.
    short_run(city).await;

    let other = Owing::found(city, 2).await;
    let dropped = prepare(&city.officer, &other.program_id).await.unwrap();
    cancel(&city.officer, &dropped).await.unwrap();
    let paid = prepare(&city.officer, &other.program_id).await.unwrap();
    release(&city.approver, &paid).await.unwrap();
}

/// A superuser whom nothing holds back any more.
struct Superuser {
    session: PgConnection,
    tables: Vec<Table>,
}

impl Superuser {
    async fn enter(suite: &Suite) -> Self {
        let mut session = suite.database("settlement", "postgres").await;
        let alone = "set session_replication_role = replica;
                     alter table payment_answer alter number drop identity;
                     alter table ledger_account alter account_id drop identity;
                     drop index payment_order_one_open, payment_answer_taken_once,
                         run_one_open_per_program";
        session.execute(alone).await.unwrap();
        let mut tables = Vec::new();
        for name in TABLES {
            let kept = format!("create table kept_{name} as table {name}");
            session.execute(AssertSqlSafe(kept)).await.unwrap();
            tables.push(Table::read(&mut session, name).await);
            let needed = "select attname::text from pg_attribute
                          where attrelid = $1::regclass and attnum > 0 and attnotnull
                            and attidentity = '' and attnum <> all (
                                select unnest(conkey) from pg_constraint
                                where conrelid = attrelid and contype = 'p')";
            let needed: Vec<String> = sqlx::query_scalar(needed)
                .bind(name)
                .fetch_all(&mut session)
                .await
                .unwrap();
            for column in needed {
                let drop = format!("alter table {name} alter {column} drop not null");
                session.execute(AssertSqlSafe(drop)).await.unwrap();
            }
            if ["ledger_head", "event_head"].contains(&name) {
                continue;
            }
            let rules = "select conname::text from pg_constraint
                         where conrelid = $1::regclass and contype in ('c', 'u', 'f')";
            let rules: Vec<String> = sqlx::query_scalar(rules)
                .bind(name)
                .fetch_all(&mut session)
                .await
                .unwrap();
            for rule in rules {
                let drop = format!("alter table {name} drop constraint if exists {rule} cascade");
                session.execute(AssertSqlSafe(drop)).await.unwrap();
            }
        }
        Self { session, tables }
    }

    /// Does something, and says what; nothing where a row is as it was.
    async fn tamper(&mut self, random: &mut Rng) -> Option<String> {
        if random.u8(..50) == 0 {
            let entries = &self.tables[1];
            let cut = cut(random, entries.row_count);
            self.session
                .execute(AssertSqlSafe(cut.clone()))
                .await
                .unwrap();
            return Some(cut);
        }
        let table = &self.tables[random.usize(..self.tables.len())];
        let tampering = table.tampering(random);
        let done = self.session.execute(AssertSqlSafe(tampering.clone())).await;
        // A key that is taken, or nothing where something has to be.
        done.ok()?;
        let name = table.name;
        let changed = format!(
            "select exists (table {name} except all table kept_{name})
                 or exists (table kept_{name} except all table {name})"
        );
        let changed: bool = sqlx::query_scalar(AssertSqlSafe(changed))
            .fetch_one(&mut self.session)
            .await
            .unwrap();
        changed.then_some(tampering)
    }

    /// Puts everything back.
    async fn undo(&mut self) {
        let undo = |table: &Table| {
            let (name, columns) = (table.name, table.names());
            format!(
                "delete from {name}; insert into {name} ({columns}) select {columns} from kept_{name};"
            )
        };
        let undo: String = self.tables.iter().map(undo).collect();
        self.session.execute(AssertSqlSafe(undo)).await.unwrap();
    }
}

/// What a random hand seldom does, each with the kind by which it is named.
const CRAFTED: [(&str, &str); 16] = [
    (
        "update ledger_posting set payment_id = '' where posting_number = 1",
        "CAUSE_DISAGREES",
    ),
    (
        "update ledger_posting set amount_fen = -9223372036854775808 where posting_number = 2",
        "ENTRY_EDITED",
    ),
    // An account in two, each sound in itself.
    (
        "do $$
         declare
             split ledger_balance;
         begin
             select balance.* into split
             from ledger_balance balance join ledger_account account using (account_id)
             where payee_id is not null and number > 1
             order by account_id, number desc limit 1;
             insert into ledger_account (account_id, kind, program_id, year, payee_id)
             select 999999, kind, program_id, year, payee_id
             from ledger_account where account_id = split.account_id;
             update ledger_posting
             set debit_account_id = case debit_account_id when split.account_id then 999999
                                        else debit_account_id end,
                 credit_account_id = case credit_account_id when split.account_id then 999999
                                         else credit_account_id end
             where posting_number = split.posting_number;
             update ledger_balance set account_id = 999999, number = 1, before_fen = 0
             where account_id = split.account_id and number = split.number;
         end $$",
        "ACCOUNT_EDITED",
    ),
    (
        "insert into run_enterprise select run_id, '', 100, 100, 0, 100, 100, 0
         from run where state = 'approved' limit 1",
        "CAUSE_DISAGREES",
    ),
    (
        "insert into remittance (payment_id, run_number, year, amount_fen)
         select payment_id, 99, null, 500 from payment limit 1",
        "CAUSE_DISAGREES",
    ),
    (
        "update ledger_balance set kind = null where posting_number = 1",
        "BALANCE_EDITED",
    ),
    (
        "update enrollment set recorded_by = null",
        "CAUSE_DISAGREES",
    ),
    (
        "update payment set state = null where state = 'SETTLED'",
        "CAUSE_DISAGREES",
    ),
    (
        "update payment set state = 'LOST' where state = 'RETURNED'",
        "CAUSE_DISAGREES",
    ),
    (
        "update run set notice_ends_at = 'infinity' where notice_ends_at is not null",
        "CAUSE_DISAGREES",
    ),
    (
        "update run set notice_ends_at = 'infinity' where published_at is null",
        "CAUSE_DISAGREES",
    ),
    (
        "update run set published_at = '-infinity' where published_at is not null",
        "CAUSE_DISAGREES",
    ),
    (
        "update ledger_entry set recorded_at = 'infinity' where entry_number = 2",
        "ENTRY_EDITED",
    ),
    (
        "update ledger_entry set cause_id = null where entry_number = 2",
        "ENTRY_EDITED",
    ),
    (
        "update event set content = null where number = 2",
        "TRAIL_BROKEN",
    ),
    ("update event_head set digest = null", "TRAIL_BROKEN"),
];

#[tokio::test]
async fn a_thousand_random_tamperings_are_all_found() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    lived_in(&city).await;
    let whole: LedgerCheckpoint = verify(&city, None).await.unwrap();
    let mut intruder = Superuser::enter(&suite).await;
    let seed = fastrand::u64(..);
    let mut random = Rng::with_seed(seed);
    for (tampering, kind) in CRAFTED {
        let done = intruder.session.execute(AssertSqlSafe(tampering)).await;
        done.unwrap();
        let checked = verify(&city, None).await;
        let status = checked.expect_err(tampering);
        assert_eq!(reason(&status), "LEDGER_BROKEN", "{tampering}: {status}");
        assert_eq!(metadata(&status, "kind"), kind, "{tampering}: {status}");
        intruder.undo().await;
    }
    let mut found = 0;
    while found < TAMPERINGS {
        if let Some(tampering) = intruder.tamper(&mut random).await {
            let checked = verify(&city, None).await;
            let Err(status) = checked else {
                panic!("seed {seed}, not found: {tampering}");
            };
            assert_eq!(
                reason(&status),
                "LEDGER_BROKEN",
                "seed {seed}: {tampering}: {status}"
            );
            let kind = metadata(&status, "kind");
            assert!(
                KINDS.contains(&&*kind),
                "seed {seed}: {tampering}: {status}"
            );
            found += 1;
            intruder.undo().await;
        }
    }
    assert_eq!(verify(&city, None).await.unwrap(), whole, "seed {seed}");
    suite.stop().await;
}
