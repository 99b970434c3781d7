//! What each role of a database sees, by straight SQL and by every statement of the services.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gazelle_proto::settlement::v1::{Payee, Program};
use gazelle_proto::usage::v1::WithdrawPeriodRequest;
use gazelle_tests::city::{City, program};
use gazelle_tests::fresh;
use gazelle_tests::receipt::receipt;
use gazelle_tests::refusal::by_database;
use gazelle_tests::report::{fee, report, report_all, reversal, state};
use gazelle_tests::suite::Suite;
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

const PERIOD: &str = "2017-03";
const WITHDRAWN: &str = "2017-04";
const LATER: &str = "2017-05";

/// Statements that show everybody the same, by a part of their text: the names of fee kinds, which
/// are nobody's.
const OF_NOBODY: [&str; 2] = [
    "select fee_kind, name from fee_kind where name = any($1)",
    "select fee_kind, name from fee_kind",
];

/// Statements that may find nothing of the victim's, by a part of their text, and why.
const FIND_NOTHING: [&str; 3] = [
    // A sum of one merchant, kind and day that leaves 64 bits.
    "having sum(amount_fen) not between",
    // A record that a sealed period's reversal takes back.
    "and sealed offset 0",
    // What is not as it was written, of which there is none.
    r#"as "detail!""#,
];

/// A platform of which usage has one of everything: fees, reversals, what was refused, a statement,
/// a period that was withdrawn.
async fn victim(suite: &Suite) -> String {
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let one = fee("r", "shop", "COMMISSION", "2017-03-05", 100);
    report_all(&client, &platform, PERIOD, std::slice::from_ref(&one)).await;
    report_all(&client, &platform, PERIOD, &[reversal("v", &one, 30)]).await;
    let bad = |amount_fen| fee("bad", "shop", "COMMISSION", "2017-03-05", amount_fen);
    report(&client, &platform, PERIOD, &[bad(0)]).await.unwrap();
    // Which resolves what was refused.
    report_all(&client, &platform, PERIOD, &[bad(5)]).await;
    report_all(&client, &platform, LATER, &[reversal("x", &one, 10)]).await;
    state(&client, &platform, PERIOD, 3, 75).await.unwrap();
    let wrong = [fee("w", "shop", "COMMISSION", "2017-04-05", 7)];
    report_all(&client, &platform, WITHDRAWN, &wrong).await;
    let request = WithdrawPeriodRequest {
        platform_id: platform.clone(),
        period: WITHDRAWN.to_owned(),
        receipt: Some(receipt(&platform, WITHDRAWN, &wrong)),
    };
    client.usage.clone().withdraw_period(request).await.unwrap();
    platform
}

/// A platform that usage knows, of which it has nothing else.
async fn stranger(suite: &Suite) -> String {
    let platform = fresh::platform("stranger");
    let mut superuser = suite.database("usage", "postgres").await;
    // Numbers that are given go up from 1.
    let insert = "insert into platform (platform, platform_id)
                  select coalesce(min(platform) filter (where platform < 0), 0) - 1, $1 from platform";
    let insert = sqlx::query(insert).bind(&platform);
    insert.execute(&mut superuser).await.unwrap();
    platform
}

/// A session of a role that reads for a platform, or does not say for which.
async fn session_for(service: &str, role: &str, platform: Option<&str>) -> PgConnection {
    let mut session = Suite::shared().database(service, role).await;
    if let Some(platform) = platform {
        sqlx::query("select set_config('gazelle.platform', $1, false)")
            .bind(platform)
            .execute(&mut session)
            .await
            .unwrap();
    }
    session
}

/// The tables of a service.
async fn tables(service: &str) -> Vec<String> {
    let mut superuser = Suite::shared().database(service, "postgres").await;
    sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap()
}

/// What a session is shown by a query, as text, in a transaction that leaves nothing behind; or the
/// code with which it is refused.
async fn shown(session: &mut PgConnection, query: &str) -> Result<Vec<String>, String> {
    let mut tx = session.begin().await.unwrap();
    let rows = sqlx::raw_sql(AssertSqlSafe(query.to_owned())).fetch_all(&mut *tx);
    let rows = rows.await.map_err(|error| by_database(&error).0);
    tx.rollback().await.unwrap();
    let text = |row: &PgRow| row.try_get::<String, _>(0).unwrap_or_default();
    Ok(rows?.iter().map(text).collect())
}

/// Sees that a session may change no table.
async fn changes_nothing(session: &mut PgConnection, tables: &[String]) {
    for table in tables {
        let changes = [
            format!("insert into {table} default values"),
            format!("delete from {table} where false"),
            format!("truncate {table}"),
            format!("lock table {table} in share row exclusive mode"),
        ];
        for change in changes {
            let refused = shown(session, &change).await;
            assert_eq!(refused, Err("42501".to_owned()), "{change}");
        }
    }
}

#[tokio::test]
async fn a_platform_s_role_sees_nothing_of_others_in_any_table_and_changes_nothing() {
    let suite = Suite::shared();
    let (victim, stranger) = (victim(suite).await, stranger(suite).await);
    let role = "gazelle_usage_platform";
    let tables = tables("usage").await;
    let all_of = |table: &str| match table {
        "platform" => "select platform_id from platform".to_owned(),
        _ => format!("select t::text from {table} t"),
    };
    let mut own = session_for("usage", role, Some(&victim)).await;
    let mut seen = Vec::new();
    for other in [Some(&*stranger), Some("no-such-platform"), Some(""), None] {
        let mut session = session_for("usage", role, other).await;
        for table in tables.iter().filter(|table| *table != "fee_kind") {
            match shown(&mut session, &all_of(table)).await {
                Ok(rows) if table == "platform" && other == Some(&stranger) => {
                    assert_eq!(rows, std::slice::from_ref(&stranger));
                }
                Ok(rows) => {
                    assert_eq!(rows, [""; 0], "{table} to {other:?}");
                    assert!(
                        !shown(&mut own, &all_of(table)).await.unwrap().is_empty(),
                        "{table}"
                    );
                    seen.push(table.as_str());
                }
                Err(code) => assert_eq!(code, "42501", "{table}"),
            }
        }
        changes_nothing(&mut session, &tables).await;
    }
    seen.sort_unstable();
    seen.dedup();
    let of_platforms = [
        "period",
        "platform",
        "record",
        "refused_record",
        "reversed",
        "withdrawal",
        "withdrawn_record",
    ];
    assert_eq!(seen, of_platforms);
}

#[tokio::test]
async fn a_login_reads_nothing_by_itself_and_readers_and_auditors_change_nothing() {
    let suite = Suite::shared();
    victim(suite).await;
    let tables = tables("usage").await;
    let mut login = suite.database("usage", "gazelle_usage").await;
    for table in &tables {
        let read = shown(&mut login, &format!("select count(*)::text from {table}")).await;
        let may = ["_sqlx_migrations", "schema_floor"].contains(&&**table);
        assert_eq!(read.err(), (!may).then(|| "42501".to_owned()), "{table}");
    }
    changes_nothing(&mut login, &tables).await;
    let mut staff = suite.database("usage", "gazelle_usage_staff").await;
    changes_nothing(&mut staff, &tables).await;
    for service in ["registry", "usage", "settlement"] {
        let (auditor, all) = (
            format!("gazelle_{service}_auditor"),
            self::tables(service).await,
        );
        let mut auditor = suite.database(service, &auditor).await;
        for table in &all {
            let read = format!("select count(*)::text from {table}");
            shown(&mut auditor, &read)
                .await
                .unwrap_or_else(|code| panic!("{table}: {code}"));
        }
        changes_nothing(&mut auditor, &all).await;
    }
    // Whom security is forced on: who owns it may set it aside, but does not pass by it.
    let mut owner = suite.database("usage", "gazelle_usage_owner").await;
    for table in [
        "record",
        "period",
        "platform",
        "refused_record",
        "withdrawn_record",
    ] {
        let rows = shown(&mut owner, &format!("select t::text from {table} t")).await;
        assert_eq!(rows, Ok(Vec::new()), "{table}");
    }
}

/// The statements of a service that `sqlx` checked: all but COPY, and the chain's, which are of
/// tables that no platform's role may touch.
fn statements(service: &str) -> Vec<(String, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = fs::read_dir(root.join(format!("services/{service}/.sqlx"))).unwrap();
    let read = |file: fs::DirEntry| {
        let content: Value =
            serde_json::from_str(&fs::read_to_string(file.path()).unwrap()).unwrap();
        let types = content["describe"]["parameters"]["Left"]
            .as_array()
            .unwrap();
        let text = |value: &Value| value.as_str().unwrap_or("Text").to_owned();
        (text(&content["query"]), types.iter().map(text).collect())
    };
    files.map(|file| read(file.unwrap())).collect()
}

/// What a parameter of each type may be to find something of the victim's.
type Candidates = BTreeMap<&'static str, Vec<String>>;

async fn values_of(victim: &str) -> Candidates {
    let mut superuser = Suite::shared().database("usage", "postgres").await;
    let (number, fee_kind, key, refused): (i16, i32, String, String) = sqlx::query_as(
        "select platform, record.fee_kind, key::text, content_key::text
         from platform join record using (platform) join refused_record using (platform)
         where platform_id = $1 and record.record_id = 'r'",
    )
    .bind(victim)
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    let (period, withdrawn) = (2017 * 12 + 2, 2017 * 12 + 3);
    let each = |texts: &[String]| texts.iter().map(|text| format!("'{text}'")).collect();
    let arrays = |texts: &[String]| texts.iter().map(|text| format!("'{{{text}}}'")).collect();
    let numbers = [number, period, withdrawn].map(|number| number.to_string());
    let texts = [victim, "r", "shop"].map(str::to_owned);
    let mut values: Candidates = BTreeMap::from([
        ("Int2", each(&numbers)),
        ("Int4", each(&["0".to_owned(), "1".to_owned()])),
        ("Int8", each(&["100".to_owned()])),
        ("Numeric", each(&["100".to_owned()])),
        ("Text", each(&texts[..1])),
        ("Bool", each(&["true".to_owned()])),
        ("Uuid", Vec::new()),
        ("Timestamptz", Vec::new()),
        ("Int2Array", arrays(&numbers)),
        ("Int4Array", arrays(&[fee_kind.to_string()])),
        ("Int8Array", arrays(&["100".to_owned()])),
        ("TextArray", arrays(&texts)),
        ("UuidArray", arrays(&[key, refused])),
        ("DateArray", arrays(&["2017-03-05".to_owned()])),
        ("Bytea", each(&[String::new()])),
        ("ByteaArray", arrays(&[String::new()])),
        ("TimestamptzArray", arrays(&["2017-03-05".to_owned()])),
    ]);
    for optional in ["Int2", "Text", "Uuid", "Timestamptz", "TextArray"] {
        values.get_mut(optional).unwrap().push("null".to_owned());
    }
    values
}

/// The statement with each choice of values for its parameters.
fn filled(query: &str, types: &[String], values: &Candidates) -> Vec<String> {
    let mut filled = vec![query.to_owned()];
    // From the last on, so that `$1` is not found in `$12`.
    for (position, name) in types.iter().enumerate().rev() {
        let mark = format!("${}", position + 1);
        let kind = match name.strip_suffix("Array") {
            Some(kind) => format!("{}[]", kind.to_lowercase()),
            None => name.to_lowercase(),
        };
        let choices = values
            .get(&**name)
            .unwrap_or_else(|| panic!("{name} in {query}"));
        let put =
            |text: &String, value: &String| text.replace(&mark, &format!("({value}::{kind})"));
        filled = filled
            .iter()
            .flat_map(|text| choices.iter().map(move |value| put(text, value)))
            .collect();
    }
    filled
}

/// A statement as it is tried: what only reads, such that its rows are texts, with all values; of
/// what writes, rights decide alone.
fn tried(query: &str, types: &[String], values: &Candidates) -> Vec<String> {
    let writes = ["insert into", "update ", "delete from", "for key share"];
    if writes.iter().any(|word| query.contains(word)) {
        // The last, which is null where a value may be: nothing about a null cannot be read.
        let last = |(name, all): (&&'static str, &Vec<String>)| {
            (*name, all.last().into_iter().cloned().collect())
        };
        return filled(query, types, &values.iter().map(last).collect());
    }
    let filled = filled(query, types, values);
    let text = |text: &String| format!("select to_jsonb(q)::text from ({text}) q");
    filled.iter().map(text).collect()
}

#[tokio::test]
async fn every_statement_of_usage_finds_nothing_of_another_platform() {
    let suite = Suite::shared();
    let (victim, stranger) = (victim(suite).await, stranger(suite).await);
    let values = values_of(&victim).await;
    let role = "gazelle_usage_platform";
    let mut own = session_for("usage", role, Some(&victim)).await;
    let mut stranger = session_for("usage", role, Some(&stranger)).await;
    let mut nobody = session_for("usage", role, None).await;
    let [mut proved, mut denied] = [0, 0];
    for (query, types) in statements("usage") {
        if OF_NOBODY.contains(&&*query) {
            continue;
        }
        let mut found = false;
        for text in tried(&query, &types, &values) {
            let theirs = shown(&mut stranger, &text).await;
            if theirs.is_err() {
                // By rights, which are looked at before any row.
                assert_eq!(theirs, Err("42501".to_owned()), "{query}");
                denied += 1;
                found = true;
                break;
            }
            // An aggregate has a row for nothing, too.
            assert_eq!(theirs, shown(&mut nobody, &text).await, "{text}");
            found |= shown(&mut own, &text).await != theirs;
        }
        let known = FIND_NOTHING.iter().any(|part| query.contains(part));
        assert!(
            found || known,
            "nothing of the victim's is found by {query}"
        );
        proved += 1;
    }
    assert!(proved >= 50 && denied >= 20, "{proved} {denied}");
}

/// A platform that a program owes something.
async fn paid_platform(city: &City<'_>) -> String {
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let pays_platforms = Program {
        payee: Payee::Platform.into(),
        ..program(&id, &[&platform])
    };
    city.apply(pays_platforms).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    let records = [fee("r", "shop", "COMMISSION", "2017-01-05", 1_000)];
    city.seal_period(&platform, "2017-01", &records).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    city.approve(&run).await.unwrap();
    platform
}

#[tokio::test]
async fn registry_and_settlement_show_a_platform_s_role_itself_and_its_account() {
    let suite = Suite::shared();
    let city = City::on(suite);
    let platform = paid_platform(&city).await;
    let other = fresh::platform("other");
    city.bind(&other, "shop", &city.micro_enterprise().await)
        .await;
    let ledger = [
        "ledger_account",
        "ledger_balance",
        "ledger_posting",
        "ledger_entry",
    ];
    for (service, seen) in [("registry", &["platform"][..]), ("settlement", &ledger[..])] {
        let role = format!("gazelle_{service}_platform");
        let mut own = session_for(service, &role, Some(&platform)).await;
        for (to, is_other) in [(Some(&*other), true), (None, false)] {
            let mut session = session_for(service, &role, to).await;
            let tables = tables(service).await;
            for table in &tables {
                let all = match &**table {
                    // Which accounts programs have is nobody's.
                    "ledger_account" => {
                        "select payee_id from ledger_account where payee_id is not null".to_owned()
                    }
                    "platform" => "select platform_id from platform".to_owned(),
                    _ => format!("select t::text from {table} t"),
                };
                let rows = shown(&mut session, &all).await;
                if !seen.contains(&&**table) {
                    assert_eq!(rows, Err("42501".to_owned()), "{service} {table}");
                    continue;
                }
                let itself = (is_other && table == "platform").then(|| other.clone());
                assert_eq!(rows.unwrap(), Vec::from_iter(itself), "{table}");
                assert!(!shown(&mut own, &all).await.unwrap().is_empty(), "{table}");
            }
            changes_nothing(&mut session, &tables).await;
        }
    }
}
